"""
Reading pieces back from the providers that hold them. Not one byte is given on that was
not held against the film's block roots, which are themselves held against its PieceCID.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import lru_cache

from filmedia.filecoin.cid import PieceCid
from filmedia.filecoin.errors import FilecoinError, NotThere, WrongAnswer
from filmedia.filecoin.piece import BLOCK_SIZE, block_root, block_roots_match
from filmedia.filecoin.provider.client import Provider as Client
from library import places
from library.models import Copy, Piece, Video
from library.network import connection
from library.network.connection import Connection
from library.storing import shelf

log = logging.getLogger(__name__)

NODE = 32
# So many blocks are asked for at once where a piece is read from its beginning to its end.
AT_ONCE = 8


@dataclass(frozen=True)
class StoredPiece:
    """A piece as providers hold it: what it is called, and what its blocks must be."""

    cid: PieceCid
    size: int  # bytes, those that fill it up included
    roots: bytes

    @property
    def blocks(self) -> int:
        return -(-self.size // BLOCK_SIZE)

    def window(self, first: int, count: int) -> tuple[int, int]:
        return first * BLOCK_SIZE, min((first + count) * BLOCK_SIZE, self.size)

    def is_right(self, first: int, data: bytes) -> bool:
        """Whether these are the blocks from `first` on."""
        view = memoryview(data)
        return all(
            block_root(view[start : start + BLOCK_SIZE])
            == self.roots[(first + index) * NODE : (first + index + 1) * NODE]
            for index, start in enumerate(range(0, len(data), BLOCK_SIZE))
        )


class RootsMissing(FilecoinError):
    """Without its block roots nothing that a provider sends of a film can be believed."""


def has_roots(video: Video) -> bool:
    try:
        _roots(video.pk, video.piece_cid)
    except RootsMissing:
        return False
    return True


def stored_piece(video: Video, piece: Piece) -> StoredPiece:
    """Raises RootsMissing where the film's block roots are not here, or not the film's."""
    roots = _roots(video.pk, video.piece_cid)
    first = piece.offset // BLOCK_SIZE
    size = shelf.stored_size(piece)
    count = -(-size // BLOCK_SIZE)
    own = roots[first * NODE : (first + count) * NODE]
    return StoredPiece(PieceCid.parse(piece.piece_cid), size, own)


async def read_blocks(client: Client, piece: StoredPiece, first: int, count: int) -> bytes:
    """Blocks of the piece, verified. Raises WrongAnswer for bytes that are not the piece's."""
    start, stop = piece.window(first, count)
    data = await client.read(piece.cid, start, stop)
    if not await asyncio.to_thread(piece.is_right, first, data):
        raise WrongAnswer(client.name, 206, f"bytes {start} to {stop} of {piece.cid} are wrong")
    return data


async def read_all(client: Client, piece: StoredPiece) -> AsyncIterator[bytes]:
    """The whole piece, verified as it comes."""
    for first in range(0, piece.blocks, AT_ONCE):
        count = min(AT_ONCE, piece.blocks - first)
        yield await read_blocks(client, piece, first, count)


_READABLE = ("committed", "committing", "stored", "doubted", "lost")


def good(piece: Piece) -> list[Copy]:
    """
    Copies that may be read, the surest first. Those that are doubted or lost are among the
    last: every block is verified, and what they still have may be all there is.
    """
    held = Copy.objects.filter(piece=piece, holder__isnull=False, state__in=_READABLE)
    rows = held.exclude(holder__service_url="").select_related("holder")
    return sorted(rows, key=_sureness)


def _sureness(copy: Copy) -> tuple[int, int, int]:
    assert copy.holder is not None
    return _READABLE.index(copy.state), copy.holder.failures, copy.pk


def stored_bytes(at: Connection, video: Video, piece: Piece) -> AsyncIterator[bytes]:
    """
    The piece's stored bytes from whichever copy has them: a wrong, short or late block is
    taken from the next. Raises NotThere where none has it.
    """
    stored = stored_piece(video, piece)
    clients = [at.provider(copy.holder) for copy in good(piece) if copy.holder]
    return _from_any(stored, clients)


async def _from_any(piece: StoredPiece, clients: list[Client]) -> AsyncIterator[bytes]:
    for first in range(0, piece.blocks, AT_ONCE):
        yield await read_from_any(piece, clients, first, min(AT_ONCE, piece.blocks - first))


async def read_from_any(piece: StoredPiece, clients: list[Client], first: int, count: int) -> bytes:
    """Blocks from the first of `clients` that has them; one that fails is asked last from now."""
    for client in list(clients):
        try:
            return await read_blocks(client, piece, first, count)
        except FilecoinError as error:
            log.warning("%s: block %s of %s: %s", client.name, first, piece.cid, error)
            clients.remove(client)
            clients.append(client)
    raise NotThere("Every provider of this piece", 404, f"{piece.cid} cannot be read anywhere")


class RemoteReader:
    """
    Ranges of one piece for a thread that waits for them: whole blocks are fetched and
    verified, and the last ones are kept for what is read next.
    """

    def __init__(self, piece_cid: str) -> None:
        self._clients: list[Client] = []
        self._piece: StoredPiece | None = None
        self._kept: tuple[int, bytes] = (-1, b"")
        self._at: Connection | None = None
        for row in _rows(piece_cid):
            self._at = self._at or connection.current()
            self._piece = stored_piece(row.video, row)
            self._clients = [self._at.provider(copy.holder) for copy in good(row) if copy.holder]
            if self._clients:
                break

    def read(self, start: int, length: int) -> bytes:
        """Just these bytes. Raises FilecoinError where nobody has them."""
        if self._piece is None or not self._clients:
            raise NotThere("The providers", 404, "nobody holds this piece")
        found = bytearray()
        while len(found) < length and start + len(found) < self._piece.size:
            position = start + len(found)
            block = position // BLOCK_SIZE
            data = self._block(block)
            offset = position - block * BLOCK_SIZE
            found += data[offset : offset + length - len(found)]
        return bytes(found)

    def _block(self, index: int) -> bytes:
        if self._kept[0] != index:
            assert self._piece is not None and self._at is not None
            work = read_from_any(self._piece, self._clients, index, 1)
            self._kept = index, self._at.run(work)
        return self._kept[1]


def _rows(piece_cid: str) -> Iterator[Piece]:
    if connection.is_local():
        return
    held = Piece.objects.filter(piece_cid=piece_cid, copies__holder__isnull=False)
    yield from held.select_related("video").distinct()


@lru_cache(maxsize=64)
def _roots(video_id: str, piece_cid: str) -> bytes:
    try:
        roots = places.roots(video_id).read_bytes()
    except OSError:
        raise RootsMissing("The block roots of this film are missing.") from None
    if not block_roots_match(roots, PieceCid.parse(piece_cid)):
        raise RootsMissing("The block roots of this film are damaged.")
    return roots
