"""
Films that are still being fetched by their PieceCIDs: what has come is read from staging, the
rest from where it is fetched.

Every piece is verified as a whole once all of it has come. Until then nobody knows the roots
of its blocks, so what is shown of it from elsewhere is not verified, and says so.
"""

from __future__ import annotations

import asyncio
import logging
from bisect import bisect_right
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from filmedia.filecoin.errors import FilecoinError
from filmedia.filecoin.piece import PieceCid
from filmedia.filecoin.provider.addresses import client
from filmedia.filecoin.provider.client import Provider
from library import places
from library.importing.pieces import Place
from streaming.errors import BytesUnavailable
from streaming.http.ranges import Window
from streaming.reading.kept import SEND

log = logging.getLogger(__name__)

# What a viewer's bytes are called that nobody could hold against a root.
UNVERIFIED = "unverified"
# Noted without bytes, before those of a block for which a second source was asked.
FAILOVER = "failover"

# Seconds until the first byte of an answer, over all places that may have it; and of silence in
# its middle, after which the next place is asked.
FIRST_SECONDS, SILENT_SECONDS = 4.5, 5.0

# Turns stored bytes that begin at a position into what is sent.
Turn = Callable[[bytes | memoryview, int], bytes | memoryview]
# Is told from where how many bytes were read.
Note = Callable[[str, int], None]


@dataclass(frozen=True)
class Arriving:
    """
    The first `arrived` bytes lie in the staging folder, in files of `piece_size`; they are
    stored bytes. Of the rest `pieces` are the names, in order, and `places` has them.
    """

    staging: str
    piece_size: int
    arrived: int
    pieces: Sequence[PieceCid]
    places: Sequence[Place]
    # How long there may be no first byte.
    patience: float = FIRST_SECONDS

    @property
    def size(self) -> int:
        return sum(piece.size for piece in self.pieces)

    async def parts(self, window: Window, turn: Turn, note: Note) -> AsyncGenerator[bytes, None]:
        """The bytes of the film in this window, at most SEND at a time."""
        position = window.start
        if window.stop > self.arrived:
            # Said first: what is told of an answer is told before its first byte.
            note(UNVERIFIED, 0)
        while position < min(window.stop, self.arrived):
            length = min(SEND, min(window.stop, self.arrived) - position)
            data = await asyncio.to_thread(self._staged, position, length)
            note("staging", len(data))
            yield bytes(turn(data, position))
            position += len(data)
        if position < window.stop:
            async with aclosing(self._fetched(Window(position, window.stop))) as fetched:
                async for data in fetched:
                    note(UNVERIFIED, len(data))
                    yield data

    def _staged(self, position: int, length: int) -> bytes:
        index, start = divmod(position, self.piece_size)
        try:
            with places.staged_piece(self.staging, index).open("rb", buffering=0) as file:
                file.seek(start)
                data = file.read(min(length, self.piece_size - start))
        except OSError as error:
            raise BytesUnavailable(index) from error
        if not data:
            raise BytesUnavailable(index)
        return data

    async def _fetched(self, window: Window) -> AsyncGenerator[bytes, None]:
        starts, end = [], 0
        for piece in self.pieces:
            starts.append(end)
            end += piece.size
        index = bisect_right(starts, window.start) - 1
        position, patience = window.start, self.patience
        while position < window.stop:
            begin, piece = starts[index], self.pieces[index]
            span = Window(position - begin, min(window.stop - begin, piece.size))
            async with aclosing(self._of_piece(index, span, patience)) as portions:
                async for data in portions:
                    patience = SILENT_SECONDS
                    for at in range(0, len(data), SEND):
                        yield data[at : at + SEND]
            position, index = begin + piece.size, index + 1

    async def _of_piece(
        self, index: int, span: Window, patience: float
    ) -> AsyncGenerator[bytes, None]:
        """
        From the first place that has it; the next goes on where one has failed, or is silent
        for its share of `patience`.
        """
        start, loop = span.start, asyncio.get_running_loop()
        until = loop.time() + patience
        for place, left in zip(self.places, range(len(self.places), 0, -1), strict=True):
            wait = max(until - loop.time(), 0.0) / left
            async with client(place.trusted) as http:
                stream = Provider(place.url, http).stream(self.pieces[index], start, span.stop)
                try:
                    async with aclosing(stream) as found:
                        while (data := await _within(wait, found)) is not None:
                            start, wait = start + len(data), SILENT_SECONDS
                            yield data
                            until = loop.time() + SILENT_SECONDS
                except (FilecoinError, TimeoutError) as error:
                    why = str(error) or "It is silent."
                    log.warning("Piece %s of an import, from %s: %s", index, place.url, why)
            if start == span.stop:
                return
        raise BytesUnavailable(index)


async def _within(seconds: float, found: AsyncGenerator[bytes, None]) -> bytes | None:
    """The next part; None at the end. Raises TimeoutError when it does not come."""
    async with asyncio.timeout(seconds):
        return await anext(found, None)
