"""
Where in which piece the bytes of a window lie.

A film is its pieces laid end to end. This file knows their offsets and sizes, and neither
what is in them nor where they are kept.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from streaming.http.ranges import Window


class Extent(NamedTuple):
    """The place of one piece in the film."""

    offset: int
    size: int

    @property
    def stop(self) -> int:
        return self.offset + self.size


class Span(NamedTuple):
    """The bytes from `start` up to `stop` of the piece with this index, counted in the piece."""

    piece: int
    start: int
    stop: int

    @property
    def length(self) -> int:
        return self.stop - self.start


def cut(window: Window, pieces: Sequence[Extent]) -> Iterator[Span]:
    """
    Return the spans which, joined in order, are the window.

    A window that reaches outside the pieces is a ValueError here and now. A hole between
    two pieces is one when the spans get to it: nothing looks at every piece of a long film.
    """
    begin, end = (pieces[0].offset, pieces[-1].stop) if pieces else (0, 0)
    if window.start < begin or window.stop > end:
        raise ValueError(f"{window} is not inside the pieces, which hold {begin} to {end}.")
    return _spans(window, pieces)


def _spans(window: Window, pieces: Sequence[Extent]) -> Iterator[Span]:
    index = bisect_right(pieces, window.start, key=lambda piece: piece.offset) - 1
    position = window.start
    while position < window.stop:
        piece = pieces[index]
        if not piece.offset <= position < piece.stop:
            raise ValueError(f"Piece {index} ({piece}) does not hold byte {position}.")
        stop = min(window.stop, piece.stop)
        yield Span(index, position - piece.offset, stop - piece.offset)
        position, index = stop, index + 1
