"""
Pieces of this machine for who trusts no disk: a block is checked each time it is opened.

They were verified when they were written, and the patrol looks at them; STREAM_VERIFY_ALWAYS
reads through here all the same.
"""

from __future__ import annotations

from filmedia.filecoin.piece import BLOCK_SIZE, block_root
from streaming.reading.kept import PieceReader
from streaming.reading.layouts import Kept, Layout

_ROOT = 32


class CheckedReader(PieceReader):
    """Gives bytes of a block only after all of it was found right, in the same place."""

    def __init__(self, piece: Kept, layout: Layout) -> None:
        super().__init__(piece, layout.staging)
        self._layout = layout
        self._roots = b""
        self._right: set[int] = set()

    def read_now(self, start: int, length: int) -> memoryview | None:
        if not set(_blocks(start, length)) <= self._right:
            return None
        return super().read_now(start, length)

    def read(self, start: int, length: int) -> bytes:
        self._roots = self._roots or self._own_roots()
        blocks = set(_blocks(start, length))
        while True:
            # To look for one block may lead to the next place, where nothing is known of others.
            while missing := blocks - self._right:
                self._check(min(missing), blocks)
            place = self.place
            data = super().read(start, length)
            if self.place == place:
                return data
            # The next place: nothing is known of it.
            self._right.clear()

    def leave(self, why: str) -> None:
        self._right.clear()
        super().leave(why)

    def _check(self, block: int, wanted: set[int]) -> None:
        while block not in self._right:
            start = block * BLOCK_SIZE
            data = super().read(start, min(BLOCK_SIZE, self.piece.size - start))
            if block_root(data) == self._roots[block * _ROOT : (block + 1) * _ROOT]:
                # Whoever reads on needs none of those before.
                self._right = (self._right & wanted) | {block}
            else:
                self.leave(f"block {block} is wrong")

    def _own_roots(self) -> bytes:
        first = self.piece.begin // BLOCK_SIZE
        count = -(-self.piece.size // BLOCK_SIZE)
        roots = self._layout.film(self.piece).roots
        return roots[first * _ROOT : (first + count) * _ROOT]


def _blocks(start: int, length: int) -> range:
    return range(start // BLOCK_SIZE, (start + length - 1) // BLOCK_SIZE + 1)
