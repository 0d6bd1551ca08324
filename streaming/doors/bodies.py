"""
What an address gives, from the rows of the library: a film, or a piece as it is stored.

Asks only for what the viewer may see; the rest does not exist for them. All of it asks the
database, so that it belongs in a thread.
"""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from filmedia.filecoin.errors import InvalidPieceCid
from filmedia.filecoin.piece import MIN_PIECE_SIZE, PieceCid, parse_v1
from library import encryption
from library.errors import NotFound
from library.keys import films
from library.models import Piece, Video, Visibility
from library.models.cids import TAIL, CidTail
from streaming.doors.viewers import Viewer
from streaming.errors import BytesUnavailable
from streaming.http import filenames
from streaming.reading.arriving import Arriving, Turn
from streaming.reading.kept import Kept
from streaming.reading.layouts import Layout

ID = re.compile(r"[a-z0-9_]{1,24}")
BYTES = "application/octet-stream"
# Only what a player plays is ever called by its type. A page or a picture that can run
# scripts is bytes to us, whatever it was found to be.
_PLAYABLE = re.compile(r"(video|audio)/[a-z0-9.+-]+")

NO_FILM = "There is no such film, or it is not for you."
NO_PIECE = "There is no such piece, or it is not for you."


@dataclass(frozen=True)
class Body:
    """
    What can be sent, and what its headers say of it. `cid` names just these bytes; `video`
    is the film they are of.
    """

    video: str
    owner: int
    cid: str
    size: int
    last_modified: datetime
    media_type: str
    filename: str
    attachment: bool
    is_public: bool
    layout: Callable[[], Awaitable[Layout | Arriving]]
    # A new one for each stream: it remembers how far it is.
    turning: Callable[[], Turn]
    # Bytes that nobody verified yet may turn out to be others, under the same name.
    may_be_kept: bool = True

    def is_changed_by(self, user: int, as_staff: bool) -> bool:
        """Whether that account may change the film."""
        return as_staff or user == self.owner

    @property
    def etag(self) -> str:
        return f'"{self.cid}"'


def of(video: Video, layout: Layout, *, download: bool = False) -> Body:
    """The film of this row, which comes with its key."""
    key = films.of(video)
    playable = video.is_film and _PLAYABLE.fullmatch(video.media_type)
    return Body(
        video=video.pk,
        owner=video.owner_id,
        cid=video.piece_cid,
        size=video.size,
        last_modified=video.created_at,
        media_type=video.media_type if playable else BYTES,
        filename=filenames.of(video),
        attachment=download or not playable,
        is_public=video.visibility == Visibility.PUBLIC,
        layout=_known(layout),
        turning=(lambda: _as_it_is) if key is None else (lambda: encryption.Turning(key)),
    )


def stored(viewer: Viewer, cid: str) -> Body:
    """The stored bytes that have this PieceCID, v2 or v1: those of a piece or a whole film."""
    try:
        named = _named(cid)
    except InvalidPieceCid:
        raise NotFound(NO_PIECE) from None
    seen = Video.objects.playable_by(viewer)
    # Films can share a piece. What is public through one of them is public: it comes first.
    pieces = Piece.objects.alias(tail=CidTail("piece_cid"))
    pieces = pieces.filter(named, video__in=seen).select_related("video")
    piece = pieces.order_by("-video__visibility", "video__created_at").first()
    if piece is not None:
        size = max(piece.size, MIN_PIECE_SIZE)
        filled = size - piece.size
        kept = Kept(piece.index, 0, size, piece.piece_cid, filled, film_offset=piece.offset)
        return _as_stored(piece.video, piece.piece_cid, size, _of(piece.video, [kept]))
    whole = seen.alias(tail=CidTail("piece_cid")).filter(named)
    video = whole.order_by("-visibility", "created_at").first()
    if video is None:
        raise NotFound(NO_PIECE)
    return _as_stored(video, video.piece_cid, video.size, layout(video))


def _as_stored(video: Video, cid: str, size: int, layout: Layout) -> Body:
    return Body(
        video=video.pk,
        owner=video.owner_id,
        cid=cid,
        size=size,
        last_modified=video.created_at,
        media_type=BYTES,
        filename=f"{cid}.bin",
        attachment=True,
        is_public=video.visibility == Visibility.PUBLIC,
        layout=_known(layout),
        turning=lambda: _as_it_is,
    )


def _as_it_is(data: bytes | memoryview, position: int) -> bytes | memoryview:
    return data


def _known(layout: Layout) -> Callable[[], Awaitable[Layout]]:
    async def known() -> Layout:
        return layout

    return known


def layout(video: Video) -> Layout:
    """
    Where the film's pieces are, in order.

    Raises BytesUnavailable when the film has been stored anew since its row was read: its
    pieces are other ones by now, under another key. One query, so that it sees one moment.
    """
    pieces = Piece.objects.filter(video=video, video__piece_cid=video.piece_cid)
    rows = pieces.order_by("index").values_list("index", "offset", "size", "piece_cid")
    layout = _of(video, [Kept(*row) for row in rows])
    if video.size and not layout.pieces:
        raise BytesUnavailable(0)
    return layout


def _of(video: Video, pieces: list[Kept]) -> Layout:
    return Layout(pieces, video.staging, video.pk, video.piece_cid, video.size)


def _named(cid: str) -> Q:
    """
    Rows with this PieceCID.

    A v1 CID is a root without a size. A v2 CID ends with the root, but its letters do not
    begin where a byte begins: how they fall depends on the length of what comes before. The
    last TAIL of them are looked up, and then held against all of the root. Rows have their
    last letters as `tail`.
    """
    try:
        PieceCid.parse(cid)
    except InvalidPieceCid:
        root = parse_v1(cid)
    else:
        return Q(piece_cid=cid)
    named, tails = Q(), []
    for before in range(5):
        letters = b32encode(bytes(before) + root).decode().rstrip("=").lower()
        named |= Q(piece_cid__endswith=letters[-(-before * 8 // 5) :])
        tails.append(letters[-TAIL:])
    return Q(tail__in=tails) & named
