"""The film's own bytes, read from wherever its pieces lie: on this machine, or out there."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO

from library import places
from library.encryption import turn
from library.keys import films
from library.models import Copy, Piece, Video
from library.storing.errors import StagedBytesMissing

if TYPE_CHECKING:
    from library.network.copies import RemoteReader


class Original:
    """
    `read(position, length)` over all pieces of a video, one file open at a time.

    Stored bytes become film bytes here, so whoever reads needs no key. Raises
    KeyUnavailable at once where that cannot be done.
    """

    def __init__(self, video: Video) -> None:
        self._video, self._key = video, films.of(video)
        self._pieces = list(Piece.objects.filter(video=video))
        self._open: tuple[int, BinaryIO] | None = None
        self._reader: tuple[int, RemoteReader] | None = None

    def __enter__(self) -> Original:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._close()

    def read(self, position: int, length: int) -> bytes:
        """As many of the bytes as the film has there."""
        found = bytearray()
        for piece in self._at(position, length):
            start = max(position - piece.offset, 0)
            # Whoever looks for an end asks for what lies behind it, too.
            stop = max(min(position + length - piece.offset, piece.size), start)
            stored = self._stored(piece, start, stop)
            found += turn(self._key, stored, piece.offset + start)
        return bytes(found)

    def _stored(self, piece: Piece, start: int, stop: int) -> bytes:
        path = self._path(piece)
        if path is not None:
            file = self._file(piece, path)
            file.seek(start)
            found = file.read(stop - start)
            if len(found) == stop - start:
                return found
            # Cut short: what follows would be taken for what is missing.
        return self._remote(piece).read(start, stop - start)

    def _remote(self, piece: Piece) -> RemoteReader:
        """Of a film whose bytes are with providers only. What comes from there is verified."""
        if not Copy.objects.filter(piece=piece, holder__isnull=False).exists():
            raise StagedBytesMissing(piece.index)
        # Loaded where it is needed: most films are read from this machine.
        from library.network.copies import RemoteReader

        if self._reader is None or self._reader[0] != piece.index:
            self._reader = piece.index, RemoteReader(piece.piece_cid)
        return self._reader[1]

    def _at(self, position: int, length: int) -> list[Piece]:
        if not self._pieces or length <= 0:
            return []
        size = self._pieces[0].size
        return self._pieces[position // size : (position + length - 1) // size + 1]

    def _file(self, piece: Piece, path: Path) -> BinaryIO:
        if self._open is None or self._open[0] != piece.index:
            self._close()
            self._open = piece.index, path.open("rb", buffering=0)
        return self._open[1]

    def _path(self, piece: Piece) -> Path | None:
        if self._video.staging:
            staged = places.staged_piece(self._video.staging, piece.index)
            if staged.is_file():
                return staged
        shelved = places.shelved_piece(piece.piece_cid)
        return shelved if shelved.is_file() else None

    def _close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None
