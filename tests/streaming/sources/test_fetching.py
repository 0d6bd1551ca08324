"""Blocks that come from sources which do everything wrong that can be done wrong."""

from __future__ import annotations

import asyncio
import itertools

import httpx
import pytest

from filmedia.filecoin.piece import BLOCK_SIZE
from streaming.errors import BytesUnavailable
from streaming.sources import ranking, relay
from tests.streaming.sources.conftest import acting, holding, known_piece
from tests.streaming.sources.rough import FAULTS, RIGHT, Rough

pytestmark = pytest.mark.anyio


def always(name):
    return lambda: name


def once(name):
    """The first time, and never again."""
    return itertools.chain([name], itertools.repeat("")).__next__


async def test_a_run_is_one_ranged_request_as_it_is(piece):
    async with acting(Rough(holding(piece))) as scene:
        assert await scene.fetch(piece) == piece.data
        [rough] = scene.roughs
        assert rough.asked == [(0, piece.size)]
        assert b"accept-encoding: identity\r\n" in rough.heads[0].lower()


async def test_blocks_of_the_middle_are_asked_for_alone(piece):
    async with acting(Rough(holding(piece))) as scene:
        data = await scene.fetch(piece, 1, 1)
        assert data == piece.data[BLOCK_SIZE : 2 * BLOCK_SIZE]
        assert scene.roughs[0].asked == [(BLOCK_SIZE, 2 * BLOCK_SIZE)]


async def test_a_connection_is_kept_for_the_next_run(piece):
    async with acting(Rough(holding(piece))) as scene:
        for block in range(3):
            await scene.fetch(piece, block, 1)
        assert scene.roughs[0].connections == 1


async def test_a_connection_that_ended_meanwhile_is_no_fault(piece):
    async with acting(Rough(holding(piece), once("hangs_up_afterwards"))) as scene:
        for block in range(3):
            await scene.fetch(piece, block, 1)
        assert scene.roughs[0].connections == 2


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_whatever_one_source_does_the_other_has_the_bytes(piece, name):
    bad, good = Rough(holding(piece), always(name)), Rough(holding(piece))
    async with acting(bad, good) as scene:
        assert await scene.fetch(piece, 1) == piece.data[BLOCK_SIZE:]
        assert bad.done[name]
        assert bool(good.asked) is (name not in RIGHT) or name == "delays"


async def test_everything_will_do_where_everything_was_asked_for(piece):
    async with acting(Rough(holding(piece), always("gives_everything"))) as scene:
        assert await scene.fetch(piece) == piece.data


@pytest.mark.parametrize("name", sorted(set(FAULTS) - RIGHT))
async def test_without_another_source_the_bytes_are_unavailable(piece, name):
    async with acting(Rough(holding(piece), always(name))) as scene:
        with pytest.raises(BytesUnavailable):
            await scene.fetch(piece, 1)
        assert 1 <= len(scene.roughs[0].asked) <= 2


async def test_a_film_that_nobody_holds_is_unavailable(piece):
    async with acting() as scene:
        with pytest.raises(BytesUnavailable):
            await scene.fetch(piece)


async def test_before_it_is_given_up_a_copy_that_was_made_meanwhile_is_found(piece):
    async def anew(piece):
        return scene.sources

    gone, made = Rough(holding(piece), always("has_lost_it")), Rough(holding(piece))
    async with acting(gone, made) as scene:
        scene.fetcher.holders.sources = scene.sources[:1]
        scene.fetcher.holders.anew = anew
        assert await scene.fetch(piece) == piece.data
        assert len(gone.asked) == len(made.asked) == 1


@pytest.mark.parametrize("name", ["ends_early", "resets", "stalls"])
async def test_the_rest_of_a_run_comes_from_the_next_source_from_just_that_block_on(piece, name):
    async with acting(Rough(holding(piece)), Rough(holding(piece))) as scene:
        first, second = scene.roughs
        first.choose = always(name)
        # It breaks off inside the second block.
        first._random.randrange = lambda *_: BLOCK_SIZE + 1000
        assert await scene.sources_of(piece) == ["provider 1", "provider 2", "provider 2"]
        assert second.asked == [(BLOCK_SIZE, piece.size)]


async def test_a_block_that_came_is_given_before_the_next_one_has(piece):
    async with acting(Rough(holding(piece), always("stalls"))) as scene:
        scene.roughs[0]._random.randrange = lambda *_: BLOCK_SIZE + 1
        blocks = scene.fetcher.blocks(piece, 0, 3)
        assert (await anext(blocks)).data == piece.data[:BLOCK_SIZE]
        await blocks.aclose()


async def test_a_late_block_comes_from_whoever_has_it_first_and_the_other_is_left(piece):
    slow, quick = Rough(holding(piece), always("never_answers")), Rough(holding(piece))
    # Far longer than anybody waits: nothing ends by itself here.
    async with acting(slow, quick, waits=httpx.Timeout(60)) as scene, asyncio.timeout(8):
        blocks = scene.fetcher.blocks(piece, 0, 3)
        first = await anext(blocks)
        await _until(lambda: slow.open == 0)
        rest = [block.data async for block in blocks]
        assert b"".join([first.data, *rest]) == piece.data
        assert quick.asked == [(0, piece.size)]


