"""
The stored blocks of a film, each verified before it is given to anybody.

A block stands alone: its root is one of the film's block roots, and those together are
what the film's PieceCID names.
"""

from __future__ import annotations

from filmedia.filecoin.piece import BLOCK_SIZE, PieceCid, block_root, block_roots_match
from library import places
from library.models import Video
from streaming.errors import BytesUnavailable, WrongBytes
from streaming.http.ranges import Window
from streaming.reading.anywhere import AnyReader
from streaming.reading.kept import Kept
from streaming.reading.layouts import Layout
from streaming.reading.spans import Span, cut

ROOT = 32


class BlockReader:
    """Reads blocks in any order, best in theirs: one piece is open at a time. Close it."""

    def __init__(self, layout: Layout, size: int, roots: bytes) -> None:
        self._layout, self._size, self._roots = layout, size, roots
        self._piece: AnyReader | None = None

    def __enter__(self) -> BlockReader:
        return self

    def __exit__(self, *_: object) -> None:
        if self._piece is not None:
            self._piece.close()

    def __len__(self) -> int:
        return -(-self._size // BLOCK_SIZE)

    def read(self, index: int) -> bytes:
        """The block, from the first place where it is right; WrongBytes if that is none."""
        start = index * BLOCK_SIZE
        # A piece is a whole number of blocks, so that no block lies in two.
        [span] = cut(Window(start, min(start + BLOCK_SIZE, self._size)), self._layout.extents)
        piece = self._opened(self._layout.pieces[span.piece])
        wrong: list[str] = []
        while True:
            try:
                data = piece.read(span.start, span.length)
            except BytesUnavailable as error:
                if not wrong:
                    raise
                raise WrongBytes(_name(piece.piece, span), wrong) from error
            if self.is_right(index, data):
                return data
            wrong.append(piece.place)
            piece.leave(f"block {span.start // BLOCK_SIZE} is wrong")

    def is_right(self, index: int, data: bytes) -> bool:
        """Whether these stored bytes are the block."""
        return block_root(data) == self._roots[index * ROOT : (index + 1) * ROOT]

    def _opened(self, piece: Kept) -> AnyReader:
        if self._piece is None or self._piece.piece is not piece:
            if self._piece is not None:
                self._piece.close()
            self._piece = AnyReader(piece, self._layout.staging)
        return self._piece


def roots_of(video: Video, layout: Layout) -> bytes:
    """
    The film's block roots: those that are kept, if they are its own, or else found by
    reading all of it.
    """
    cid = PieceCid.parse(video.piece_cid)
    kept = [places.roots(video.pk)]
    if video.staging:
        kept.append(places.staged_roots(video.staging))
    for path in kept:
        if path.is_file() and block_roots_match(roots := path.read_bytes(), cid):
            return roots
    roots = b"".join(_found(piece, layout.staging) for piece in layout.pieces)
    if not block_roots_match(roots, cid):
        raise WrongBytes("Every piece is right, but what they make up", [])
    return roots


def _found(piece: Kept, staging: str) -> bytes:
    """The block roots of a piece, from the first place where all of it is right."""
    wrong: list[str] = []
    with AnyReader(piece, staging) as reader:
        while True:
            try:
                roots = b"".join(
                    block_root(reader.read(start, min(BLOCK_SIZE, piece.size - start)))
                    for start in range(0, piece.size, BLOCK_SIZE)
                )
            except BytesUnavailable as error:
                if not wrong:
                    raise
                raise WrongBytes(f"Piece {piece.index} ({piece.piece_cid})", wrong) from error
            if block_roots_match(roots, PieceCid.parse(piece.piece_cid)):
                return roots
            wrong.append(reader.place)
            reader.leave("its bytes are not those that its PieceCID names")


def _name(piece: Kept, span: Span) -> str:
    return f"Block {span.start // BLOCK_SIZE} of piece {piece.index} ({piece.piece_cid})"
