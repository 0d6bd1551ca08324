"""Read-ahead follows the viewer: it begins small, grows, shrinks at a jump, and ends with them."""

import asyncio
from types import SimpleNamespace

import pytest

from filmedia.filecoin.piece import BLOCK_SIZE
from streaming.cache import ahead as ahead_module
from streaming.cache.ahead import MOST, ReadAhead
from streaming.cache.flights import MOST_AHEAD
from streaming.cache.supply import Supply
from tests.streaming.cache.conftest import Elsewhere, Known, read, until

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="session")
def long():
    """A film of 60 blocks in one piece."""
    return Known(60 * BLOCK_SIZE, b"long", per_piece=64)


@pytest.fixture
def far(long):
    return Elsewhere(long)


async def reads(supply, known, ahead, *blocks):
    for index in blocks:
        assert await read(supply, known.film, index, ahead) == known.block(index)


async def idle(far):
    """Until nothing is fetched any more."""
    await until(lambda: not far.open)
    await asyncio.sleep(0)


def highest(far) -> int:
    return max(block for _, _, block in far.given)


async def test_a_jump_fetches_one_block_and_no_more(long, far):
    supply, ahead = Supply(far), ReadAhead(long.film)
    for index in (30, 10, 50, 20, 20):
        await reads(supply, long, ahead, index)
        await idle(far)
    assert sorted(block for _, _, block in far.given) == [10, 20, 30, 50]


async def test_it_grows_while_a_viewer_reads_on_and_never_past_its_bound(long, far):
    supply, ahead = Supply(far), ReadAhead(long.film)
    for index in range(40):
        await reads(supply, long, ahead, index)
        assert highest(far) <= index + MOST
    await idle(far)
    assert highest(far) > 39 + MOST // 2
    counts = [count for _, _, count in far.runs]
    assert counts[0] == 1
    assert max(counts) >= MOST // 2
    assert len(counts) < 16


async def test_a_viewer_who_stops_reading_has_nothing_more_fetched(long, far):
    supply, ahead = Supply(far), ReadAhead(long.film)
    await reads(supply, long, ahead, *range(12))
    await idle(far)
    assert highest(far) <= 11 + MOST


async def test_a_viewer_who_takes_long_for_each_block_is_read_ahead_for_less(
    long, far, monkeypatch
):
    clock = 0.0
    monkeypatch.setattr(ahead_module, "time", SimpleNamespace(monotonic=lambda: clock))
    supply, ahead = Supply(far), ReadAhead(long.film)
    for index in range(12):
        clock += 5.0
        await reads(supply, long, ahead, index)
        await idle(far)
        assert highest(far) <= index + 2


async def test_it_stops_at_the_last_block_that_the_stream_can_come_to(long, far):
    supply, ahead = Supply(far), ReadAhead(long.film, last=9)
    await reads(supply, long, ahead, *range(10))
    await idle(far)
    assert highest(far) == 9


async def test_with_a_viewer_who_leaves_what_was_read_ahead_for_them_ends(long, far, counted_anew):
    supply, ahead = Supply(far), ReadAhead(long.film)
    await reads(supply, long, ahead, *range(8))
    far.gate.clear()
    waiting = asyncio.create_task(reads(supply, long, ahead, *range(8, 30)))
    await until(lambda: far.open)
    waiting.cancel()
    ahead.close()
    await until(lambda: not far.open)
    assert counted_anew.in_flight == 0
    assert not supply._flights


async def test_what_another_viewer_waits_for_goes_on(long, far):
    supply, one, other = Supply(far), ReadAhead(long.film), ReadAhead(long.film)
    await reads(supply, long, one, 0, 1, 2)
    await reads(supply, long, other, 0)
    await idle(far)
    far.gate.clear()
    leaving = asyncio.create_task(reads(supply, long, one, *range(3, 20)))
    await until(lambda: far.open)
    staying = asyncio.create_task(reads(supply, long, other, *range(1, 20)))
    await asyncio.sleep(0.05)
    leaving.cancel()
    one.close()
    far.gate.set()
    await staying
    assert set(far.given.values()) == {1}


async def test_many_viewers_together_keep_within_the_bound_of_the_process(counted_anew):
    films = [Known(20 * BLOCK_SIZE, bytes([65 + one]) * 3, per_piece=32) for one in range(8)]
    supply, most = Supply(Elsewhere(*films)), 0

    async def watch(known):
        nonlocal most
        ahead = ReadAhead(known.film)
        for index in range(20):
            await read(supply, known.film, index, ahead)
            most = max(most, counted_anew.in_flight)
        ahead.close()

    await asyncio.gather(*(watch(known) for known in films))
    assert 8 < most <= MOST_AHEAD + len(films)
