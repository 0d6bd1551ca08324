"""What bytes are, as they come: their SHA-256 and, where that says something, their PieceCID."""

from __future__ import annotations

import hashlib

from filmedia.client.films import Film
from filmedia.filecoin.piece import PieceHasher


class Sums:
    """`with_piece` for a film that is stored open: only then are its own bytes the stored ones."""

    def __init__(self, *, with_piece: bool) -> None:
        self.with_piece = with_piece
        self.begin_anew()

    @classmethod
    def of(cls, film: Film) -> Sums:
        return cls(with_piece=not film["encrypted"] and bool(film["piece_cid"]))

    def begin_anew(self) -> None:
        self._digest = hashlib.sha256()
        self._piece = PieceHasher() if self.with_piece else None

    def update(self, data: bytes) -> None:
        self._digest.update(data)
        if self._piece is not None:
            self._piece.update(data)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    @property
    def piece_cid(self) -> str | None:
        """None where it is not to be held against the film's."""
        return None if self._piece is None else str(self._piece.finish())
