"""Who gets a place, who waits for one, and who is told to come again."""

import asyncio
import gc
import math
import resource

import pytest

from streaming.doors import limits, pacing
from streaming.doors.crowd import Crowd
from streaming.doors.limits import Limits
from streaming.doors.viewers import Watcher
from streaming.errors import TooManyRequests, TooManyStreams

pytestmark = pytest.mark.anyio
ALICE, BOB, CAROL = (Watcher(f"user:{number}", number) for number in (1, 2, 3))


@pytest.fixture(autouse=True)
def few(settings):
    settings.STREAMS_PER_USER, settings.STREAMS_TOTAL = 2, 3
    settings.STREAMS_PER_ADDRESS = 3
    settings.STREAM_REQUESTS, settings.STREAM_REQUESTS_AT_ONCE = 100, 1000
    settings.STREAM_RATE = 0


@pytest.fixture
def crowd():
    return Crowd()


@pytest.fixture
async def door(crowd):
    return Limits(crowd)


async def settled():
    """Everybody who can do something has done it."""
    for _ in range(10):
        await asyncio.sleep(0)


def coming(door, watcher, video="vid_a", order=None):
    """Somebody who asks and waits if need be; their name is put down once they are in."""

    async def come():
        slot = await door.admit(watcher, video)
        if order is not None:
            order.append(asyncio.current_task().get_name())
        return slot

    return asyncio.create_task(come())


async def test_as_many_as_may_be_are_let_in_at_once(door, crowd):
    slots = [await door.admit(watcher, "vid_a") for watcher in (ALICE, ALICE, BOB)]
    assert crowd.open == 3
    for slot in slots:
        slot.release()
        slot.release()
    assert crowd.open == 0


async def test_an_audience_behind_one_address_is_limited_as_one_by_a_bound_of_its_own(door):
    visitors = [Watcher(f"visitor:home.browser{number}") for number in range(4)]
    slots = [await door.admit(visitor, "vid_a") for visitor in visitors[:3]]
    fourth = coming(door, visitors[3])
    await settled()
    assert not fourth.done()
    slots[0].release()
    assert await fourth


async def test_one_more_of_a_viewer_waits_until_one_of_theirs_ends(door):
    first, _second = [await door.admit(ALICE, "vid_a") for _ in range(2)]
    third = coming(door, ALICE)
    other = await door.admit(BOB, "vid_a")
    await settled()
    assert not third.done()
    other.release()
    await settled()
    assert not third.done()
    first.release()
    await asyncio.wait_for(third, 10)


async def test_whoever_waits_too_long_is_told_when_to_ask_again(door, crowd, monkeypatch):
    monkeypatch.setattr(limits, "WAIT_SECONDS", 0)
    held = [await door.admit(ALICE, "vid_a") for _ in range(2)]
    with pytest.raises(TooManyStreams) as own:
        await door.admit(ALICE, "vid_a")
    held.append(await door.admit(BOB, "vid_a"))
    with pytest.raises(TooManyStreams) as all_of_them:
        await door.admit(CAROL, "vid_a")
    assert (own.value.most, all_of_them.value.most) == (2, None)
    assert (own.value.status, own.value.headers) == (503, {"Retry-After": "5"})
    assert (crowd.refused, crowd.waiting, crowd.open) == (2, 0, 3)


async def test_viewers_take_turns_and_each_is_served_in_the_order_of_asking(door, settings):
    settings.STREAMS_PER_USER = 0
    held = [await door.admit(BOB, "vid_a") for _ in range(3)]
    order: list[str] = []
    asked = []
    for name, watcher in (("a1", ALICE), ("a2", ALICE), ("a3", ALICE), ("b1", BOB), ("c1", CAROL)):
        asked.append(coming(door, watcher, order=order))
        asked[-1].set_name(name)
        await settled()
    while held:
        held.pop().release()
        await settled()
        held += [task.result() for task in asked if task.done()]
        asked = [task for task in asked if not task.done()]
    assert order == ["a1", "b1", "c1", "a2", "a3"]


async def test_whoever_comes_later_does_not_pass_by_those_who_wait(door, crowd, settings):
    settings.STREAMS_TOTAL = 1
    crowd.tell([("user:9", 1)])
    order: list[str] = []
    first = coming(door, BOB, order=order)
    first.set_name("first")
    await settled()
    # Another process has room again, and nobody here was told of it.
    crowd.tell([])
    second = coming(door, CAROL, order=order)
    second.set_name("second")
    await settled()
    assert order == ["first"]
    (await first).release()
    (await second).release()
    assert order == ["first", "second"]


