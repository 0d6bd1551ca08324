"""What a viewer was sent of a film, by where it came from, as they are told it."""

import pytest
from django.utils import timezone

from filmedia.filecoin.piece import BLOCK_SIZE
from library.models import Rendition, ServerReport
from library.shapes import DeliveryShape
from streaming.cache import supply as supplies
from streaming.cache.supply import Supply
from streaming.doors import delivery, sessions, watched
from streaming.doors.delivery import Noted
from streaming.doors.viewers import Watcher
from streaming.http.ranges import Window
from streaming.reading.layouts import Layout
from streaming.reading.windows import open_window
from tests.making import stored_video
from tests.streaming.cache.conftest import Known
from tests.streaming.conftest import FILM
from tests.streaming.sources.conftest import acting
from tests.streaming.sources.rough import Rough

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def register(monkeypatch):
    """A process that has sent nothing yet."""
    fresh = watched.Register()
    monkeypatch.setattr("streaming.doors.delivery.register", fresh)
    monkeypatch.setattr("streaming.doors.summing.register", fresh)
    return fresh


@pytest.fixture
def told(client):
    def ask(user, film):
        client.force_login(user)
        answer = client.get(f"/api/v1/videos/{film.pk}/delivery/")
        assert answer.status_code == 200
        found = answer.json()
        assert set(found) == set(DeliveryShape().fields)
        return found

    return ask


def test_whoever_watches_is_told_their_own_bytes_and_nobody_elses(
    told, film, alice, admin, as_alice
):
    assert told(alice, film) == {
        "video": film.pk,
        "since": None,
        "bytes": 0,
        "sources": [],
        "failovers": 0,
        "complete": True,
    }
    as_alice(f"/stream/{film.pk}/")
    as_alice(f"/stream/{film.pk}/", Range="bytes=0-9")
    found = told(alice, film)
    assert found["bytes"] == len(FILM) + 10
    assert found["sources"] == [{"source": "shelf", "bytes": len(FILM) + 10}]
    assert found["since"] is not None
    assert told(admin, film)["bytes"] == 0


def test_what_came_of_a_rendition_counts_with_the_film(told, film, alice, as_alice):
    small = stored_video(alice, b"small", rendition_of=film, kind="film")
    Rendition.objects.create(original=film, quality=240, film=small, index={})
    as_alice(f"/stream/{film.pk}/", Range="bytes=0-9")
    as_alice(f"/stream/{small.pk}/")
    assert told(alice, film)["bytes"] == 15


def test_the_sums_outlast_a_pause_and_not_half_an_hour(
    told, film, alice, as_alice, register, monkeypatch
):
    as_alice(f"/stream/{film.pk}/", Range="bytes=0-9")
    monkeypatch.setattr(watched, "LINGER_SECONDS", -1)
    register.write()
    as_alice(f"/stream/{film.pk}/", Range="bytes=0-9")
    assert told(alice, film)["bytes"] == 20
    monkeypatch.setattr(sessions, "SILENT_SECONDS", -1)
    assert told(alice, film)["bytes"] == 0


def test_it_is_said_that_other_processes_send_too(told, film, alice, as_alice, register):
    as_alice(f"/stream/{film.pk}/", Range="bytes=0-9")
    register.report()
    assert told(alice, film)["complete"] is True
    ServerReport.objects.create(process="elsewhere:1:ab", seen_at=timezone.now())
    assert told(alice, film)["complete"] is False


def test_visitors_are_kept_no_sums_of(film, anyone, register):
    film.visibility = "public"
    film.save(update_fields=["visibility"])
    anyone(f"/stream/{film.pk}/")
    assert not register.sessions._kept


@pytest.mark.anyio
@pytest.mark.parametrize("is_kept", [True, False])
async def test_each_block_for_which_a_second_source_was_asked_is_one_failover(
    register, monkeypatch, is_kept
):
    """The first source has lost it; whether the disk takes the blocks changes nothing."""
    known = Known(3 * BLOCK_SIZE)
    [piece] = known.film.pieces
    rest = Rough({piece.piece_cid: known.data})
    async with acting(Rough({piece.piece_cid: known.data}, lambda: "has_lost_it"), rest) as scene:
        supply = Supply(scene.fetcher)
        if not is_kept:
            supply._store._rests_until = float("inf")
        monkeypatch.setattr(supplies, "supply", lambda: supply)
        monkeypatch.setattr("streaming.reading.windows.supply", lambda: supply)
        monkeypatch.setattr(Layout, "film", lambda *_: known.film)
        tally = register.tally(Watcher("user:7", 7), "film")
        noted = Noted(tally)
        layout = Layout(known.film.pieces, "", "film", known.film.cid, known.film.size)
        for _ in range(2):
            window = Window(0, known.film.size)
            reader = open_window(layout, window, lambda data, _: data, noted)
            data = b"".join([bytes(part) async for part in reader])
            assert data == known.data
        await supply.aclose()
    [session] = register.sessions.of_films(7, ["film"])
    assert noted.first == "provider 2"
    assert session.sources["provider 2"] >= known.film.size
    assert session.failovers == 1
    assert delivery.FAILOVER not in session.sources
