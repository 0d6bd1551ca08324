"""A film that is known by its PieceCIDs only is watched while it is fetched."""

import asyncio
import hashlib
import threading

import pytest
from django.conf import settings

from filmedia.filecoin.piece import PieceCid, film_cid
from filmedia.filecoin.provider.client import Provider
from library.importing import asking, fetching, lease, reading
from library.importing.pieces import Place
from library.models import Import, Video, Visibility
from library.storing.errors import Interrupted
from streaming.doors import arriving
from streaming.doors.handler import LANES, ByteHandler
from streaming.http.ranges import Window
from streaming.reading import arriving as reading_arriving
from streaming.reading.arriving import Arriving
from tests.importing.serving import Serving
from tests.making import stored_video
from tests.streaming.conftest import Asking

pytestmark = pytest.mark.django_db(transaction=True)

PIECE = 127 * 2**13
FILM = b"\0\0\0\x18ftypisom" + hashlib.shake_256(b"arriving").digest(2 * PIECE + 54_321)

PLACES = [Place(f"http://127.0.0.1:{port}", True) for port in (1, 2, 3)]


@pytest.fixture
def elsewhere(settings):
    with Serving() as serving:
        settings.IMPORT_HOSTS = ["127.0.0.1"]
        yield serving


@pytest.fixture
def cids(elsewhere):
    return [elsewhere.keep(FILM[at : at + PIECE]) for at in range(0, len(FILM), PIECE)]


@pytest.fixture
def row(elsewhere, cids, alice):
    return asking.ask(alice, cids, [elsewhere.url], title="Harbour")


def fetch_pieces(row, count, elsewhere):
    """Fetch so many pieces and be stopped then, as when a worker is."""
    stopping = threading.Event()
    taken = lease.claim("a test", stopping, only=row.pk)

    def at(position):
        if position >= count * PIECE:
            stopping.set()

    with pytest.raises(Interrupted):
        fetching.perform(taken, at)
    row.refresh_from_db()
    assert row.upload.offset == count * PIECE


@pytest.mark.parametrize("came", [0, 1, 2])
@pytest.mark.parametrize(
    ("start", "stop"),
    [(0, len(FILM)), (PIECE - 1, PIECE + 1), (2 * PIECE + 5, 2 * PIECE + 5000), (0, 10)],
)
def test_every_window_is_just_its_bytes_however_far_it_has_come(
    row, elsewhere, as_alice, came, start, stop
):
    if came:
        fetch_pieces(row, came, elsewhere)
    answer = as_alice(f"/stream/{row.pk}/", Range=f"bytes={start}-{stop - 1}")
    assert (answer.status, answer["Content-Type"]) == (206, "video/mp4")
    assert answer["Content-Range"] == f"bytes {start}-{stop - 1}/{len(FILM)}"
    assert answer.body == FILM[start:stop]


def test_what_has_come_is_not_asked_for_elsewhere_again(row, elsewhere, as_alice):
    fetch_pieces(row, 1, elsewhere)
    elsewhere.asked.clear()
    assert as_alice(f"/stream/{row.pk}/", Range="bytes=100-999999").body == FILM[100:1_000_000]
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    ("stop", "told"), [(PIECE, "stored"), (PIECE + 1, "no"), (len(FILM), "no")]
)
def test_an_answer_is_called_verified_only_where_all_of_it_is(row, elsewhere, as_alice, stop, told):
    fetch_pieces(row, 1, elsewhere)
    answer = as_alice(f"/stream/{row.pk}/", Range=f"bytes=0-{stop - 1}")
    assert answer["X-Filmedia-Verified"] == told


