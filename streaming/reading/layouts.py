"""
Where the bytes of a body are: its pieces in order, and what elsewhere must be known of its film.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from filmedia.filecoin.piece import PieceCid, block_roots_match
from library import places
from streaming.cache.supply import Film
from streaming.errors import BytesUnavailable
from streaming.reading.kept import Kept
from streaming.reading.spans import Extent


@dataclass(frozen=True)
class Layout:
    """
    The pieces that make up a body, in order, and the folder of those that are staged.

    `video`, `cid` and `size` are of the film whose pieces they are: by them its blocks can be
    had from elsewhere too. A layout without them is of what lies on this machine only.
    """

    pieces: Sequence[Kept]
    staging: str = ""
    video: str = ""
    cid: str = ""
    size: int = 0

    @cached_property
    def extents(self) -> list[Extent]:
        return [Extent(piece.offset, piece.size) for piece in self.pieces]

    def film(self, piece: Kept) -> Film:
        """
        What a supply must know to give blocks. Reads a file: ask in a thread.

        Raises BytesUnavailable for `piece` where nothing is known by which bytes could be
        believed.
        """
        roots = _roots(self.video, self.cid, self.staging) if self.video else b""
        if not roots:
            raise BytesUnavailable(piece.index)
        own = [replace(one, offset=one.begin) for one in self.pieces]
        return Film(self.video, self.cid, self.size, roots, own)


def _roots(video: str, cid: str, staging: str) -> bytes:
    """The film's block roots, or b"" where they are nowhere, or not the film's."""
    try:
        return _kept_roots(video, cid, staging)
    except FileNotFoundError:
        # Not remembered: they may be made any time.
        return b""


@lru_cache(maxsize=64)
def _kept_roots(video: str, cid: str, staging: str) -> bytes:
    kept = [places.roots(video)] + ([places.staged_roots(staging)] if staging else [])
    for path in kept:
        if path.is_file() and block_roots_match(roots := path.read_bytes(), PieceCid.parse(cid)):
            return roots
    raise FileNotFoundError(f"The block roots of film {video} are missing, or are not its own.")
