"""
PieceCIDs as people paste them, and the films that have them.

A v2 CID is the name of a film or a piece. A v1 CID tells only the root of its tree, as it is
written in older tools: films whose own CID, or a piece's, has that root.
"""

from __future__ import annotations

from base64 import b32encode

from django.db.models import Q

from filmedia.filecoin.errors import InvalidPieceCid
from filmedia.filecoin.piece import PieceCid, parse_v1
from library.models import Video
from library.models.films import VideoQuerySet

# Bytes before the root in a v2 CID: four of its kind, one of the digest's length, from one to
# nine of the padding, one of the height.
_BEFORE_ROOT = range(7, 16)


def read(text: str) -> str:
    """A v1 or v2 CID in its one spelling. Raises InvalidPieceCid, which says why."""
    try:
        return str(PieceCid.parse(text))
    except InvalidPieceCid:
        if _root(text) is None:
            raise
        return text


def holding(cid: str) -> VideoQuerySet:
    """Films that have this CID (as `read` gave it) themselves, or a piece that has."""
    root = _root(cid)
    if root is None:
        return Video.objects.holding(cid)
    had = Q()
    for end in {_end(root, before) for before in _BEFORE_ROOT}:
        had |= Q(piece_cid__endswith=end) | Q(pieces__piece_cid__endswith=end)
    return Video.objects.filter(had).distinct()


def _root(text: str) -> bytes | None:
    try:
        return parse_v1(text)
    except InvalidPieceCid:
        return None


def _end(root: bytes, before: int) -> str:
    """How a v2 CID ends that has `before` bytes before this root: five bytes are eight letters."""
    return b32encode(root[-before % 5 :]).decode().rstrip("=").lower()
