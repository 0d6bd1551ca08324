"""
The block roots of a film on a network, found once more where they are missing or damaged:
each piece is read whole, from here or from whoever holds it, and believed by its PieceCID.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing

from filmedia.filecoin import piece as pieces
from filmedia.filecoin.errors import FilecoinError
from filmedia.filecoin.piece import PieceCid, PieceHasher
from filmedia.filecoin.provider.client import Provider as Client
from library import places
from library.models import Piece, Video
from library.network import connection, copies, handing
from library.network.errors import CopiesUnread
from library.storing import shelf, verify
from library.storing.lease import Lease

log = logging.getLogger(__name__)

# Hashed at a time.
_AT_ONCE = 4 * pieces.BLOCK_SIZE


def have(lease: Lease, video: Video) -> None:
    """Have them beside the film. Raises CopiesUnread where no place has a piece right."""
    if copies.has_roots(video):
        return
    found = b"".join(
        _of_piece(lease, video, piece)
        for piece in Piece.objects.filter(video=video).order_by("index")
    )
    if not pieces.block_roots_match(found, PieceCid.parse(video.piece_cid)):
        raise CopiesUnread("Its pieces are right one by one, but together they are not this film.")
    with lease.commit():
        shelf.replace_durably(places.roots(video.pk), found, lease.part)
    log.warning("The block roots of film %s were missing or damaged; they are made anew", video.pk)


def _of_piece(lease: Lease, video: Video, piece: Piece) -> bytes:
    path = handing.local_file(video, piece)
    if path is not None:
        filling = bytes(max(shelf.stored_size(piece) - path.stat().st_size, 0))
        here = verify.read(lease, path, 0, filling)
        if here is not None and here.cid == piece.piece_cid:
            return here.roots
    at, reasons = connection.current(), []
    for copy in copies.good(piece):
        assert copy.holder is not None
        client = at.provider(copy.holder)
        try:
            roots = at.run(_read(client, PieceCid.parse(piece.piece_cid)), lease.go_on)
        except FilecoinError as error:
            reasons.append(str(error))
        else:
            if roots is not None:
                return roots
            reasons.append(f"What {client.name} has of piece {piece.index} is not that piece.")
    raise CopiesUnread(" ".join(reasons) or f"Nobody holds piece {piece.index}.")


async def _read(client: Client, cid: PieceCid) -> bytes | None:
    """The block roots of the piece; None where what came is another one."""
    hasher, waiting = PieceHasher(), bytearray()
    async with aclosing(client.stream(cid)) as portions:
        async for portion in portions:
            waiting += portion
            if len(waiting) >= _AT_ONCE:
                await asyncio.to_thread(hasher.update, bytes(waiting))
                waiting.clear()
    await asyncio.to_thread(hasher.update, bytes(waiting))
    roots = pieces.complete_block_roots(hasher.take_block_roots(), hasher.tail())
    return roots if hasher.finish() == cid else None
