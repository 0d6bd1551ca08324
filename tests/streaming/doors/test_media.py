"""Door two: films at signed addresses, without Django in front of them."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.utils.http import http_date

from library import films, media_addresses, places
from library.media_addresses import VISITOR, Bearer, Kind
from library.models import Visibility
from streaming.doors import hot
from streaming.doors.crowd import crowd
from streaming.doors.grants import Grants
from streaming.doors.media import Media
from streaming.errors import BytesUnavailable
from tests.making import SMALL_PIECES, stored_video
from tests.streaming.conftest import FILM, Answer, known_bytes

pytestmark = pytest.mark.django_db


async def nothing_else(scope, receive, send):
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"the site"})


class Asking:
    """A server that hands requests to the door, and its one client."""

    def __init__(self) -> None:
        self.grants = Grants()
        self.door = Media(nothing_else, self.grants)
        self.sizes: list[int] = []
        self.leave_after = 10**12
        self.kinds: set[type] = set()

    def __call__(self, url: str, method: str = "GET", **headers: str) -> Answer:
        return async_to_sync(self.ask)(url, method, headers)

    async def ask(self, url: str, method: str, headers: dict[str, str]) -> Answer:
        path, _, query = url.partition("?")
        raw = [(n.lower().replace("_", "-").encode(), v.encode()) for n, v in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "query_string": query.encode()}
        sent: list[dict] = []
        self.gone = asyncio.Event()

        async def send(message):
            # What is sent may be read over once it has been taken.
            self.kinds.add(type(message.get("body", b"")))
            body = bytes(message.get("body", b""))
            sent.append({**message, "body": body})
            self.sizes.append(len(body))
            if sum(self.sizes) >= self.leave_after:
                self.gone.set()
                await asyncio.sleep(0.01)

        async def receive():
            # Nobody says anything but goodbye.
            await self.gone.wait()
            return {"type": "http.disconnect"}

        await self.door({**scope, "headers": raw, "client": ("127.0.0.1", 1)}, receive, send)
        head, body = sent[0], b"".join(message["body"] for message in sent[1:])
        assert self.gone.is_set() or not sent[-1].get("more_body"), "it ended short"
        names = {name.decode().title(): value.decode() for name, value in head["headers"]}
        return Answer(head["status"], names, b"" if method == "HEAD" else body)


@pytest.fixture
def asking():
    return Asking()


def address(film, bearer=VISITOR, **how) -> str:
    return media_addresses.address_of(film, bearer, **how).url


@pytest.fixture
def shown(alice):
    """A film that everybody may watch."""
    return stored_video(alice, FILM, piece_size=SMALL_PIECES, visibility=Visibility.PUBLIC)


@pytest.fixture(params=["open", "encrypted"])
def either(request, alice):
    """The same film, as it is stored in both ways."""
    kept = request.param == "open"
    film = stored_video(
        alice, FILM, piece_size=SMALL_PIECES, visibility=Visibility.MEMBERS, stored_open=kept
    )
    assert film.is_encrypted != kept
    return film


@pytest.fixture
def of_alice(alice):
    return Bearer(Kind.SESSION, alice, bytes(16))


def test_all_of_it_comes_as_it_is(asking, either, of_alice):
    answer = asking(address(either, of_alice))
    assert answer.status == 200
    assert answer.body == FILM
    assert answer["Content-Length"] == str(len(FILM))
    assert answer["Content-Type"] == "video/mp4"


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        pytest.param("bytes=0-0", 0, 1, id="the first byte"),
        pytest.param("bytes=-1", len(FILM) - 1, len(FILM), id="the last byte"),
        pytest.param("bytes=100-", 100, len(FILM), id="from a byte on"),
        pytest.param("bytes=5-700000", 5, 700_001, id="some"),
        pytest.param(
            f"bytes={SMALL_PIECES - 7}-{2 * SMALL_PIECES + 9}",
            SMALL_PIECES - 7,
            2 * SMALL_PIECES + 10,
            id="of all three pieces",
        ),
        pytest.param(f"bytes={len(FILM) - 5}-99999999999", len(FILM) - 5, len(FILM), id="past it"),
    ],
)
def test_a_range_is_just_that_range(asking, either, of_alice, asked, start, stop):
    answer = asking(address(either, of_alice), Range=asked)
    assert answer.status == 206
    assert answer.body == FILM[start:stop]
    assert answer["Content-Range"] == f"bytes {start}-{stop - 1}/{len(FILM)}"
    assert answer["Content-Length"] == str(stop - start)


def test_several_ranges_come_in_parts(asking, shown):
    answer = asking(address(shown), Range="bytes=0-4,10-14")
    assert answer.status == 206
    assert answer["Content-Type"].startswith("multipart/byteranges")
    assert FILM[0:5] in answer.body
    assert FILM[10:15] in answer.body
    assert answer["Content-Length"] == str(len(answer.body))


def test_it_says_what_door_one_says(asking, shown, anyone):
    for headers in (
        {},
        {"Range": "bytes=5-9"},
        {"Range": "bytes=99999999-"},
        {"If_None_Match": f'"{shown.piece_cid}"'},
        {"If_Match": '"another"'},
        {"Range": "bytes=5-9", "If_Range": '"another"'},
        {"Range": "bytes=5-9", "If_Range": http_date(shown.created_at.timestamp())},
        {"Range": "bytes=a-b"},
    ):
        for method in ("GET", "HEAD"):
            one = anyone(f"/stream/{shown.pk}/", method, **headers)
            two = asking(address(shown), method, **headers)
            assert two.status == one.status, headers
            told = dict(two.headers)
            if one.status < 400:
                assert two.body == one.body
                for name, value in told.items():
                    assert one.headers[name.replace("Etag", "ETag")] == value, (headers, name)


def test_a_download_is_named_one(asking, shown):
    assert asking(address(shown))["Content-Disposition"].startswith("inline")
    answer = asking(address(shown) + "?download=1")
    assert answer["Content-Disposition"].startswith("attachment")


def test_no_other_site_may_read_it(asking, shown):
    answer = asking(address(shown), Origin="https://elsewhere.example.org")
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


def test_nobody_asks_the_database_twice(asking, either, of_alice, django_assert_num_queries):
    url = address(either, of_alice)
    asking(url, Range="bytes=0-9")
    with django_assert_num_queries(0):
        for start in range(20):
            assert asking(url, Range=f"bytes={start}-{start + 9}").status == 206


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_nothing_but_reading_is_done_there(asking, shown, method):
    answer = asking(address(shown), method)
    assert answer.status == 405
    assert answer["Allow"] == "GET, HEAD"


def test_what_is_no_address_is_a_problem(asking):
    answer = asking("/media/nothing")
    assert answer.status == 403
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "no-store"
    assert json.loads(answer.body)["code"] == "address-ended"


def test_a_problem_does_not_repeat_the_address(asking, shown):
    url = address(shown)
    films.trash(shown)
    told = asking(url)
    assert told.status == 403
    assert url.rpartition("/")[2] not in told.body.decode()


def test_an_address_whose_time_is_over_is_gone(asking, shown):
    url = address(shown, lifetime=timedelta(hours=-1))
    answer = asking(url)
    assert answer.status == 410
    assert json.loads(answer.body)["code"] == "address-expired"


def test_a_budget_is_so_many_bytes(asking, shown):
    url = address(shown, budget=1_000_000)
    assert asking(url, Range="bytes=0-999999").body == FILM[:1_000_000]
    answer = asking(url, Range="bytes=0-0")
    assert answer.status == 403
    assert json.loads(answer.body)["code"] == "budget-used"
    assert asking(address(shown), Range="bytes=0-0").status == 206


def test_a_body_that_passes_the_budget_ends_short(asking, shown):
    url = address(shown, budget=1_000_000)
    with pytest.raises(AssertionError, match="ended short"):
        asking(url)
    assert sum(asking.sizes) == 1_000_000


def test_a_film_without_a_byte_has_no_body(asking, alice):
    film = stored_video(alice, b"", visibility=Visibility.PUBLIC)
    answer = asking(address(film))
    assert (answer.status, answer.body) == (200, b"")


def test_everything_else_is_the_site(asking):
    for url in ("/", "/media", "/mediator/x", "/stream/vid_x/"):
        assert asking(url).status == 299


def test_a_piece_that_is_nowhere_is_told_before_anything_is_sent(asking, shown):
    for piece in shown.pieces.all():
        places.shelved_piece(piece.piece_cid).unlink()
    answer = asking(address(shown))
    assert answer.status == 503
    assert json.loads(answer.body)["code"] == "bytes-unavailable"


def test_a_piece_that_gets_lost_ends_it_short(asking, shown):
    places.shelved_piece(shown.pieces.get(index=2).piece_cid).unlink()
    with pytest.raises(BytesUnavailable):
        asking(address(shown))
    assert sum(asking.sizes) == 2 * SMALL_PIECES


def test_a_long_film_passes_in_parts(asking, alice):
    film = stored_video(alice, known_bytes(3_000_000), visibility=Visibility.PUBLIC)
    assert asking(address(film)).body == known_bytes(3_000_000)
    assert max(asking.sizes) <= hot.SEND


def test_nothing_is_read_for_a_viewer_who_has_gone(asking, shown):
    """A server goes on taking parts as if there were somebody."""
    asking.leave_after = 1000
    got = asking(address(shown)).body
    assert 1000 <= len(got) < len(FILM) / 2


def test_a_viewer_who_leaves_before_the_first_byte_ends_the_waiting_for_it(
    asking, shown, monkeypatch
):
    """A provider takes its time, and a player that jumps on does not wait for it."""
    waits, ended = asyncio.Event(), []

    def opening(body, window):
        async def never(note):
            waits.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(window)

        return never

    monkeypatch.setattr("streaming.doors.plain._opening", opening)

    async def leave() -> None:
        task = asyncio.create_task(asking.ask(address(shown), "GET", {"Range": "bytes=0-9"}))
        await asyncio.wait_for(waits.wait(), 20)
        asking.gone.set()
        # Nothing was sent at all.
        with pytest.raises(IndexError):
            await asyncio.wait_for(task, 20)

    before = crowd.open
    async_to_sync(leave)()
    assert ended
    assert crowd.open == before


def test_a_server_that_takes_nothing_but_bytes_is_given_bytes(asking, shown, settings):
    """As daphne, for which `runserver` sets a window."""
    settings.STREAM_WINDOW = 1024 * 1024
    # The second time the files are open already, and memory could be handed over as it is.
    for _ in range(2):
        assert asking(address(shown), Range="bytes=5-999").body == FILM[5:1000]
    assert asking.kinds == {bytes}
