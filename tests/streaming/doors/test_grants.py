"""Rights that end: whoever was let in is let in no more, and running streams end too."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError
from django.test import Client

from library import devices, films, media_addresses, people
from library.errors import KeyUnavailable
from library.jobs import actions, beginning, selection, working
from library.media_addresses import VISITOR, Bearer, Kind
from library.models import DeviceToken, Step, Video, Visibility
from library.models.films import is_seen_by
from library.storing import anew, steps
from streaming.doors import grants as knowing
from tests.making import SMALL_PIECES, stored_video, taken
from tests.running import polling
from tests.streaming.conftest import FILM
from tests.streaming.doors.test_media import Asking, address

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def asking():
    return Asking()


@pytest.fixture
def film(alice):
    return stored_video(alice, FILM, piece_size=SMALL_PIECES, visibility=Visibility.MEMBERS)


@pytest.fixture
def watching(asking, film, client, mallory):
    """Mallory watches, in her session: what a request of hers is answered now."""
    client.force_login(mallory, BACKEND)
    url = client.get(f"/api/v1/videos/{film.pk}/").json()["media_url"]

    def watch() -> int:
        return asking(url, Range="bytes=0-9").status

    assert watch() == 206
    return watch


def looked(asking: Asking) -> None:
    """A second later."""
    asking.grants.look()


def test_signing_out_ends_it(asking, watching, client):
    client.post("/logout/")
    looked(asking)
    assert watching() == 403


def test_another_session_goes_on(asking, watching, mallory):
    other = Client()
    other.force_login(mallory, BACKEND)
    other.post("/logout/")
    looked(asking)
    assert watching() == 206


def test_a_new_password_ends_it(asking, watching, mallory):
    people.change_password(mallory, old="mallory's long password", new="something else entirely")
    looked(asking)
    assert watching() == 403


def test_an_account_that_is_closed_ends_it(asking, watching, mallory):
    mallory.is_active = False
    mallory.save()
    looked(asking)
    assert watching() == 403


def test_an_account_that_is_opened_again_may_go_on(asking, watching, mallory):
    for active, status in ((False, 403), (True, 206)):
        mallory.is_active = active
        mallory.save()
        looked(asking)
        assert watching() == status


def test_signing_in_elsewhere_ends_nothing(asking, watching, mallory):
    Client().post("/login/", {"username": "mallory", "password": "mallory's long password"})
    looked(asking)
    assert watching() == 206


def test_a_film_that_is_less_visible_ends_for_those_who_lost_it(asking, watching, film, alice):
    owner = address(film, Bearer(Kind.SESSION, alice))
    films.change(film, visibility=Visibility.PRIVATE)
    looked(asking)
    assert watching() == 403
    assert asking(owner, Range="bytes=0-9").status == 206


def test_one_of_many_that_are_less_visible_ends_too(asking, watching, film, alice):
    chosen = selection.of([film.pk])
    given = {"visibility": Visibility.PRIVATE}
    beginning.begin(actions.named("visibility"), chosen, given, alice)
    assert working.take_one("a test")
    looked(asking)
    assert watching() == 403


def test_words_that_change_end_nothing(asking, watching, film):
    films.change(film, title="Pier", tags=["sea"])
    looked(asking)
    assert watching() == 206


def test_the_trash_ends_it_and_restoring_lets_go_on(asking, watching, film):
    films.trash(film)
    looked(asking)
    assert watching() == 403
    films.restore(film)
    looked(asking)
    assert watching() == 206


def test_erasing_ends_it(asking, watching, film):
    films.trash(film)
    films.erase(film)
    looked(asking)
    assert watching() == 403


def test_a_visitor_is_shown_out_when_it_is_public_no_more(asking, film):
    films.change(film, visibility=Visibility.PUBLIC)
    url = address(film, VISITOR)
    assert asking(url, Range="bytes=0-9").status == 206
    films.change(film, visibility=Visibility.MEMBERS)
    looked(asking)
    assert asking(url, Range="bytes=0-9").status == 403


def test_a_token_that_is_revoked_ends_it(asking, film, mallory):
    device, _ = DeviceToken.objects.create(user=mallory, device="phone")
    holder = bytes.fromhex(media_addresses.revoking.digest(device.digest))
    url = address(film, Bearer(Kind.DEVICE, mallory, holder))
    assert asking(url, Range="bytes=0-9").status == 206
    devices.sign_out(mallory, device.public_id)
    looked(asking)
    assert asking(url, Range="bytes=0-9").status == 403


def test_staff_who_are_staff_no_more_lose_what_others_keep(asking, alice, admin):
    private = stored_video(alice, FILM)
    url = address(private, Bearer(Kind.SESSION, admin))
    assert asking(url, Range="bytes=0-9").status == 206
    admin.is_staff = False
    admin.save()
    looked(asking)
    assert asking(url, Range="bytes=0-9").status == 403


@pytest.mark.open_storage
def test_stored_anew_it_goes_on_from_its_new_pieces(asking, alice):
    film = stored_video(
        alice, FILM, piece_size=SMALL_PIECES, visibility=Visibility.PRIVATE, stored_open=True
    )
    url = address(film, Bearer(Kind.SESSION, alice))
    before = asking(url)
    films.store_anew(film)
    anew.run(taken(steps.Step.objects.get(video=film, kind=Step.Kind.ENCRYPT)))
    looked(asking)
    after = asking(url)
    assert (before.body, after.body) == (FILM, FILM)
    assert after["Etag"] == f'"{Video.objects.get(pk=film.pk).piece_cid}"' != before["Etag"]


def test_a_process_that_begins_knows_what_ended_before(film, client, mallory):
    client.force_login(mallory, BACKEND)
    url = client.get(f"/api/v1/videos/{film.pk}/").json()["media_url"]
    client.post("/logout/")
    assert Asking()(url).status == 403


def test_nobody_is_let_in_when_it_cannot_be_known(asking, watching, monkeypatch):
    def broken(self):
        raise OperationalError("no database")

    monkeypatch.setattr(knowing.Grants, "look", broken)
    assert watching() == 206
    asking.grants._looked_at -= knowing.SURE_SECONDS + 1
    assert watching() == 503


def test_what_could_not_be_followed_at_once_is_not_missed(asking, watching, client, monkeypatch):
    """The database goes away between the question for news and the next one."""
    films.change(Video.objects.get(), visibility=Visibility.PUBLIC)
    client.post("/logout/")

    def broken(self, ids):
        raise OperationalError("no database")

    with monkeypatch.context() as patched, pytest.raises(OperationalError):
        patched.setattr(knowing.Grants, "_load_films", broken)
        looked(asking)
    looked(asking)
    assert watching() == 403


def test_a_look_is_one_query(asking, watching, django_assert_num_queries):
    with django_assert_num_queries(1):
        looked(asking)


def test_only_so_many_films_and_accounts_are_kept(asking, alice, monkeypatch):
    monkeypatch.setattr(knowing, "FILMS", 2)
    videos = [stored_video(alice, visibility=Visibility.PUBLIC) for _ in range(4)]
    for _ in range(2):
        for video in videos:
            assert asking(address(video)).status == 200
    assert len(asking.grants._films) == 2


def test_the_rule_is_that_of_lists(alice, mallory, admin):
    """Who may see a film, asked of a row and of the database."""
    for visibility in Visibility.values:
        video = stored_video(alice, visibility=visibility)
        for trashed in (False, True):
            if trashed:
                films.trash(video)
                video.refresh_from_db()
            for user in (alice, mallory, admin, admin.as_member(), AnonymousUser()):
                listed = Video.objects.visible_to(user).filter(pk=video.pk).exists()
                assert is_seen_by(video, user) == listed, (visibility, trashed, user)


# --- streams that run


class Slow:
    """A viewer who takes one part, and then waits to be let go."""

    def __init__(self, asking: Asking, url: str) -> None:
        self.asking, self.url = asking, url
        self.began, self.go_on = asyncio.Event(), asyncio.Event()
        self.sent = 0
        self.is_whole = False

    async def __call__(self) -> None:
        async def send(message):
            self.sent += len(message.get("body", b""))
            self.is_whole = "body" in message and not message.get("more_body", False)
            if self.sent:
                self.began.set()
                await self.go_on.wait()

        path = self.url
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b""}
        await self.asking.door({**scope, "headers": [], "client": ("", 0)}, None, send)


@pytest.mark.parametrize("reads_on", [True, False], ids=["that reads on", "that is stalled"])
def test_a_stream_that_runs_ends_when_its_right_does(asking, film, reads_on):
    films.change(film, visibility=Visibility.PUBLIC)

    async def watch() -> Slow:
        viewer = Slow(asking, address(film, VISITOR))
        task = asyncio.create_task(viewer())
        await asyncio.wait_for(viewer.began.wait(), 20)
        await sync_to_async(films.change)(film, visibility=Visibility.PRIVATE)
        await sync_to_async(asking.grants.look)()
        await sync_to_async(asking.grants.end_streams)()
        if reads_on:
            viewer.go_on.set()
        await asyncio.wait_for(task, 20)
        return viewer

    viewer = async_to_sync(watch)()
    assert not viewer.is_whole
    assert viewer.sent < len(FILM)
    assert not asking.grants._running


def test_a_film_that_cannot_be_opened_any_more_keeps_no_other_from_ending(
    asking, film, alice, monkeypatch
):
    """Its key is under a library key that this process does not have."""
    other = stored_video(alice, FILM, piece_size=SMALL_PIECES, visibility=Visibility.PUBLIC)
    films.change(film, visibility=Visibility.PUBLIC)
    body = knowing._body

    def locked(video):
        if video.pk == film.pk:
            raise KeyUnavailable("The library key is missing.")
        return body(video)

    async def watch() -> list[Slow]:
        viewers = [Slow(asking, address(one, VISITOR)) for one in (film, other)]
        tasks = [asyncio.create_task(viewer()) for viewer in viewers]
        for viewer in viewers:
            await asyncio.wait_for(viewer.began.wait(), 20)
        monkeypatch.setattr(knowing, "_body", locked)
        await sync_to_async(asking.grants.forget)(film.pk)
        await sync_to_async(films.change)(other, visibility=Visibility.PRIVATE)
        await sync_to_async(asking.grants.look)()
        await sync_to_async(asking.grants.end_streams)()
        await asyncio.wait_for(asyncio.gather(*tasks), 20)
        return viewers

    assert not any(viewer.is_whole for viewer in async_to_sync(watch)())


def test_whatever_goes_wrong_rights_are_looked_at_again(monkeypatch):
    looks = []

    def look(self):
        looks.append(1)
        if len(looks) == 1:
            raise KeyUnavailable("The library key is missing.")

    monkeypatch.setattr(knowing, "LOOK_SECONDS", 0.01)
    # It looks once, and waits until it is wanted again.
    monkeypatch.setattr(knowing, "IDLE_SECONDS", -1.0)
    monkeypatch.setattr(knowing.Grants, "look", look)
    grants = knowing.Grants()
    grants.keep_looking()
    for count in (1, 2):
        grants._wanted.set()
        for _ in polling(20):
            if not grants._wanted.is_set():
                break
        assert len(looks) == count


def test_a_stream_that_runs_ends_with_its_address(asking, film, monkeypatch):
    films.change(film, visibility=Visibility.PUBLIC)

    async def watch() -> Slow:
        viewer = Slow(asking, address(film, VISITOR))
        task = asyncio.create_task(viewer())
        await asyncio.wait_for(viewer.began.wait(), 20)
        later = time.time() + 24 * 3600
        monkeypatch.setattr(media_addresses.time, "time", lambda: later)
        await sync_to_async(asking.grants.end_streams)()
        monkeypatch.undo()
        await asyncio.wait_for(task, 20)
        return viewer

    assert not async_to_sync(watch)().is_whole


def test_a_stream_whose_right_holds_goes_on_to_its_end(asking, film):
    films.change(film, visibility=Visibility.PUBLIC)

    async def watch() -> Slow:
        viewer = Slow(asking, address(film, VISITOR))
        task = asyncio.create_task(viewer())
        await asyncio.wait_for(viewer.began.wait(), 20)
        await sync_to_async(films.change)(film, title="Pier")
        await sync_to_async(asking.grants.look)()
        await sync_to_async(asking.grants.end_streams)()
        viewer.go_on.set()
        await asyncio.wait_for(task, 20)
        return viewer

    viewer = async_to_sync(watch)()
    assert viewer.is_whole
    assert viewer.sent == len(FILM)


def test_a_refusal_says_what_to_do(asking, film):
    answer = asking(address(film, VISITOR))
    assert answer.status == 403
    assert "Ask for a new one" in json.loads(answer.body)["detail"]
