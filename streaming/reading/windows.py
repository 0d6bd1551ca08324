"""
From a window to its bytes: what is in memory at once, the rest without stopping the loop.

Nothing is kept of what was sent, and one piece is open at a time. If bytes cannot be had
any more, reading raises, so that the connection ends short: never a wrong byte, and never
a quiet end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

from streaming.http.ranges import Window
from streaming.reading.kept import SEND, Kept, PieceReader
from streaming.reading.spans import Extent, Span, cut

# Turns stored bytes that begin at a position into what is sent.
Turn = Callable[[bytes | memoryview, int], bytes | memoryview]

# Readers that wait for a disk; more of them would only make it seek more.
_waiting = ThreadPoolExecutor(max_workers=8, thread_name_prefix="film-reader")


@dataclass(frozen=True)
class Layout:
    """The pieces that make up a body, in order, and the folder of those that are staged."""

    pieces: Sequence[Kept]
    staging: str = ""

    @cached_property
    def extents(self) -> list[Extent]:
        return [Extent(piece.offset, piece.size) for piece in self.pieces]


class WindowReader:
    """
    The bytes of a window, at most SEND at a time, as an asynchronous iterator.

    Close it, or let it end: both free what it holds. Closing does not wait for a thread
    that is still reading for it; the piece is then let go by that thread.
    """

    def __init__(self, layout: Layout, window: Window, turn: Turn) -> None:
        self._layout, self._turn = layout, turn
        self._spans = cut(window, layout.extents)
        self._span = Span(-1, 0, 0)
        self._position = window.start
        self._piece: PieceReader | None = None
        self._work: Future[bytes] | None = None

    def __aiter__(self) -> WindowReader:
        return self

    async def __anext__(self) -> bytes:
        if self._span.length == 0 and not self._next_span():
            raise StopAsyncIteration
        assert self._piece is not None
        start, length = self._span.start, min(SEND, self._span.length)
        # A server takes parts without a pause while the viewer keeps up, and also once the
        # viewer has gone. So this is where others get their turn, and where it is noticed.
        await asyncio.sleep(0)
        data: bytes | memoryview | None = self._piece.read_now(start, length)
        if data is None:
            data = await self._wait_for(self._piece, start, length)
        # What was read will be read over; what is sent belongs to whoever sends it.
        sent = bytes(self._turn(data, self._position))
        self._span = self._span._replace(start=start + length)
        self._position += length
        return sent

    async def aclose(self) -> None:
        self.close()

    def close(self) -> None:
        self._spans = iter(())
        self._span = Span(-1, 0, 0)
        piece, self._piece = self._piece, None
        if piece is None:
            return
        if self._work is None:
            piece.close()
        else:
            self._work.add_done_callback(lambda _: piece.close())

    def _next_span(self) -> bool:
        if self._piece is not None:
            self._piece.close()
            self._piece = None
        span = next(self._spans, None)
        if span is None:
            return False
        self._span = span
        self._piece = PieceReader(self._layout.pieces[span.piece], self._layout.staging)
        return True

    async def _wait_for(self, piece: PieceReader, start: int, length: int) -> bytes:
        self._work = _waiting.submit(piece.read, start, length)
        try:
            data = await asyncio.wrap_future(self._work)
        except asyncio.CancelledError:
            self.close()
            raise
        finally:
            self._work = None
        return data


def open_window(layout: Layout, window: Window, turn: Turn) -> WindowReader:
    return WindowReader(layout, window, turn)
