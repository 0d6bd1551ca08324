"""What is known of a piece that is elsewhere, and what comes of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from filmedia.filecoin.piece import BLOCK_SIZE, PieceCid, block_root

ROOT = 32


@dataclass(frozen=True)
class RemotePiece:
    """
    A piece as providers hold it. `size` is what they hold: the zeros that fill a short piece
    up are part of it. Without `roots` its blocks cannot be verified one by one.
    """

    video: str
    index: int
    cid: PieceCid
    size: int
    roots: bytes | None

    @cached_property
    def blocks(self) -> int:
        return -(-self.size // BLOCK_SIZE)

    def start(self, block: int) -> int:
        return min(block * BLOCK_SIZE, self.size)

    def length(self, block: int) -> int:
        return self.start(block + 1) - self.start(block)

    def is_right(self, block: int, data: bytes | bytearray | memoryview) -> bool:
        """Whether these bytes are the block; takes a while, so ask in a thread."""
        if self.roots is None:
            return True
        return block_root(data) == self.roots[block * ROOT : (block + 1) * ROOT]


@dataclass(frozen=True)
class Fetched:
    """
    A whole block, and the name of the source that had it. `failed_over` says that another was
    asked for it, too.
    """

    data: bytes | bytearray
    source: str
    verified: bool
    failed_over: bool = False
