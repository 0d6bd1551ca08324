"""
From a window to its bytes: what is in memory at once, the rest without stopping the loop.

A piece is read from this machine as long as it has it, and block by block from the supply
where it has not. Nothing is kept of what was sent, and one piece is open at a time. If bytes
cannot be had any more, reading raises, so that the connection ends short: never a wrong byte,
and never a quiet end.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from django.conf import settings

from filmedia.filecoin.piece import BLOCK_SIZE
from streaming.cache.supply import Block, ReadAhead, supply
from streaming.errors import BytesUnavailable, NotHere
from streaming.http.ranges import Window
from streaming.reading.arriving import FAILOVER, Arriving, Note, Turn
from streaming.reading.checked import CheckedReader
from streaming.reading.kept import SEND, PieceReader
from streaming.reading.layouts import Film, Layout
from streaming.reading.spans import Span, cut
from streaming.reading.tail import tail_of

log = logging.getLogger(__name__)

# What is sent at a time to a viewer who takes this long for a part: it waits in memory.
SEND_SLOWLY, SLOW_SECONDS = 64 * 1024, 0.25

# Of an index at the end of a film so many blocks are fetched before they are asked for.
MOST_EXPECTED = 8
_expected: set[asyncio.Task[None]] = set()

# Readers that wait for a disk; more of them would only make it seek more.
_waiting = ThreadPoolExecutor(max_workers=8, thread_name_prefix="film-reader")


class WindowReader:
    """
    The bytes of a window, at most SEND at a time, as an asynchronous iterator.

    Close it, or let it end: both free what it holds. Closing does not wait for a thread
    that is still reading for it; the piece is then let go by that thread.
    """

    def __init__(self, layout: Layout, window: Window, turn: Turn, note: Note) -> None:
        self._layout, self._turn, self._note = layout, turn, note
        self._spans = cut(window, layout.extents)
        self._span = Span(-1, 0, 0)
        self._position, self._stop = window.start, window.stop
        self._piece: PieceReader | None = None
        self._elsewhere: Elsewhere | None = None
        self._work: Future[bytes] | None = None
        self._most, self._gave_at = SEND, time.monotonic()

    def __aiter__(self) -> WindowReader:
        return self

    async def __anext__(self) -> bytes:
        if self._span.length == 0 and not self._next_span():
            raise StopAsyncIteration
        start, length = self._span.start, min(self._pace(), self._span.length)
        # A server takes parts without a pause while the viewer keeps up, and also once the
        # viewer has gone. So this is where others get their turn, and where it is noticed.
        await asyncio.sleep(0)
        if self._piece is not None:
            data: bytes | memoryview | None = self._piece.read_now(start, length)
            if data is None:
                data = await self._wait_for(self._piece, start, length)
        else:
            data = await self._fetch(start, length)
        self._note(self._source, len(data))
        from_elsewhere = self._piece is None
        # What was read will be read over; what is sent belongs to whoever sends it.
        sent = bytes(self._turn(data, self._position))
        # No player asks for a piece alone.
        is_film = self._layout.pieces[0].film_offset is None
        begins = is_film and self._position == 0 and from_elsewhere
        if begins and self._elsewhere is not None:
            self._elsewhere.expect(tail_of(sent, self._layout.size))
        self._span = self._span._replace(start=start + len(sent))
        self._position += len(sent)
        self._gave_at = time.monotonic()
        return sent

    async def aclose(self) -> None:
        self.close()

    def close(self) -> None:
        self._spans = iter(())
        self._span = Span(-1, 0, 0)
        if self._elsewhere is not None:
            self._elsewhere.close()
        self._let_go()

    def _let_go(self) -> None:
        piece, self._piece = self._piece, None
        if piece is None:
            return
        if self._work is None:
            piece.close()
        else:
            self._work.add_done_callback(lambda _: piece.close())

    @property
    def _source(self) -> str:
        if self._piece is not None:
            return self._piece.source
        return self._elsewhere.source if self._elsewhere else ""

    def _pace(self) -> int:
        """How much to send now: less to who took long for what came before."""
        took = time.monotonic() - self._gave_at
        self._most = SEND_SLOWLY if took > SLOW_SECONDS else min(self._most * 2, SEND)
        return self._most

    def _next_span(self) -> bool:
        self._let_go()
        span = next(self._spans, None)
        if span is None:
            self.close()
            return False
        self._span = span
        piece = self._layout.pieces[span.piece]
        always = settings.STREAM_VERIFY_ALWAYS and self._layout.video
        self._piece = (
            CheckedReader(piece, self._layout)
            if always
            else PieceReader(piece, self._layout.staging)
        )
        self._piece.open_now()
        return True

    async def _wait_for(self, piece: PieceReader, start: int, length: int) -> bytes | memoryview:
        self._work = _waiting.submit(piece.read, start, length)
        try:
            return await asyncio.wrap_future(self._work)
        except asyncio.CancelledError:
            self.close()
            raise
        except NotHere:
            self._work = None
            self._let_go()
            return await self._fetch(start, length)
        finally:
            self._work = None

    async def _fetch(self, start: int, length: int) -> bytes | memoryview:
        """What of these bytes lies in one block, from elsewhere."""
        piece = self._layout.pieces[self._span.piece]
        if self._elsewhere is None:
            film = await asyncio.wrap_future(_waiting.submit(self._layout.film, piece))
            self._elsewhere = Elsewhere(film, piece.begin - piece.offset + self._stop)
        data = await self._elsewhere.read(piece.begin + start, length)
        if self._elsewhere.take_failover():
            self._note(FAILOVER, 0)
        return data


class Elsewhere:
    """Bytes of a film up to `stop` from its blocks, one block open at a time. Close it."""

    def __init__(self, film: Film, stop: int) -> None:
        self._film = film
        self._ahead = ReadAhead(film, (stop - 1) // BLOCK_SIZE)
        self._block: Block | None = None
        self._index = -1
        self.source = ""
        self._failed_over = False

    def take_failover(self) -> bool:
        """Whether a second source was asked for a block since this was asked."""
        failed_over, self._failed_over = self._failed_over, False
        return failed_over

    async def read(self, position: int, length: int) -> bytes | memoryview:
        """At most `length` bytes, from one block; what fills up the last piece included."""
        index, inside = divmod(position, BLOCK_SIZE)
        if position >= self._film.size:
            return bytes(length)
        length = min(length, BLOCK_SIZE - inside, self._film.size - position)
        try:
            return await self._read(index, inside, length)
        except BytesUnavailable:
            if self._block is None:
                raise
            # It was here, and the disk does not give it back: so it is had from elsewhere.
            self._leave()
            return await self._read(index, inside, length)

    async def _read(self, index: int, inside: int, length: int) -> bytes | memoryview:
        if self._block is None or self._index != index:
            self._leave()
            self._ahead.at(index)
            self._block = await supply().block(self._film, index, self._ahead)
            self._index, self.source = index, self._block.source
            self._failed_over |= self._block.failed_over
        data = self._block.read_now(inside, length)
        if data is not None:
            return data
        return await asyncio.wrap_future(_waiting.submit(self._block.read, inside, length))

    def expect(self, window: Window | None) -> None:
        """These bytes of the film will be asked for next: have the first of them on their way."""
        if window is not None:
            first, stop = window.start // BLOCK_SIZE, -(-window.stop // BLOCK_SIZE)
            task = asyncio.create_task(_fetch(self._film, range(first, stop)[:MOST_EXPECTED]))
            # Not ended with this reader: a player leaves before it asks for the end.
            _expected.add(task)
            task.add_done_callback(_expected.discard)

    def close(self) -> None:
        self._leave()
        self._ahead.close()

    def _leave(self) -> None:
        block, self._block = self._block, None
        if block is not None:
            block.close()


async def _fetch(film: Film, blocks: Iterable[int]) -> None:
    """Only ahead of time: whoever needs them asks again, and is told what is wrong then."""
    try:
        for index in blocks:
            (await supply().block(film, index)).close()
    except BytesUnavailable:
        pass
    except Exception:
        log.exception("Blocks of film %s could not be had ahead of time.", film.id)


def open_window(
    layout: Layout | Arriving,
    window: Window,
    turn: Turn,
    note: Note = lambda source, size: None,
) -> WindowReader | AsyncGenerator[bytes, None]:
    """The bytes of a window, part by part. Close what it gives, or let it end."""
    if isinstance(layout, Arriving):
        return layout.parts(window, turn, note)
    return WindowReader(layout, window, turn, note)
