"""
Store: every piece of a film on the shelf, and its block roots beside the film.

A staged piece is linked, not copied: no second copy, and a film of any size is stored in
a moment. Staged bytes stay until `verify` has read the shelf.
"""

from __future__ import annotations

from pathlib import Path

from library import places
from library.models import Copy, Piece, Step, Video
from library.storing import shelf, steps
from library.storing.errors import StagedBytesMissing
from library.storing.lease import Lease


def run(lease: Lease) -> None:
    video = lease.step.video
    done = 0
    for piece in Piece.objects.filter(video=video):
        place(lease, video, piece)
        done += piece.size
        lease.report(done)
    keep_roots(lease, video)
    with lease.finish():
        steps.enqueue(video, Step.Kind.VERIFY)


def place(lease: Lease, video: Video, piece: Piece, *, anew: bool = False) -> None:
    """Have `piece` on the shelf. With `anew`, a file that is there already is not trusted."""
    if not anew and _is_placed(lease, piece):
        return
    part = places.make_folder(places.shelf()) / lease.part
    shelf.prepare(piece, staged_file(video, piece), part)
    with lease.commit():
        shelf.put(piece, part)
        Copy.objects.get_or_create(piece=piece, provider=Copy.LOCAL)


def _is_placed(lease: Lease, piece: Piece) -> bool:
    """Look before the leap: the piece may be there from an earlier try, or another film."""
    with lease.commit():
        if not shelf.holds(piece):
            return False
        # Whoever put it down may have ended before its name was safe.
        places.sync_folder(places.shelved_piece(piece.piece_cid).parent)
        Copy.objects.get_or_create(piece=piece, provider=Copy.LOCAL)
        return True


def staged_file(video: Video, piece: Piece) -> Path:
    staged = places.staged_piece(video.staging, piece.index) if video.staging else None
    if staged is None or not staged.is_file():
        raise StagedBytesMissing(piece.index)
    return staged


def keep_roots(lease: Lease, video: Video) -> None:
    """The block roots beside the film, where any block can be held against them."""
    kept = places.roots(video.pk)
    if kept.is_file() or not video.staging:
        return
    staged = places.staged_roots(video.staging)
    # Where they are missing, `verify` finds the roots from the bytes.
    if staged.is_file():
        with lease.commit():
            shelf.replace_durably(kept, staged.read_bytes(), lease.part)
