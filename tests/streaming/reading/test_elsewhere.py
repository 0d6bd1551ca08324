"""Films that do not lie here are read block by block, and only those blocks that are needed."""

import asyncio
import gc
import shutil

import pytest

from filmedia.filecoin.piece import BLOCK_SIZE
from library import places
from streaming.doors import bodies
from streaming.errors import BytesUnavailable
from streaming.http.ranges import Window
from streaming.reading import windows
from streaming.reading.windows import open_window
from tests.making import SMALL_PIECES, as_stored, stored_video
from tests.running import polling
from tests.streaming.conftest import known_bytes
from tests.streaming.reading.test_windows import opened, rest

pytestmark = pytest.mark.django_db

BLOCKS = 6
MDAT = 4 * BLOCK_SIZE
# An MP4 whose index begins in its fifth block.
FILM = (
    b"\0\0\0\x10ftypisom\0\0\0\0"
    + MDAT.to_bytes(4, "big")
    + b"mdat"
    + known_bytes(BLOCKS * BLOCK_SIZE - 24 - 777)
)


class Block:
    source = "provider 7"
    failed_over = False

    def __init__(self, data, supply):
        self._data, self._supply = data, supply
        supply.open += 1

    def read_now(self, start, length):
        return None if self._supply.cold else memoryview(self._data)[start : start + length]

    def read(self, start, length):
        if self._supply.broken:
            self._supply.broken -= 1
            raise BytesUnavailable(0)
        return self._data[start : start + length]

    def close(self):
        self._supply.open -= 1


class Supply:
    """What the cache gives, without a cache."""

    def __init__(self, stored):
        self.stored, self.asked, self.missing = stored, [], set()
        self.open, self.cold = 0, False
        # So many more readings find that the disk does not give a block back.
        self.broken = 0

    async def block(self, film, index, ahead=None):
        self.asked.append(index)
        if index in self.missing:
            raise BytesUnavailable(film.piece(index).index)
        await asyncio.sleep(0)
        return Block(self.stored[index * BLOCK_SIZE : (index + 1) * BLOCK_SIZE], self)


@pytest.fixture
def far(alice):
    video = stored_video(alice, FILM, piece_size=2 * SMALL_PIECES)
    shutil.rmtree(places.shelf())
    return video


@pytest.fixture
def supply(far, monkeypatch):
    double = Supply(as_stored(far, FILM))
    monkeypatch.setattr(windows, "supply", lambda: double)
    return double


@pytest.mark.parametrize("cold", [False, True], ids=["in memory", "on a disk"])
@pytest.mark.parametrize(
    ("start", "stop"),
    [(0, len(FILM)), (BLOCK_SIZE - 1, BLOCK_SIZE + 1), (5, 15), (len(FILM) - 1, len(FILM))],
)
def test_every_window_is_just_its_bytes_from_just_its_blocks(far, supply, cold, start, stop):
    supply.cold = cold
    assert asyncio.run(rest(opened(far, Window(start, stop)))) == FILM[start:stop]
    needed = set(range(start // BLOCK_SIZE, (stop - 1) // BLOCK_SIZE + 1))
    # Who begins at the beginning is expected to ask for the index at the end.
    assert set(supply.asked) == needed | ({4, 5} if start == 0 else set())
    assert supply.open == 0


def test_a_block_that_nobody_has_ends_the_stream_with_an_error(far, supply):
    supply.missing = {3}
    got = bytearray()
    reader = opened(far, Window(0, len(FILM)))

    async def watch():
        try:
            async for part in reader:
                got.extend(part)
        finally:
            await reader.aclose()

    with pytest.raises(BytesUnavailable, match="Piece 1"):
        asyncio.run(watch())
    assert got == FILM[: 3 * BLOCK_SIZE]
    assert supply.open == 0


def test_a_block_that_breaks_while_it_is_watched_is_had_anew(far, supply):
    supply.cold, supply.broken = True, 1
    assert asyncio.run(rest(opened(far, Window(5, 1000)))) == FILM[5:1000]
    assert supply.asked == [0, 0]
    assert supply.open == 0


def test_one_that_breaks_again_ends_the_stream(far, supply):
    supply.cold, supply.broken = True, 2
    with pytest.raises(BytesUnavailable):
        asyncio.run(rest(opened(far, Window(5, 1000))))
    assert supply.open == 0


def test_an_index_at_the_end_is_on_its_way_before_it_is_asked_for(far, supply):
    """A player looks at the first bytes, leaves, and asks for the end."""
    reader = opened(far, Window(0, len(FILM)))

    async def look():
        await anext(reader)
        await reader.aclose()
        for _ in polling(5):
            if {4, 5} <= set(supply.asked):
                break
            await asyncio.sleep(0)

    asyncio.run(look())
    assert supply.asked == [0, 4, 5]
    assert supply.open == 0


def test_whatever_fails_ahead_of_time_is_told_in_the_log_and_not_to_the_viewer(
    far, supply, monkeypatch, caplog
):
    block, lost = supply.block, []

    async def broken(film, index, ahead=None):
        if index >= 4:
            raise OSError("the disk is gone")
        return await block(film, index, ahead)

    monkeypatch.setattr(supply, "block", broken)
    reader = opened(far, Window(0, 1000))

    async def watch():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: lost.append(context["message"]))
        got = await rest(reader)
        for _ in polling(5):
            if not windows._expected:
                break
            await asyncio.sleep(0)
        gc.collect()
        return got

    assert asyncio.run(watch()) == FILM[:1000]
    assert "could not be had ahead of time" in caplog.text
    # As of a task that nobody looks after.
    assert not lost


def test_of_a_piece_alone_nothing_more_is_fetched(far, supply, alice):
    body = bodies.stored(alice, far.pieces.get(index=0).piece_cid)
    # Its bytes as stored begin as a film's do where it is stored open.
    supply.stored = FILM
    reader = open_window(asyncio.run(body.layout()), Window(0, 1000), body.turning())
    assert asyncio.run(rest(reader)) == FILM[:1000]
    assert supply.asked == [0]