async def test_a_viewer_at_their_own_limit_keeps_nobody_else_waiting(door):
    _held = [await door.admit(ALICE, "vid_a") for _ in range(2)]
    waiting = coming(door, ALICE)
    await settled()
    await asyncio.wait_for(door.admit(BOB, "vid_a"), 10)
    assert not waiting.done()
    waiting.cancel()


async def test_whoever_goes_while_they_wait_leaves_no_place_behind(door, crowd):
    held = [await door.admit(ALICE, "vid_a") for _ in range(2)]
    gone, stays = coming(door, ALICE), coming(door, ALICE)
    await settled()
    gone.cancel()
    held[0].release()
    slot = await asyncio.wait_for(stays, 10)
    assert (crowd.waiting, crowd.open) == (0, 2)
    # Given a place and gone in the same moment.
    gone = coming(door, ALICE)
    await settled()
    slot.release()
    gone.cancel()
    await settled()
    assert gone.cancelled()
    assert (crowd.waiting, crowd.open) == (0, 1)


async def test_an_answer_that_is_forgotten_leaves_its_place(door, crowd):
    slot = await door.admit(ALICE, "vid_a")
    assert crowd.open == 1
    del slot
    gc.collect()
    await settled()
    assert crowd.open == 0


async def test_a_stalled_answer_gives_its_place_to_the_same_viewer_and_film(
    door, crowd, monkeypatch
):
    monkeypatch.setattr(limits, "STALLED_SECONDS", 0)
    ended = []
    slots = [await door.admit(ALICE, "vid_a") for _ in range(2)]
    for number, slot in enumerate(slots):
        slot.ends_by(lambda number=number: ended.append(number))
        slot.gave(100)
    slots.append(await asyncio.wait_for(door.admit(ALICE, "vid_a"), 10))
    assert ended == [0]
    assert crowd.open == 2
    # It has no place any more that it could leave.
    slots[0].release()
    assert crowd.open == 2


async def test_what_moves_or_is_of_another_film_or_viewer_is_never_ended(
    door, settings, monkeypatch
):
    settings.STREAMS_TOTAL = 2
    monkeypatch.setattr(limits, "STALLED_SECONDS", 0)
    monkeypatch.setattr(limits, "WAIT_SECONDS", 0)
    moves, stalls = await door.admit(ALICE, "vid_a"), await door.admit(ALICE, "vid_b")
    for slot in (moves, stalls):
        slot.ends_by(lambda: pytest.fail("it was ended"))
        slot.gave(100)
    await moves.before()
    for watcher, video in ((ALICE, "vid_a"), (ALICE, "vid_c"), (BOB, "vid_b")):
        with pytest.raises(TooManyStreams):
            await door.admit(watcher, video)


async def test_an_answer_that_stalls_while_another_waits_makes_way(door, monkeypatch):
    monkeypatch.setattr(limits, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(limits, "STALLED_SECONDS", 0)
    slots = [await door.admit(ALICE, "vid_a") for _ in range(2)]
    waiting = coming(door, ALICE)
    await settled()
    assert not waiting.done()
    slots[0].ends_by(lambda: None)
    slots[0].gave(100)
    await asyncio.wait_for(waiting, 10)


async def test_what_other_processes_send_counts(door, crowd, settings, monkeypatch):
    monkeypatch.setattr(limits, "WAIT_SECONDS", 0)
    crowd.tell([("user:1", 1)])
    _held = await door.admit(ALICE, "vid_a")
    with pytest.raises(TooManyStreams):
        await door.admit(ALICE, "vid_a")
    crowd.tell([("user:1", 1), ("visitor:ab.cd", 1), ("visitor:ab.ef", 1)])
    with pytest.raises(TooManyStreams):
        await door.admit(BOB, "vid_a")
    settings.STREAMS_TOTAL, settings.STREAMS_PER_ADDRESS = 100, 2
    with pytest.raises(TooManyStreams):
        await door.admit(Watcher("visitor:ab.01"), "vid_a")
    await door.admit(Watcher("visitor:cd.01"), "vid_a")


async def test_near_the_end_of_open_files_one_waits_but_never_for_nobody(door, crowd, monkeypatch):
    monkeypatch.setattr(limits, "WAIT_SECONDS", 0)
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    monkeypatch.setattr(resource, "getrlimit", lambda which: (3, hard))
    crowd.count_files()
    first = await door.admit(ALICE, "vid_a")
    with pytest.raises(TooManyStreams):
        await door.admit(BOB, "vid_a")
    first.release()
    await door.admit(BOB, "vid_a")


async def test_small_ranges_are_slowed_then_refused_and_large_ones_are_free(
    door, settings, monkeypatch
):
    settings.STREAM_REQUESTS, settings.STREAM_REQUESTS_AT_ONCE = 1, 3
    for _ in range(20):
        slot = await door.admit(ALICE, "vid_a")
        slot.gave(pacing.ENOUGH)
        slot.release()
    for _ in range(3):
        slot = await door.admit(ALICE, "vid_a")
        slot.gave(1)
        slot.release()
    slept = []

    async def sleep(seconds):
        slept.append(math.ceil(seconds))

    monkeypatch.setattr(limits.asyncio, "sleep", sleep)
    for _ in range(5):
        (await door.admit(ALICE, "vid_a")).release()
    with pytest.raises(TooManyRequests) as refused:
        await door.admit(ALICE, "vid_a")
    assert slept == [1, 2, 3, 4, 5]
    assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "6"})
    (await door.admit(BOB, "vid_a")).release()


