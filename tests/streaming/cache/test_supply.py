"""Blocks from elsewhere: right, once, and kept for the next."""

import asyncio
from dataclasses import replace

import pytest

from filmedia.filecoin.piece import BLOCK_SIZE
from library import places
from streaming.cache.flights import MOST_IN_FLIGHT
from streaming.cache.supply import ReadAhead, Supply
from streaming.errors import BytesUnavailable
from tests.streaming.cache.conftest import Elsewhere, Known, opened_blocks, read, until

pytestmark = pytest.mark.anyio


async def watch(supply, known, blocks=None):
    """All of a film, as somebody does who takes it as fast as it comes."""
    film = known.film
    ahead = ReadAhead(film)
    try:
        for index in blocks or range(len(film)):
            assert await read(supply, film, index, ahead) == known.block(index)
    finally:
        ahead.close()


async def test_a_film_comes_block_by_block_and_is_kept(known, elsewhere, counted_anew):
    await watch(Supply(elsewhere), known)
    assert set(elsewhere.given.values()) == {1}
    for index in range(len(known.film)):
        assert places.cached_block(known.film.cid, index).read_bytes() == known.block(index)
    assert counted_anew.bytes_fetched == known.film.size
    assert (counted_anew.hits, counted_anew.misses) == (0, 10)


async def test_the_next_viewer_needs_nobody_elsewhere(known, elsewhere, counted_anew):
    supply = Supply(elsewhere)
    await watch(supply, known)
    elsewhere.gate.clear()
    await watch(supply, known)
    assert counted_anew.hits == 10
    assert counted_anew.bytes_served == known.film.size


async def test_a_restart_keeps_what_was_there(known, elsewhere):
    await watch(Supply(elsewhere), known)
    elsewhere.gate.clear()
    await watch(Supply(elsewhere), known)


async def test_each_block_of_a_film_that_100_viewers_start_together_is_fetched_once(
    known, elsewhere
):
    supply = Supply(elsewhere)
    await asyncio.gather(*(watch(supply, known) for _ in range(100)))
    assert len(elsewhere.given) == len(known.film)
    assert set(elsewhere.given.values()) == {1}


async def test_only_the_first_of_those_who_wait_is_told_the_source(known, elsewhere):
    supply = Supply(elsewhere)
    blocks = await asyncio.gather(*(supply.block(known.film, 4) for _ in range(3)))
    assert sorted(block.source for block in blocks) == ["cache", "cache", "provider 1"]
    for block in blocks:
        block.close()


async def test_a_last_piece_that_was_filled_up_with_zeros_ends_where_the_film_does():
    known = Known(BLOCK_SIZE + 50, b"short", per_piece=1)
    assert await read(Supply(Elsewhere(known)), known.film, 1) == known.data[-50:]


async def test_a_block_that_nobody_has_is_told_by_its_piece_and_others_go_on(known, elsewhere):
    elsewhere.missing = {(1, 2)}
    supply = Supply(elsewhere)
    waiting = [asyncio.create_task(read(supply, known.film, 6)) for _ in range(3)]
    for one in waiting:
        with pytest.raises(BytesUnavailable, match="Piece 1"):
            await one
    assert await read(supply, known.film, 7) == known.block(7)
    elsewhere.missing.clear()
    assert await read(supply, known.film, 6) == known.block(6)


async def test_what_one_film_cannot_be_given_another_of_the_same_bytes_may_be(known):
    class OfOne(Elsewhere):
        async def blocks(self, piece, first, count):
            await self.gate.wait()
            if piece.video == "nobody's":
                raise BytesUnavailable(piece.index)
            async for fetched in super().blocks(piece, first, count):
                yield fetched

    far = OfOne(known)
    far.gate.clear()
    supply = Supply(far)
    lost = asyncio.create_task(read(supply, replace(known.film, id="nobody's"), 1))
    await until(lambda: supply._flights)
    held = asyncio.create_task(read(supply, known.film, 1))
    await asyncio.sleep(0)
    far.gate.set()
    with pytest.raises(BytesUnavailable):
        await lost
    assert await held == known.block(1)


async def test_a_film_that_hangs_keeps_nobody_from_another(counted_anew):
    """However many wait for it."""
    hanging, other = Known(70 * BLOCK_SIZE, b"hanging", per_piece=1), Known(BLOCK_SIZE, b"other")
    far = Hanging(hanging, other)
    supply = Supply(far)
    waiting = [asyncio.create_task(read(supply, hanging.film, index)) for index in range(70)]
    await until(lambda: far.hang == MOST_IN_FLIGHT)
    async with asyncio.timeout(10):
        assert await read(supply, other.film, 0) == other.block(0)
    assert far.hang == counted_anew.in_flight == MOST_IN_FLIGHT
    for one in waiting:
        one.cancel()
    await asyncio.wait(waiting)
    await until(lambda: counted_anew.in_flight == 0)
    await supply.aclose()


class Hanging(Elsewhere):
    """Whoever has the film of that name takes requests and says nothing."""

    hang = 0

    async def blocks(self, piece, first, count):
        if piece.video == "hanging":
            self.hang += 1
            await asyncio.Event().wait()
        async for fetched in super().blocks(piece, first, count):
            yield fetched


async def test_a_waiter_who_is_cancelled_leaves_the_flight_to_the_others(known, elsewhere):
    elsewhere.gate.clear()
    supply = Supply(elsewhere)
    first, second = (asyncio.create_task(read(supply, known.film, 0)) for _ in range(2))
    await until(lambda: elsewhere.open)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    elsewhere.gate.set()
    assert await second == known.block(0)
    assert set(elsewhere.given.values()) == {1}


async def test_with_the_last_waiter_the_fetch_ends(known, elsewhere, counted_anew):
    elsewhere.gate.clear()
    supply = Supply(elsewhere)
    waiting = [asyncio.create_task(read(supply, known.film, 0)) for _ in range(2)]
    await until(lambda: elsewhere.open)
    for one in waiting:
        one.cancel()
    await until(lambda: not elsewhere.open)
    assert counted_anew.in_flight == 0
    elsewhere.gate.set()
    assert await read(supply, known.film, 0) == known.block(0)


async def test_whoever_comes_while_a_fetch_is_being_ended_gets_their_block(known, elsewhere):
    supply = Supply(elsewhere)
    for _ in range(20):
        leaving = asyncio.create_task(read(supply, known.film, 3))
        await asyncio.sleep(0)
        leaving.cancel()
        async with asyncio.timeout(10):
            assert await read(supply, known.film, 3) == known.block(3)


async def test_a_block_that_is_open_can_be_read_at_once_without_waiting(known, elsewhere):
    with await Supply(elsewhere).block(known.film, 2) as block:
        block.read(0, BLOCK_SIZE)
        now = block.read_now(1000, 500)
        assert now is None or bytes(now) == known.block(2)[1000:1500]
        assert len(opened_blocks()) == 1


async def test_a_supply_that_is_closed_holds_nothing(known, elsewhere):
    supply = Supply(elsewhere)
    await watch(supply, known)
    elsewhere.gate.clear()
    waiting = asyncio.create_task(read(supply, Known(100, b"other").film, 0))
    await asyncio.sleep(0)
    await supply.aclose()
    waiting.cancel()
    await until(lambda: not opened_blocks())
