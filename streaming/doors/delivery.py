"""
What happens to a body between its first byte and the viewer: it has its place among the
answers that are open, is paced, and is counted while it is sent.

Both doors send through here, so that a stream is the same thing whichever way it began.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from django.conf import settings

from streaming.doors import limits
from streaming.doors.accel import Handed
from streaming.doors.answers import Answer, Opened
from streaming.doors.figures import figures
from streaming.doors.grants import grants
from streaming.doors.signing import Right
from streaming.doors.spending import Spending
from streaming.doors.viewers import Watcher
from streaming.doors.watched import Tally, register
from streaming.errors import BytesUnavailable
from streaming.reading.arriving import FAILOVER


class Counting(Protocol):
    """Whoever wants to know what is sent."""

    def begin(self) -> None: ...
    def count(self, size: int) -> None: ...
    def end(self) -> None: ...


class Holding(Protocol):
    """The place of an answer, as a `limits.Slot` is one."""

    def ends_by(self, end: Callable[[], object]) -> None: ...
    async def before(self) -> None: ...
    def gave(self, size: int) -> None: ...
    def release(self) -> None: ...


class Delivery:
    """
    The parts of a body on their way, counted from the first one on. Close it.

    An empty part stands between every two. A server takes it only when the viewer has taken
    what came before, so that no part is read and held for a viewer who is not ready for it.
    """

    def __init__(self, opened: Opened, counting: Counting, slot: Holding, source: str = "") -> None:
        # Where the first part was read from.
        self.source = source
        self._first: bytes | None = opened.first
        self._parts = opened.parts
        # Some parts can say at once whether they have to wait.
        self._now: Callable[[], bytes | memoryview | None] | None
        self._now = getattr(opened.parts, "now", None)
        self._counting, self._slot = counting, slot
        self._sent = self._counted = self._ends_otherwise = False
        self._right: Right | None = None
        self._end_from_outside: Callable[[], object] | None = None

    def ends_by(self, end: Callable[[], object]) -> None:
        """How it is ended before its time, other than by cancelling the task that asks for it."""
        self._ends_otherwise = True
        self._slot.ends_by(end)

    def rests_on(self, right: Right | None) -> None:
        """It ends when this right does, by cancelling the task that asks for it."""
        self._right = right

    def now(self) -> bytes | memoryview | None:
        """
        The next part where it takes no waiting at all, without the empty one before it: for a
        door that asks by itself whether the viewer has taken the last one.
        """
        if self._now is None or self._first is not None or settings.STREAM_RATE:
            return None
        part = self._now()
        if part is not None:
            self._sent = True
            self._counting.count(len(part))
            self._slot.gave(len(part))
        return part

    @property
    def is_over(self) -> bool:
        """Whether it is known that nothing follows."""
        return self._first is None and bool(getattr(self._parts, "is_over", False))

    def __aiter__(self) -> Delivery:
        return self

    async def __anext__(self) -> bytes:
        await self._slot.before()
        part = await self._next()
        self._counting.count(len(part))
        self._slot.gave(len(part))
        return part

    async def _next(self) -> bytes:
        if self._first is not None:
            first, self._first = self._first, None
            self._begin()
            return first
        self._sent = not self._sent
        if self._sent:
            return b""
        try:
            return await self._parts.__anext__()
        except StopAsyncIteration:
            self._end()
            raise
        except BytesUnavailable:
            figures.unavailable += 1
            raise

    def _begin(self) -> None:
        self._counted = True
        self._counting.begin()
        task = asyncio.current_task()
        if task is not None and not self._ends_otherwise:
            self._slot.ends_by(task.cancel)
            if self._right is not None:
                loop = asyncio.get_running_loop()
                self._end_from_outside = partial(loop.call_soon_threadsafe, task.cancel)
                grants.run(self._right, self._end_from_outside)

    async def aclose(self) -> None:
        self._first = None
        self._end()
        await self._parts.aclose()

    def _end(self) -> None:
        self._slot.release()
        end, self._end_from_outside = self._end_from_outside, None
        if end is not None:
            grants.leave(end)
        if self._counted:
            self._counted = False
            self._counting.end()


class Noted:
    """Passes on from where bytes come, and remembers where the first came from."""

    def __init__(self, tally: Tally) -> None:
        self._note, self._failed_over, self.first = tally.came, tally.failed_over, ""

    def __call__(self, source: str, size: int) -> None:
        if source == FAILOVER:
            self._failed_over()
            return
        self.first = self.first or source
        self._note(source, size)


async def deliver(
    answer: Answer, watcher: Watcher, video_id: str, spending: Spending | None = None
) -> Delivery:
    """
    The body of an answer that has one. Raises TooManyStreams or TooManyRequests where there
    is no place for it, BytesUnavailable where it cannot be begun, BudgetUsed where there is
    nothing left to spend on it; when that is used in its middle, its parts do.
    """
    assert answer.opening is not None
    asked_at = time.perf_counter()
    slot = await limits.admit(watcher, video_id)
    try:
        tally = register.tally(watcher, video_id)
        noted = Noted(tally)
        opened = await answer.opening(noted)
        if spending is not None:
            opened = await spending.opened(opened)
    except BaseException as error:
        figures.unavailable += isinstance(error, BytesUnavailable)
        slot.release()
        raise
    figures.began_after(time.perf_counter() - asked_at)
    return Delivery(opened, tally, slot, noted.first)


async def hand_over(handed: Handed, watcher: Watcher, video_id: str) -> None:
    """
    Let nginx send it. Raises TooManyStreams or TooManyRequests as `deliver` does. For how long
    nginx sends and how much is not told to us: so the place is free again at once, the stream
    is one of those that go on for a while, and no byte is counted.
    """
    slot = await limits.admit(watcher, video_id)
    slot.handed(handed.size)
    slot.release()
    register.tally(watcher, video_id).hand_over(handed.size)
