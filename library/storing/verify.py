"""
Verify: read every piece back from the shelf and compare it with the film's PieceCID.

Only then is the film Stored, and only then are its staged bytes let go.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone

from filmedia.filecoin import piece as pieces
from filmedia.filecoin.piece import PieceCid, PieceHasher
from library import events, places
from library.models import Copy, Piece, Video
from library.storing import shelf, store
from library.storing.errors import CopiesAreWrong
from library.storing.lease import Lease

log = logging.getLogger(__name__)

READ_SIZE = 4 * pieces.BLOCK_SIZE


@dataclass(frozen=True)
class Found:
    """What was read: its PieceCID and the roots of its blocks."""

    cid: str
    roots: bytes


def run(lease: Lease) -> None:
    video = lease.step.video
    roots, done = bytearray(), 0
    faults: dict[Piece | None, str] = {}
    for piece in Piece.objects.filter(video=video):
        found = _read_back(lease, piece, done) or _repaired(lease, video, piece, done)
        if found is None:
            faults[piece] = _fault(piece)
        else:
            roots += found.roots
        done += piece.size
    if not faults and not pieces.block_roots_match(bytes(roots), PieceCid.parse(video.piece_cid)):
        faults = {None: "The pieces are right one by one, but together they are not this film."}
    if faults:
        _put_at_risk(lease, video, faults)
    _keep_roots(lease, video, bytes(roots))
    _finish(lease, video)


def _read_back(lease: Lease, piece: Piece, done: int) -> Found | None:
    """What the shelf has under the piece's name, if it is the piece."""
    return _if_right(piece, read(lease, places.shelved_piece(piece.piece_cid), done))


def _repaired(lease: Lease, video: Video, piece: Piece, done: int) -> Found | None:
    """Store the piece once more where its staged bytes are still right."""
    if not video.staging:
        return None
    staged = places.staged_piece(video.staging, piece.index)
    filling = bytes(shelf.stored_size(piece) - piece.size)
    if _if_right(piece, read(lease, staged, done, filling)) is None:
        return None
    store.place(lease, video, piece, anew=True)
    return _read_back(lease, piece, done)


def _if_right(piece: Piece, found: Found | None) -> Found | None:
    return found if found is not None and found.cid == piece.piece_cid else None


def read(lease: Lease, path: Path, done: int, filling: bytes = b"") -> Found | None:
    """
    The file at `path`, followed by `filling`, as it hashes now; None where there is none, or
    the disk has lost some of it.
    """
    hasher = PieceHasher()
    size = 0
    try:
        for portion in _portions(path):
            hasher.update(portion)
            size += len(portion)
            lease.report(done + size)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        log.warning("%s cannot be read back: %s", path.name, error)
        return None
    hasher.update(filling)
    roots = pieces.complete_block_roots(hasher.take_block_roots(), hasher.tail())
    return Found(str(hasher.finish()), roots)


def _portions(path: Path) -> Iterator[memoryview]:
    buffer = bytearray(READ_SIZE)
    with path.open("rb", buffering=0) as file:
        # What the disk holds is asked for, not what memory remembers of it.
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while count := file.readinto(buffer):
            yield memoryview(buffer)[:count]


def _fault(piece: Piece) -> str:
    if not places.shelved_piece(piece.piece_cid).is_file():
        return f"Piece {piece.index} is missing."
    return f"Piece {piece.index} was read back and is not what was stored."


def _put_at_risk(lease: Lease, video: Video, faults: dict[Piece | None, str]) -> None:
    reason = next(iter(faults.values()))
    if len(faults) > 1:
        reason += f" {len(faults) - 1} more pieces are wrong."
    with lease.commit():
        for piece, fault in faults.items():
            copies = Copy.objects.filter(piece__video=video, provider=Copy.LOCAL)
            if piece is not None:
                copies.filter(piece=piece).update(fault=fault, verified_at=None)
        Video.objects.filter(pk=video.pk).update(
            state=Video.State.AT_RISK, state_at=timezone.now(), state_reason=reason
        )
        events.record("video.at_risk", video=video, reason=reason)
    raise CopiesAreWrong(reason)


def _keep_roots(lease: Lease, video: Video, roots: bytes) -> None:
    """The roots beside the film are those that were just found."""
    kept = places.roots(video.pk)
    if not kept.is_file() or kept.read_bytes() != roots:
        with lease.commit():
            shelf.replace_durably(kept, roots, lease.part)


def _finish(lease: Lease, video: Video) -> None:
    now = timezone.now()
    unstored = [Video.State.RECEIVED, Video.State.AT_RISK]
    with lease.finish():
        copies = Copy.objects.filter(piece__video=video, provider=Copy.LOCAL)
        copies.update(verified_at=now, fault="")
        # One UPDATE: a film that is Received has its bytes in staging, at every moment.
        moved = Video.objects.filter(pk=video.pk, state__in=unstored).update(
            state=Video.State.STORED, state_at=now, state_reason="", staging=""
        )
        events.record("video.verified", video=video)
        if moved:
            events.record("video.stored", video=video)
    if video.staging:
        shutil.rmtree(places.staging(video.staging), ignore_errors=True)