async def test_who_sends_as_fast_as_the_line_is_needs_nobody_beside_them(piece, monkeypatch):
    """On a slow line it would be no faster, and be paid for twice."""

    async def slowly(answer):
        body = answer.body
        await answer.send(body[:1], Content_Length=str(len(body)))
        for start in range(1, len(body), 64 * 1024):
            await asyncio.sleep(0.04)
            await answer.more(body[start : start + 64 * 1024])

    monkeypatch.setitem(FAULTS, "slowly", slowly)
    monkeypatch.setattr(ranking, "LATEST_LATE", 0.3)
    # However busy this machine is, what came is taken as having come lately.
    monkeypatch.setattr(relay, "MOVING", 5.0)
    slow, other = Rough(holding(piece), always("slowly")), Rough(holding(piece))
    async with acting(slow, other, waits=httpx.Timeout(60)) as scene:
        assert await scene.fetch(piece) == piece.data
        assert (len(slow.asked), other.asked) == (1, [])


async def test_who_was_late_is_asked_last_the_next_time(piece):
    slow, quick = Rough(holding(piece), always("never_answers")), Rough(holding(piece))
    async with acting(slow, quick) as scene:
        await scene.fetch(piece)
        await scene.fetch(piece)
        assert len(slow.asked) == 1
        assert len(quick.asked) == 2


async def test_wrong_bytes_are_reported_and_never_given(piece):
    bad, good = Rough(holding(piece), always("flips")), Rough(holding(piece))
    async with acting(bad, good) as scene:
        assert await scene.fetch(piece) == piece.data
        assert [name for name, _ in scene.reported] == ["provider 1"]
        await scene.fetch(piece)
        assert len(bad.asked) == 1


async def test_who_was_wrong_once_is_asked_again_where_nobody_else_has_it(piece):
    async with acting(Rough(holding(piece), once("flips"))) as scene:
        with pytest.raises(BytesUnavailable):
            await scene.fetch(piece, 0, 1)
        assert await scene.fetch(piece) == piece.data


async def test_who_is_busy_is_waited_for_where_nobody_else_has_it(piece):
    async with acting(Rough(holding(piece), once("is_busy"))) as scene:
        assert await scene.fetch(piece) == piece.data
        assert scene.roughs[0].done == {"is_busy": 1, "": 1}


async def test_who_wants_to_be_left_alone_is_not_asked_meanwhile(piece):
    busy, other = Rough(holding(piece), once("is_busy_for_long")), Rough(holding(piece))
    async with acting(busy, other) as scene:
        for _ in range(3):
            assert await scene.fetch(piece) == piece.data
        assert len(busy.asked) == 1
        other.choose = always("has_lost_it")
        with pytest.raises(BytesUnavailable):
            await scene.fetch(piece)
        assert len(busy.asked) == 1


async def test_what_each_source_did_is_counted(piece):
    bad, good = Rough(holding(piece), always("flips")), Rough(holding(piece))
    async with acting(bad, good) as scene:
        await scene.fetch(piece)
        counts = scene.fetcher.means.counts
        assert counts["provider 1", "wrong"] == counts["provider 1", "asked"] == 1
        blocks = [counts[f"provider {number}", "blocks"] for number in (1, 2)]
        assert sum(blocks) == 3
        assert counts["provider 1", "bytes"] == blocks[0] * BLOCK_SIZE


async def test_a_broken_connection_is_tried_once_more(piece):
    async with acting(Rough(holding(piece), once("resets"))) as scene:
        assert await scene.fetch(piece) == piece.data


async def test_a_source_that_ignores_ranges_is_left_as_soon_as_its_bytes_are_here():
    """As Beam does it where it does not hold a piece."""
    piece = known_piece(40 * BLOCK_SIZE)
    beam, provider = Rough(holding(piece), always("gives_everything")), Rough(holding(piece))
    async with acting(beam, provider) as scene:
        scene.sources[0].client.takes_whole = True
        assert await scene.fetch(piece, 1, 2) == piece.data[BLOCK_SIZE : 3 * BLOCK_SIZE]
        await _until(lambda: beam.open == 0)
        assert beam.sent < len(piece.data)
        assert not provider.asked
        # A provider that is slower has what is far from the beginning sooner.
        scene.fetcher.means.records.of(scene.sources[0]).rate = 20e6
        scene.fetcher.means.records.of(scene.sources[1]).rate = 10e6
        assert await scene.fetch(piece, 39, 1) == piece.data[39 * BLOCK_SIZE :]
        assert provider.asked == [(39 * BLOCK_SIZE, len(piece.data))]
        assert len(beam.asked) == 1


async def test_without_roots_blocks_pass_and_say_so():
    piece = known_piece(5000, roots=False)
    async with acting(Rough(holding(piece))) as scene:
        [block] = [block async for block in scene.fetcher.blocks(piece, 0, 9)]
        assert block.data == piece.data
        assert not block.verified


async def test_closing_ends_the_request_at_once(piece):
    async with acting(Rough(holding(piece), always("stalls"))) as scene:
        scene.roughs[0]._random.randrange = lambda *_: BLOCK_SIZE + 1
        blocks = scene.fetcher.blocks(piece, 0, 3)
        await anext(blocks)
        await blocks.aclose()
        await _until(lambda: scene.roughs[0].open == 0)
        assert scene.fetcher.means.hedges.relays == 0
        assert not [task for task in asyncio.all_tasks() if "blocks of" in task.get_name()]


async def _until(there):
    async with asyncio.timeout(5):
        while not there():
            await asyncio.sleep(0.01)
