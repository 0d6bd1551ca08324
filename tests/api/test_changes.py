"""What changed since a phone last looked."""

import pytest

from library import events, films
from library.catalogue import collections, playlists
from library.models import Event, Video
from tests.making import received_video

pytestmark = pytest.mark.django_db(transaction=True)

CHANGES = "/api/v1/changes/"
NOTHING = {"changed": [], "deleted": []}


@pytest.fixture(autouse=True)
def something_happened_before():
    events.record_for_staff("library.began")


class Follower:
    """Somebody's phone, which asks for what it has not been told yet."""

    def __init__(self, client) -> None:
        self.client = client
        self.since = client.get(CHANGES).json()["since"]

    def look(self, limit=200) -> dict:
        told = self.client.get(f"{CHANGES}?since={self.since}&limit={limit}").json()
        self.since = told["since"]
        return told


@pytest.fixture
def hers(phone):
    return Follower(phone)


@pytest.fixture
def his(stranger):
    return Follower(stranger)


def test_who_begins_is_told_where_to_follow_from_and_nothing_else(phone, alice):
    received_video(alice)
    told = phone.get(CHANGES).json()
    assert told["since"] == Event.objects.newest()
    assert (told["videos"], told["playlists"], told["more"]) == (NOTHING, NOTHING, False)


def test_a_change_is_told_once(hers, alice):
    video = received_video(alice)
    assert hers.look()["videos"]["changed"] == [video.pk]
    films.change(video, title="Dawn")
    films.change(video, title="Dusk")
    assert hers.look()["videos"] == {"changed": [video.pk], "deleted": []}
    assert hers.look()["videos"] == NOTHING


def test_what_may_not_be_seen_any_more_is_told_as_deleted(hers, his, alice):
    shared = received_video(alice, b"shared", visibility="members")
    assert his.look()["videos"]["changed"] == [shared.pk]
    films.change(shared, visibility="private")
    assert his.look()["videos"] == {"changed": [], "deleted": [shared.pk]}
    assert hers.look()["videos"] == {"changed": [shared.pk], "deleted": []}
    films.change(shared, visibility="members")
    assert his.look()["videos"]["changed"] == [shared.pk]
    films.trash(shared)
    assert his.look()["videos"]["deleted"] == [shared.pk]


def test_a_film_that_was_erased_is_told_as_deleted(hers, his, alice):
    shared = received_video(alice, b"shared", visibility="members")
    hers.look(), his.look()
    pk = shared.pk
    films.trash(shared)
    films.erase(Video.objects.get(pk=pk))
    assert hers.look()["videos"]["deleted"] == [pk]
    assert his.look()["videos"]["deleted"] == [pk]


def test_renditions_are_neither_told_nor_to_be_forgotten(hers, alice):
    shown = received_video(alice, b"the film")
    rendition = received_video(alice, b"its rendition")
    hers.look()
    Video.objects.filter(pk=rendition.pk).update(rendition_of=shown)
    rendition.refresh_from_db()
    events.record("video.stored", video=rendition)
    told = hers.look()["videos"]
    assert rendition.pk not in told["changed"] + told["deleted"]


def test_a_stranger_learns_nothing_of_what_is_private(his, alice):
    video = received_video(alice)
    films.change(video, title="Dawn")
    mine = playlists.create(alice, "Evenings")
    playlists.change(mine, title="Mornings")
    collections.put_in(collections.create(alice, "Alps"), [video], alice)
    films.trash(video)
    told = his.look()
    assert [told[kind] for kind in ("videos", "collections", "playlists")] == [NOTHING] * 3


def test_playlists_are_told_to_whoever_sees_them(hers, his, alice):
    mine = playlists.create(alice, "Evenings", visibility="members")
    assert hers.look()["playlists"]["changed"] == [mine.pk]
    assert his.look()["playlists"]["changed"] == [mine.pk]
    playlists.change(mine, visibility="private")
    assert his.look()["playlists"]["deleted"] == [mine.pk]
    playlists.change(mine, visibility="public")
    assert his.look()["playlists"]["changed"] == [mine.pk]
    playlists.delete(mine)
    assert his.look()["playlists"]["deleted"] == [mine.pk]
    assert hers.look()["playlists"]["deleted"] == [mine.pk]


def test_a_collection_comes_and_goes_with_the_films_that_one_sees(hers, his, alice):
    shelf = collections.create(alice, "Alps")
    assert hers.look()["collections"]["changed"] == [shelf.pk]
    shared = received_video(alice, b"shared", visibility="members")
    his.look()
    collections.put_in(shelf, [shared], alice)
    assert his.look()["collections"]["changed"] == [shelf.pk]
    shared.refresh_from_db()
    films.change(shared, visibility="private")
    told = his.look()
    assert (told["collections"]["deleted"], told["videos"]["deleted"]) == ([shelf.pk], [shared.pk])
    films.change(shared, visibility="members")
    his.look(), hers.look()
    collections.delete(shelf)
    assert his.look()["collections"]["deleted"] == [shelf.pk]
    assert hers.look()["collections"]["deleted"] == [shelf.pk]


def test_pages_lead_to_the_end_and_leave_nothing_out(hers, alice):
    made = [received_video(alice, f"film {n}".encode()).pk for n in range(5)]
    found, more = [], True
    while more:
        told = hers.look(limit=1)
        found += told["videos"]["changed"]
        more = told["more"]
    assert list(dict.fromkeys(found)) == made


def test_a_history_that_is_gone_says_to_begin_anew(phone, alice):
    for n in range(3):
        received_video(alice, f"film {n}".encode())
    first, newest = Event.objects.order_by("seq").first(), Event.objects.newest()
    Event.objects.filter(seq__lte=first.seq + 1).delete()
    assert phone.get(f"{CHANGES}?since={first.seq + 1}").status_code == 200
    for since in (first.seq, newest + 1):
        answer = phone.get(f"{CHANGES}?since={since}")
        told = answer.json()
        assert (answer.status_code, told["code"], told["reset"]) == (410, "history-gone", True)
        assert told["current"] == newest


@pytest.mark.parametrize("since", ["x", "-1", "", "1" * 19, "\uff11"])
def test_a_number_that_is_none_of_ours_is_refused(phone, since):
    answer = phone.get(CHANGES, {"since": since})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/since")


def test_a_film_that_comes_or_goes_changes_the_playlists_it_is_in(his, alice, mallory):
    film = received_video(alice, visibility="members")
    shown = playlists.create(alice, "Evenings", visibility="members")
    playlists.add(playlists.create(alice, "Mine alone"), [film.pk], alice)
    playlists.add(shown, [film.pk], alice)
    his.look()
    films.change(film, visibility="private")
    assert his.look()["playlists"] == {"changed": [shown.pk], "deleted": []}
    films.change(film, title="What nobody else need know")
    assert his.look()["playlists"] == NOTHING
