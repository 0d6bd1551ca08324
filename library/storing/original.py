"""The film's own bytes, read from wherever its pieces lie on this machine."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from library import places
from library.encryption import turn
from library.keys import films
from library.models import Piece, Video
from library.storing.errors import StagedBytesMissing


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
            stop = min(position + length - piece.offset, piece.size)
            file = self._file(piece)
            file.seek(start)
            found += turn(self._key, file.read(stop - start), piece.offset + start)
        return bytes(found)

    def _at(self, position: int, length: int) -> list[Piece]:
        if not self._pieces or length <= 0:
            return []
        size = self._pieces[0].size
        return self._pieces[position // size : (position + length - 1) // size + 1]

    def _file(self, piece: Piece) -> BinaryIO:
        if self._open is None or self._open[0] != piece.index:
            self._close()
            self._open = piece.index, self._path(piece).open("rb", buffering=0)
        return self._open[1]

    def _path(self, piece: Piece) -> Path:
        if self._video.staging:
            staged = places.staged_piece(self._video.staging, piece.index)
            if staged.is_file():
                return staged
        shelved = places.shelved_piece(piece.piece_cid)
        if not shelved.is_file():
            raise StagedBytesMissing(piece.index)
        return shelved

    def _close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None
