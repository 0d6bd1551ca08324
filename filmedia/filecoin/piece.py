"""
Pieces and their names: the PieceCID of bytes, of a film that arrives, of its parts.

The one door to what `cid`, `hashing` and `blocks` do. Importing it loads no numba: that
happens with the first bytes hashed, or in `kernels.warm_up`.
"""

from collections.abc import Iterable
from typing import BinaryIO

from .blocks import (
    MAX_PIECE_SIZE,
    MIN_PIECE_SIZE,
    block_root,
    block_roots_match,
    complete_block_roots,
    film_cid,
    piece_cids,
)
from .cid import PieceCid, parse_v1, raw_size
from .hashing import Bytes, FilmHasher, PieceHasher
from .tree import BLOCK_LEVEL, BLOCK_SIZE

__all__ = [
    "BLOCK_LEVEL",
    "BLOCK_SIZE",
    "MAX_PIECE_SIZE",
    "MIN_PIECE_SIZE",
    "FilmHasher",
    "PieceCid",
    "PieceHasher",
    "block_root",
    "block_roots_match",
    "complete_block_roots",
    "film_cid",
    "parse_v1",
    "piece_cid",
    "piece_cids",
    "raw_size",
]

READ_SIZE = 1024 * 1024


def piece_cid(source: BinaryIO | Iterable[bytes] | Bytes) -> str:
    """
    The v2 CID of a binary file, from where it stands to its end, or of portions of bytes.

    Constant memory. The file stays open.
    """
    hasher = PieceHasher()
    for portion in _portions(source):
        hasher.update(portion)
    return str(hasher.finish())


def _portions(source: BinaryIO | Iterable[bytes] | Bytes) -> Iterable[Bytes]:
    if isinstance(source, bytes | bytearray | memoryview):
        yield source
    elif hasattr(source, "read"):
        while portion := source.read(READ_SIZE):
            yield portion
    else:
        yield from source
