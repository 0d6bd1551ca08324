"""
What happens to a body between its first byte and the viewer: it is counted while it is sent.

Both doors send through here, so that a stream is the same thing whichever way it began.
"""

from __future__ import annotations

from typing import Protocol

from streaming.doors.answers import Answer, Opened
from streaming.doors.viewers import Watcher
from streaming.doors.watched import register


class Counting(Protocol):
    """Whoever wants to know what is sent."""

    def begin(self) -> None: ...
    def count(self, size: int) -> None: ...
    def end(self) -> None: ...


class Delivery:
    """
    The parts of a body on their way, counted from the first one on. Close it.

    An empty part stands between every two. A server takes it only when the viewer has taken
    what came before, so that no part is read and held for a viewer who is not ready for it.
    """

    def __init__(self, opened: Opened, counting: Counting) -> None:
        self._first: bytes | None = opened.first
        self._parts = opened.parts
        self._counting = counting
        self._sent = self._counted = False

    def __aiter__(self) -> Delivery:
        return self

    async def __anext__(self) -> bytes:
        if self._first is not None:
            first, self._first = self._first, None
            self._counted = True
            self._counting.begin()
            self._counting.count(len(first))
            return first
        self._sent = not self._sent
        if self._sent:
            return b""
        try:
            part = await self._parts.__anext__()
        except StopAsyncIteration:
            self._end()
            raise
        self._counting.count(len(part))
        return part

    async def aclose(self) -> None:
        self._first = None
        self._end()
        await self._parts.aclose()

    def _end(self) -> None:
        if self._counted:
            self._counted = False
            self._counting.end()


async def deliver(answer: Answer, watcher: Watcher, video_id: str) -> Delivery:
    """The body of an answer that has one. Raises BytesUnavailable where it cannot be begun."""
    assert answer.opening is not None
    tally = register.tally(watcher, video_id)
    return Delivery(await answer.opening(tally.came), tally)
