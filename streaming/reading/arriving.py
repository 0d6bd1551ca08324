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

    @property
    def size(self) -> int:
        return sum(piece.size for piece in self.pieces)

    async def parts(self, window: Window, turn: Turn, note: Note) -> AsyncGenerator[bytes, None]:
        """The bytes of the film in this window, at most SEND at a time."""
        position = window.start
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
        position = window.start
        while position < window.stop:
            begin, piece = starts[index], self.pieces[index]
            stop = min(window.stop - begin, piece.size)
            async with aclosing(self._of_piece(index, position - begin, stop)) as portions:
                async for data in portions:
                    for at in range(0, len(data), SEND):
                        yield data[at : at + SEND]
            position, index = begin + piece.size, index + 1

    async def _of_piece(self, index: int, start: int, stop: int) -> AsyncGenerator[bytes, None]:
        """From the first place that has it; the next goes on where one has failed."""
        for place in self.places:
            async with client(place.trusted) as http:
                provider = Provider(place.url, http)
                try:
                    async with aclosing(provider.stream(self.pieces[index], start, stop)) as found:
                        async for data in found:
                            start += len(data)
                            yield data
                except FilecoinError as error:
                    log.warning("Piece %s of an import, from %s: %s", index, place.url, error)
            if start == stop:
                return
        raise BytesUnavailable(index)
