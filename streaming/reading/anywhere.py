"""
The stored bytes of one piece for whoever can wait: from this machine, or else from whoever
holds a copy. Commands read so; viewers do not (see `windows`).
"""

from __future__ import annotations

import logging

from filmedia.filecoin.errors import FilecoinError
from library.network.copies import RemoteReader
from streaming.errors import BytesUnavailable, NotHere
from streaming.reading.kept import Kept, PieceReader

log = logging.getLogger(__name__)


class AnyReader(PieceReader):
    def __init__(self, piece: Kept, staging: str) -> None:
        super().__init__(piece, staging)
        self._remote: RemoteReader | None = None

    def read(self, start: int, length: int) -> bytes:
        """As of a PieceReader; what comes from a provider has been verified already."""
        try:
            return super().read(start, length)
        except NotHere:
            return self._read_remote(start, length)

    def _read_remote(self, start: int, length: int) -> bytes:
        try:
            if self._remote is None:
                self.place, self._remote = "with its providers", RemoteReader(self.piece.piece_cid)
            data = self._filled(start, self._remote.read(start, length), length)
        except FilecoinError as error:
            log.warning("Piece %s, %s: %s", self.piece.piece_cid, self.place, error)
            raise BytesUnavailable(self.piece.index) from error
        if len(data) != length:
            raise BytesUnavailable(self.piece.index)
        return data
