"""
The `local` network: a folder that holds pieces under their PieceCIDs.

Films that have a piece in common share its file. So a file is put down, replaced and
removed only inside a transaction that holds the SHELF lock, and removed only where no
film's row names it any more. A film's rows stand before its first piece is put down.
"""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from filmedia.filecoin.piece import MIN_PIECE_SIZE
from library import places
from library.locks import Lock, hold
from library.models import Copy, Piece

# Answers of a file system that has no hard links, or none between these two folders.
_NO_LINKS = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS}


def stored_size(piece: Piece) -> int:
    """No provider takes less than 127 bytes, so zeros follow a shorter piece."""
    return max(piece.size, MIN_PIECE_SIZE)


def holds(piece: Piece) -> bool:
    """Whether the piece's file is there, and will be until the current transaction ends."""
    hold(Lock.SHELF)
    try:
        found = places.shelved_piece(piece.piece_cid).stat()
    except FileNotFoundError:
        return False
    return found.st_size == stored_size(piece)


def prepare(piece: Piece, staged: Path, part: Path) -> None:
    """Make `part` a durable file of the piece's stored bytes: a link where that is possible."""
    part.unlink(missing_ok=True)
    if piece.size < MIN_PIECE_SIZE:
        write_durably(part, staged.read_bytes().ljust(MIN_PIECE_SIZE, b"\0"))
        return
    try:
        os.link(staged, part)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copyfile(staged, part)
    _sync(part)


def put(piece: Piece, part: Path) -> None:
    """Give the prepared file its name, in place of what may have had it."""
    hold(Lock.SHELF)
    final = places.shelved_piece(piece.piece_cid)
    places.make_folder(final.parent)
    part.replace(final)
    # Where both are links to one file already, replacing does nothing, by definition.
    part.unlink(missing_ok=True)
    places.sync_folder(final.parent)


def let_go(cid: str) -> bool:
    """Remove the file of a piece that no film has any more; False when one has."""
    hold(Lock.SHELF)
    if Piece.objects.filter(piece_cid=cid).exists():
        return False
    places.shelved_piece(cid).unlink(missing_ok=True)
    return True


def let_go_of_moved(cid: str) -> bool:
    """The same for a piece whose films are on a network now; False when one still is here."""
    hold(Lock.SHELF)
    if Copy.objects.filter(piece__piece_cid=cid, provider=Copy.LOCAL).exists():
        return False
    places.shelved_piece(cid).unlink(missing_ok=True)
    return True


def write_durably(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_durably(path: Path, data: bytes, part: str) -> None:
    """Have exactly `data` at `path`; whoever reads meanwhile sees the old or the new."""
    places.make_folder(path.parent)
    draft = path.with_name(part)
    write_durably(draft, data)
    draft.replace(path)
    places.sync_folder(path.parent)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
