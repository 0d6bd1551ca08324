"""
Thousands of requests, all at once, to sources that do at random what can be done wrong: not
one wrong byte, and no stream that ends quietly short.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections import Counter

import httpx
import pytest

from filmedia.filecoin.piece import BLOCK_SIZE
from streaming.errors import BytesUnavailable
from tests.streaming.sources.conftest import acting, holding, known_piece
from tests.streaming.sources.rough import FAULTS, Rough

pytestmark = pytest.mark.anyio

SEED = int(os.environ.get("STORM_SEED") or random.randrange(2**32))
AT_ONCE = 40
# Most blocks are short, so that it is the faults that take the time, and not the bytes.
SIZES = [200, 3000, 60_000, BLOCK_SIZE + 500, 3 * BLOCK_SIZE + 40_000]
OFTEN = [8, 8, 8, 2, 1]
SOON = httpx.Timeout(connect=2.0, read=0.7, write=2.0, pool=30.0)


@pytest.fixture
def anyio_backend():
    """The loop of the server."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="module")
def pieces():
    return [known_piece(size, f"storm {size}".encode()) for size in SIZES]


async def test_no_byte_is_wrong_and_none_is_missing_unsaid(pieces):
    await storm(pieces, int(os.environ.get("STORM_REQUESTS") or 2000))


@pytest.mark.long
@pytest.mark.slow
async def test_a_long_storm(pieces):
    await storm(pieces, 20_000)


async def storm(pieces, requests):
    draw = random.Random(SEED)
    # One that would let nobody in for longer than a storm lasts is left out.
    names = sorted(set(FAULTS) - {"is_busy_for_long"})

    def choose() -> str:
        return draw.choice(names) if draw.random() < 0.4 else ""

    outcomes: Counter[str] = Counter()
    turns = iter(range(requests))

    async def viewer(scene) -> None:
        for _ in turns:
            [piece] = draw.choices(pieces, OFTEN)
            first = draw.randrange(piece.blocks)
            count = draw.randint(1, piece.blocks - first)
            outcomes[await watched(scene, piece, first, count)] += 1

    roughs = [Rough(holding(*pieces), choose, seed=SEED + number) for number in range(3)]
    async with acting(*roughs, waits=SOON) as scene:
        await asyncio.gather(*[viewer(scene) for _ in range(AT_ONCE)])
        hedges = scene.fetcher.means.hedges
        assert (hedges.relays, hedges.open) == (0, 0)
    assert outcomes.total() == requests
    told = f"STORM_SEED={SEED}: {dict(outcomes)}"
    assert set(outcomes) <= {"all of it", "refused"}, told
    # The storm was one, and yet nearly everything got through it.
    done = sum([rough.done for rough in roughs], Counter())
    assert all(done[name] for name in names), done
    assert outcomes["all of it"] > 0.9 * requests, told


async def test_viewers_who_leave_at_any_moment_leave_nothing_behind(pieces):
    draw = random.Random(SEED)
    names = sorted(set(FAULTS) - {"is_busy_for_long"})
    roughs = [
        Rough(holding(*pieces), lambda: draw.choice(["", "", *names]), seed=SEED + number)
        for number in range(3)
    ]

    async def leaving(scene, piece) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(draw.uniform(0, 0.2)):
                await watched(scene, piece, 0, piece.blocks)

    async with acting(*roughs, waits=SOON) as scene:
        for _ in range(10):
            await asyncio.gather(*[leaving(scene, draw.choice(pieces)) for _ in range(40)])
        means = scene.fetcher.means
        assert (means.hedges.relays, means.hedges.open) == (0, 0)
        running = [task.get_name() for task in asyncio.all_tasks()]
        assert not [name for name in running if name.startswith("blocks of")]
        for source in scene.sources:
            pool = source.client.http._transport._pool
            assert all(connection.is_idle() for connection in pool.connections)
            assert not pool._requests


async def watched(scene, piece, first, count) -> str:
    """What a viewer got."""
    position = piece.start(first)
    try:
        async for block in scene.fetcher.blocks(piece, first, count):
            if block.data != piece.data[position : position + len(block.data)]:
                return "a wrong byte"
            position += len(block.data)
    except BytesUnavailable:
        return "refused"
    return "all of it" if position == piece.start(first + count) else "ended short"