async def test_a_viewer_gets_so_many_bytes_a_second_over_all_answers(door, settings, monkeypatch):
    settings.STREAM_RATE = 1000
    slots = [await door.admit(ALICE, "vid_a") for _ in range(2)]
    other = await door.admit(BOB, "vid_a")
    slept = []

    async def sleep(seconds):
        slept.append(round(seconds))
        now[0] += seconds

    now = [1000.0]
    monkeypatch.setattr(pacing.asyncio, "sleep", sleep)
    monkeypatch.setattr(pacing.time, "monotonic", lambda: now[0])
    for _ in range(3):
        for slot in slots:
            await slot.before()
            slot.gave(1000)
    # The first second's worth is there at once.
    assert slept == [1, 1, 1, 1]
    await other.before()
    assert len(slept) == 4


async def test_viewers_who_do_nothing_any_more_are_forgotten(door, settings, monkeypatch):
    settings.STREAM_REQUESTS = 0
    monkeypatch.setattr(limits, "REMEMBERED", 10)
    held = await door.admit(ALICE, "vid_a")
    for number in range(10, 100):
        (await door.admit(Watcher(f"user:{number}", number), "vid_a")).release()
    assert len(door._viewers) <= 11
    _another = await door.admit(ALICE, "vid_a")
    waiting = coming(door, ALICE)
    await settled()
    assert not waiting.done()
    held.release()
    await asyncio.wait_for(waiting, 10)


async def test_where_all_places_are_taken_what_stalls_makes_way_for_whoever_waits(
    door, settings, monkeypatch
):
    """Many addresses that hold on to a film each would keep everybody else out for good."""
    monkeypatch.setattr(limits, "LOOK_SECONDS", 0.01)
    ended = []
    held = [await door.admit(Watcher(f"visitor:{number}"), "vid_a") for number in range(3)]
    for number, slot in enumerate(held):
        slot.ends_by(lambda number=number: ended.append(number))
        slot.gave(100)
    await held[1].before()
    waiting = [coming(door, watcher) for watcher in (ALICE, BOB, CAROL)]
    await settled()
    assert not any(task.done() for task in waiting)
    monkeypatch.setattr(limits, "GIVES_WAY_SECONDS", 0)
    await asyncio.wait_for(asyncio.wait(waiting[:2]), 10)
    # The one that moves goes on, however many wait.
    await asyncio.sleep(0.05)
    assert ended == [0, 2]
    assert not waiting[2].done()
    waiting[2].cancel()


async def test_what_stalls_is_left_alone_while_whoever_waits_has_to_end_one_of_their_own(
    door, monkeypatch
):
    monkeypatch.setattr(limits, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(limits, "GIVES_WAY_SECONDS", 0)
    stalls = await door.admit(BOB, "vid_a")
    stalls.ends_by(lambda: pytest.fail("it was ended"))
    stalls.gave(100)
    held = [await door.admit(ALICE, "vid_a") for _ in range(2)]
    waiting = coming(door, ALICE)
    await asyncio.sleep(0.05)
    assert not waiting.done()
    held[0].release()
    await asyncio.wait_for(waiting, 10)
