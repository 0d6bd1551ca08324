"""Who is being sent what, as rows tell it."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from library.models import ServerReport, Stream
from library.models.streams import SILENT
from library.storing import sweeps
from streaming.doors import limits, viewers, watched
from streaming.doors.answers import Opened
from streaming.doors.crowd import Crowd
from streaming.doors.delivery import Delivery
from streaming.doors.viewers import Watcher
from tests.streaming.conftest import FILM, Asking

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(monkeypatch):
    """A process that has sent nothing yet."""
    fresh = watched.Register()
    monkeypatch.setattr("streaming.doors.delivery.register", fresh)
    return fresh


def told():
    return [(row.video_id, row.user, row.requests, row.sent) for row in Stream.objects.all()]


def test_a_film_that_is_watched_is_a_row_however_many_requests_it_takes(
    register, film, alice, as_alice
):
    address = f"/stream/{film.pk}/"
    assert as_alice(address).body == FILM
    assert as_alice(address, Range="bytes=10-19").status == 206
    assert told() == []
    register.write()
    assert told() == [(film.pk, alice, 0, len(FILM) + 10)]
    as_alice(address, Range="bytes=0-4")
    register.write()
    assert told() == [(film.pk, alice, 0, len(FILM) + 15)]


def test_each_viewer_is_told_apart_and_visitors_are_not_named(register, film, alice, admin, anyone):
    film.visibility = "public"
    film.save(update_fields=["visibility"])
    address = f"/stream/{film.pk}/"
    for asking in (Asking(alice), Asking(admin), anyone):
        asking(address, Range="bytes=0-9")
    register.write()
    assert {row.user for row in Stream.objects.all()} == {alice, admin, None}
    visitor = Stream.objects.get(user=None).viewer
    assert visitor.startswith("visitor:") and "127.0.0.1" not in visitor


def test_what_sends_no_byte_is_no_stream(register, film, as_alice, as_mallory):
    address = f"/stream/{film.pk}/"
    etag = as_alice(address, "HEAD")["ETag"]
    assert as_alice(address, If_None_Match=etag).status == 304
    assert as_alice(address, Range="bytes=99999999-").status == 416
    assert as_mallory(address).status == 404
    register.write()
    assert [row for row in told() if row[2] or row[3]] == []


@pytest.mark.anyio
async def test_a_request_counts_as_open_from_its_first_byte_until_it_is_left():
    async def parts():
        yield b"second"

    tally = watched.Tally("user:1", 1, "vid_a")
    slot = await limits.admit(Watcher("user:1", 1), "vid_a")
    sent = Delivery(Opened(b"first", parts()), tally, slot)
    assert tally.requests == 0
    assert [await anext(sent), await anext(sent), await anext(sent)] == [b"first", b"", b"second"]
    assert (tally.requests, tally.sent) == (1, 11)
    await sent.aclose()
    await sent.aclose()
    assert (tally.requests, tally.sent) == (0, 11)


def test_a_row_goes_when_nothing_was_sent_for_a_while(register, film, as_alice, monkeypatch):
    as_alice(f"/stream/{film.pk}/", Range="bytes=0-9")
    register.write()
    assert Stream.objects.count() == 1
    monkeypatch.setattr(watched, "LINGER_SECONDS", -1)
    register.write()
    assert Stream.objects.count() == 0


def test_a_visitor_who_calls_themselves_ever_anew_is_one_in_the_end(
    register, film, alice, monkeypatch
):
    monkeypatch.setattr(watched, "MOST_APART", 3)
    for number in range(50):
        visitor = viewers.watcher(AnonymousUser(), "203.0.113.9", f"agent {number}")
        register.tally(visitor, film.pk).count(10)
    register.tally(Watcher(f"user:{alice.pk}", alice.pk), film.pk).count(7)
    register.write()
    assert sorted(row.sent for row in Stream.objects.all()) == [7, 10, 10, 10, 470]
    assert Stream.objects.get(user=alice).sent == 7
    monkeypatch.setattr(watched, "LINGER_SECONDS", -1.0)
    with CaptureQueriesContext(connection) as asked:
        register.write()
    assert not Stream.objects.exists()
    assert sum("DELETE" in query["sql"] for query in asked) == 1


def test_bytes_of_a_film_that_is_gone_meanwhile_leave_no_row(register, film, as_alice):
    as_alice(f"/stream/{film.pk}/", Range="bytes=0-9")
    film.delete()
    register.write()
    assert told() == []


def test_rows_of_a_process_that_was_killed_are_swept(film, alice):
    now = timezone.now()
    for process, seen_at in (("dead", now - 2 * SILENT), ("alive", now)):
        Stream.objects.create(
            process=process, viewer="user:1", user=alice, video=film, seen_at=seen_at
        )
    assert [row.process for row in Stream.objects.now()] == ["alive"]
    sweeps.overdue()
    assert [row.process for row in Stream.objects.all()] == ["alive"]


def test_what_other_processes_send_is_read_for_the_limits(register, film, alice, monkeypatch):
    crowd = Crowd()
    monkeypatch.setattr(watched, "crowd", crowd)
    assert register.look() is False
    now = timezone.now()
    for process, viewer, seen_at in (
        (register.process, "user:1", now),
        ("host:2", "user:1", now),
        ("host:2", "visitor:ab.cd", now),
        ("host:3", "visitor:ab.ef", now),
        ("dead", "user:1", now - 2 * SILENT),
    ):
        Stream.objects.create(
            process=process, viewer=viewer, video=film, requests=2, seen_at=seen_at
        )
    assert register.look() is True
    assert (crowd.others, crowd.others_of("user:1"), crowd.others_of("visitor:ab")) == (6, 2, 4)
    assert crowd.has_files
    monkeypatch.setattr("streaming.doors.crowd.BELIEVED_SECONDS", -1)
    assert (crowd.others, crowd.others_of("user:1")) == (0, 0)


def test_streams_are_written_down_more_often_while_somebody_looks_on(register, monkeypatch):
    assert register.look() is False
    ServerReport.objects.follow()
    assert register.look() is True
    ServerReport.objects.update(followed_until=timezone.now())
    assert register.look() is False


def test_a_row_tells_where_the_bytes_come_from(register, film, as_alice):
    as_alice(f"/stream/{film.pk}/", Range="bytes=0-9")
    register.write()
    assert Stream.objects.get().source == "shelf"
    register.write()
    assert Stream.objects.get().source == "shelf"


def test_visitors_of_one_address_are_limited_as_one_by_all_processes():
    def told(address, agent="a browser"):
        return viewers.watcher(AnonymousUser(), address, agent)

    one, other = told("203.0.113.7"), told("203.0.113.7", "a telephone")
    assert one.key != other.key
    assert one.limited_as == other.limited_as != told("203.0.113.8").limited_as
    # All of one network of IPv6 may be one visitor's.
    assert told("2001:db8::1").limited_as == told("2001:db8::ffff:1").limited_as
    assert told("2001:db8::1").limited_as != told("2001:db8:0:1::1").limited_as
    viewers._told.cache_clear()
    assert told("203.0.113.7") == one