def test_bytes_that_nobody_verified_are_kept_by_no_browser(row, cids, as_alice):
    answer = as_alice(f"/stream/{row.pk}/", Range="bytes=0-99")
    assert answer["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    named = f'"{film_cid([PieceCid.parse(cid) for cid in cids])}"'
    again = as_alice(f"/stream/{row.pk}/", If_None_Match=named, Range="bytes=0-99")
    assert (again.status, again.body) == (206, FILM[:100])


def test_its_type_is_found_out_once(row, elsewhere, as_alice):
    for _ in range(3):
        assert as_alice(f"/stream/{row.pk}/", "HEAD")["Content-Type"] == "video/mp4"
    assert len(elsewhere.asked) == 1


def test_a_place_that_hangs_keeps_nobody_else_waiting(row, elsewhere, cids, alice, client):
    film = stored_video(alice, visibility=Visibility.PUBLIC)
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    cookie = f"{name}={client.cookies[name].value}".encode()
    elsewhere.hanging.add(cids[0])

    async def watch() -> list[int]:
        door, statuses = ByteHandler(None), []

        async def never():
            await asyncio.Event().wait()

        async def send(message):
            statuses.extend([message["status"]] if "status" in message else [])

        def asking_for(path):
            headers = [(b"host", b"testserver"), (b"cookie", cookie)]
            scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
            return asyncio.create_task(door(scope, never, send))

        hanging = [asking_for(f"/stream/{row.pk}/") for _ in range(LANES)]
        while len(elsewhere.asked) < LANES:
            await asyncio.sleep(0.01)
        try:
            await asyncio.wait_for(asking_for(f"/stream/{film.pk}/"), 20)
        finally:
            elsewhere.release.set()
            for task in hanging:
                task.cancel()
            await asyncio.gather(*hanging, return_exceptions=True)
        return statuses

    assert asyncio.run(asyncio.wait_for(watch(), 60)) == [200]


def test_it_is_for_whoever_imports_it_and_for_staff(row, as_mallory, anyone, admin):
    for asker, status in ((as_mallory, 404), (anyone, 404), (Asking(admin), 206)):
        assert asker(f"/stream/{row.pk}/", Range="bytes=0-9").status == status


def test_once_it_is_a_film_it_is_one_at_its_own_address(row, as_alice, client, alice):
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/import/{row.pk}/watch/")
    assert page.status_code == 200
    assert "Not verified yet." in page.content.decode()
    assert f"/stream/{row.pk}/" in page.content.decode()
    done = fetching.perform(lease.claim("a test", only=row.pk))
    assert done.state == Import.State.DONE
    video = Video.objects.get()
    assert as_alice(f"/stream/{row.pk}/").status == 404
    assert client.get(f"/import/{row.pk}/watch/")["Location"] == f"/watch/{video.pk}/"


def test_a_place_that_breaks_off_ends_the_stream_short_and_not_quietly(
    row, elsewhere, cids, as_alice, monkeypatch
):
    monkeypatch.setattr(reading, "PAUSE", 0)
    elsewhere.pieces.pop(cids[1])
    assert as_alice(f"/stream/{row.pk}/", Range=f"bytes={PIECE}-{PIECE + 9}").status == 503


def test_places_that_are_silent_are_told_of_in_time(row, as_alice, monkeypatch):
    """Not after the half a minute that a place may be silent for whoever fetches all of it."""
    silent = threading.Event()

    async def never(self, *span):
        silent.set()
        await asyncio.Event().wait()
        yield b""

    monkeypatch.setattr(Provider, "stream", never)
    monkeypatch.setattr(arriving, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(arriving, "FIRST_SECONDS", 0.4)
    answer = as_alice(f"/stream/{row.pk}/", Range="bytes=0-9")
    assert silent.is_set()
    assert answer.status == 503
    assert b"cannot be read at the moment" in answer.body


def test_where_one_place_is_silent_the_next_is_asked(row, cids, as_alice, monkeypatch):
    asked = []

    async def stream(self, cid, start=0, stop=None):
        asked.append(start)
        if len(asked) == 2:
            yield FILM[start : start + 5]
        if len(asked) < 3:
            await asyncio.Event().wait()
        yield FILM[start:stop]

    monkeypatch.setattr(Provider, "stream", stream)
    monkeypatch.setattr(reading_arriving, "SILENT_SECONDS", 0.1)
    first = Arriving("", PIECE, 0, [PieceCid.parse(cid) for cid in cids], PLACES, patience=0.3)

    async def read() -> bytes:
        parts = first.parts(Window(2, 20), lambda data, at: data, lambda source, size: None)
        return b"".join([bytes(part) async for part in parts])

    assert asyncio.run(read()) == FILM[2:20]
    # The second gave five bytes and fell silent: the third goes on from there.
    assert asked == [2, 2, 7]
