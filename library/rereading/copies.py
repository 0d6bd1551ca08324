"""The copies of a piece, wherever they are, as something that can be read from."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from filmedia.filecoin.cid import PieceCid
from filmedia.filecoin.errors import FilecoinError
from library import places
from library.models import Copy, Piece
from library.network import connection
from library.storing import shelf

# Bytes from `start` up to `stop`, or fewer where there are no more. Raises Unread.
Read = Callable[[int, int], bytes]
SHELF = "this machine"


class Unread(Exception):
    """There is no telling whether the copy is right: it cannot be read now."""


@dataclass(frozen=True)
class Held:
    """A copy of `piece`; `copy` is its row, so that what is found can be written down."""

    piece: Piece
    copy: Copy

    @property
    def where(self) -> str:
        return self.copy.holder.title if self.copy.holder else SHELF

    @property
    def is_local(self) -> bool:
        return self.copy.holder is None

    @property
    def size(self) -> int:
        """With the zeros that fill up a short piece."""
        return shelf.stored_size(self.piece)

    @contextmanager
    def opened(self) -> Iterator[Read]:
        if self.is_local:
            with _shelved(self.piece) as read:
                yield read
        else:
            yield _remote(self)


def of(piece: Piece) -> list[Held]:
    """Those that are counted on."""
    counted = [Copy.State.STORED, Copy.State.COMMITTING, Copy.State.COMMITTED]
    rows = piece.copies.filter(state__in=counted).select_related("holder")
    return [Held(piece, row) for row in rows.order_by("pk")]


@contextmanager
def _shelved(piece: Piece) -> Iterator[Read]:
    path = places.shelved_piece(piece.piece_cid)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        # Nothing at all is there; that is an answer, too.
        yield lambda start, stop: b""
        return
    try:
        # What the disk holds is asked for, not what memory remembers of it.
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)

        def read(start: int, stop: int) -> bytes:
            try:
                return os.pread(descriptor, stop - start, start)
            except OSError as error:
                raise Unread(f"The disk does not give it back: {error.strerror}.") from error

        yield read
    finally:
        os.close(descriptor)


def _remote(held: Held) -> Read:
    at = connection.current()
    assert held.copy.holder is not None
    client, cid = at.provider(held.copy.holder), PieceCid.parse(held.piece.piece_cid)

    def read(start: int, stop: int) -> bytes:
        try:
            return at.ask(client, client.read(cid, start, stop))
        except FilecoinError as error:
            raise Unread(str(error)) from error

    return read
