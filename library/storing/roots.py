"""The block roots of a film, for whoever checks its bytes block by block."""

from __future__ import annotations

from pathlib import Path

from filmedia.filecoin.piece import PieceCid, block_roots_match
from library import places
from library.models import Video


def kept(video: Video) -> bytes | None:
    """32 bytes a block; None where they are nowhere yet, or what is there is not the film's."""
    cid = PieceCid.parse(video.piece_cid)
    for path in _places(video):
        try:
            roots = path.read_bytes()
        except FileNotFoundError:
            continue
        if block_roots_match(roots, cid):
            return roots
    return None


def _places(video: Video) -> list[Path]:
    staged = [places.staged_roots(video.staging)] if video.staging else []
    return [places.roots(video.pk), *staged]
