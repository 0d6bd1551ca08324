"""What must be known of a film to have its blocks from elsewhere. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from filmedia.filecoin.piece import BLOCK_SIZE, PieceCid, block_root
from streaming.errors import BytesUnavailable
from streaming.reading.kept import Kept
from streaming.sources.remote import RemotePiece

ROOT = 32


@dataclass(frozen=True)
class Film:
    """
    `cid` is the film's PieceCID, and so the name of its bytes as stored, `size` their number.
    `roots` are 32 bytes a block, already held against it; each piece is a whole number of
    blocks, but the last.
    """

    id: str
    cid: str
    size: int
    roots: bytes
    pieces: Sequence[Kept]

    def __len__(self) -> int:
        """How many blocks there are."""
        return -(-self.size // BLOCK_SIZE)

    def length(self, index: int) -> int:
        return min(BLOCK_SIZE, self.size - index * BLOCK_SIZE)

    def is_right(self, index: int, data: bytes | bytearray | memoryview) -> bool:
        """Whether these bytes are the block. Takes a millisecond or two: ask in a thread."""
        return block_root(data) == self.roots[index * ROOT : (index + 1) * ROOT]

    def piece(self, index: int) -> Kept:
        """The piece that a block lies in."""
        position = index * BLOCK_SIZE
        place = bisect_right(self.pieces, position, key=lambda piece: piece.offset) - 1
        if place < 0 or position >= self.pieces[place].offset + self.pieces[place].size:
            raise BytesUnavailable(max(place, 0))
        return self.pieces[place]

    def remote(self, piece: Kept) -> RemotePiece:
        """The piece as providers have it."""
        cid = PieceCid.parse(piece.piece_cid)
        first = piece.offset // BLOCK_SIZE
        count = -(-cid.size // BLOCK_SIZE)
        roots = self.roots[first * ROOT : (first + count) * ROOT]
        return RemotePiece(self.id, piece.index, cid, cid.size, roots)
