"""
Bytes that the memory has, on the shortest way from there to the server.

Pieces whose files are open on this machine are read at once into buffers that are used again
and again; whatever would have to wait is left to a window reader.
"""

from __future__ import annotations

import asyncio
import os
import time
from bisect import bisect_right
from collections import deque
from functools import lru_cache
from pathlib import Path
from sys import getrefcount

from django.conf import settings

from library import places
from streaming.http.ranges import Window
from streaming.reading.arriving import FAILOVER, Note, Turn
from streaming.reading.files import Open, files
from streaming.reading.kept import Kept, always_wait
from streaming.reading.layouts import Layout
from streaming.reading.windows import SEND_SLOWLY, SLOW_SECONDS, WindowReader

# What fits into half a MiB with all that a viewer costs besides.
SEND = 384 * 1024
# So much is sent before others have their turn, and is read the long way before it is tried
# again whether the memory has it.
TURN = 1024 * 1024
# Buffers of this many are kept for later.
IDLE = 64
_HERE = {"staging", "shelf"}
_NOWAIT: int | None = getattr(os, "RWF_NOWAIT", None)

Part = bytes | memoryview


class Buffers:
    """
    Memory that parts are read into. Fresh memory costs more than the reading, since the
    kernel has to clear it; so what nobody refers to any more is used again.
    """

    def __init__(self) -> None:
        self._lent: deque[bytearray] = deque()

    def take(self) -> bytearray:
        for _ in range(3):
            try:
                # The last one that was used: the processor may still have it at hand.
                buffer = self._lent.pop()
            except IndexError:
                break
            # This name, and the count's own argument: no server holds it, nor a view of it.
            if getrefcount(buffer) == 2:
                self._lent.append(buffer)
                return buffer
            self._lent.appendleft(buffer)
        buffer = bytearray(SEND)
        if len(self._lent) < IDLE:
            self._lent.append(buffer)
        return buffer


buffers = Buffers()


class HotParts:
    """The parts of one window of a film. Close it, or let it end."""

    def __init__(self, layout: Layout, window: Window, turn: Turn, note: Note) -> None:
        self._layout, self._turn, self._note = layout, turn, note
        self._position, self._stop = window.start, window.stop
        self._file: Open | None = None
        self._source = ""
        # What of the film the open file has.
        self._begin = self._end = 0
        self._reader: WindowReader | None = None
        self._until_turn = self._until_hot = TURN
        self._most, self._gave_at = SEND, time.monotonic()

    def __aiter__(self) -> HotParts:
        return self

    async def __anext__(self) -> Part:
        if self._position >= self._stop:
            self.close()
            raise StopAsyncIteration
        if self._until_turn <= 0:
            # A server takes parts without a pause while the viewer keeps up.
            self._until_turn = TURN
            await asyncio.sleep(0)
        if (part := self.now()) is not None:
            return part
        if self._reader is None:
            self._reader, self._until_hot = self._wait(), TURN
        part = await self._reader.__anext__()
        self._position += len(part)
        self._until_hot -= len(part)
        if self._until_hot <= 0 and self._source in _HERE:
            self._reader.close()
            self._reader = None
        self._gave_at = time.monotonic()
        return part

    def now(self) -> Part | None:
        """The next part, if the memory has all of it and nobody waits for their turn."""
        position = self._position
        if self._reader is not None or self._until_turn <= 0 or position >= self._stop:
            return None
        if not (self._begin <= position < self._end) and not self._open_now(position):
            return None
        part = self._read_now(position)
        if part is not None:
            self._gave_at = time.monotonic()
        return part

    @property
    def is_over(self) -> bool:
        return self._position >= self._stop

    async def aclose(self) -> None:
        self.close()

    def close(self) -> None:
        self._position = self._stop
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
        self._let_go()

    def _read_now(self, position: int) -> Part | None:
        length = min(self._pace(), self._stop - position, self._end - position)
        buffer = buffers.take()
        into = memoryview(buffer)[:length]
        assert self._file is not None
        assert _NOWAIT is not None
        try:
            count = os.preadv(self._file.descriptor, [into], position - self._begin, _NOWAIT)
        except OSError:
            # It would wait, it cannot be asked so, or it is broken: the reader finds out.
            count = 0
        if count != length:
            self._let_go()
            return None
        self._position = position + length
        self._until_turn -= length
        self._note(self._source, length)
        return self._turn(into, position)

    def _open_now(self, position: int) -> bool:
        self._let_go()
        if _NOWAIT is None or settings.STREAM_VERIFY_ALWAYS:
            return False
        extents = self._layout.extents
        index = bisect_right(extents, position, key=lambda extent: extent.offset) - 1
        piece = self._layout.pieces[index]
        for source, path in _files(str(settings.FILMEDIA_DATA), piece, self._layout.staging):
            found = files.take_now(path)
            if found is not None and found.device not in always_wait:
                self._file, self._source = found, source
                self._begin, self._end = extents[index].offset, extents[index].stop
                return True
            if found is not None:
                files.release(found)
        return False

    def _let_go(self) -> None:
        file, self._file = self._file, None
        self._begin = self._end = 0
        if file is not None:
            files.release(file)

    def _wait(self) -> WindowReader:
        def noted(source: str, size: int) -> None:
            if source != FAILOVER:
                self._source = source
            self._note(source, size)

        window = Window(self._position, self._stop)
        return WindowReader(self._layout, window, self._turn, noted)

    def _pace(self) -> int:
        """How much to send now: less to who took long for what came before."""
        took = time.monotonic() - self._gave_at
        self._most = SEND_SLOWLY if took > SLOW_SECONDS else min(self._most * 2, SEND)
        return self._most


@lru_cache(maxsize=4096)
def _files(data: str, piece: Kept, staging: str) -> list[tuple[str, Path]]:
    """Where a piece may be in this data folder."""
    staged = [("staging", places.staged_piece(staging, piece.index))] if staging else []
    return [*staged, ("shelf", places.shelved_piece(piece.piece_cid))]
