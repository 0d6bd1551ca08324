"""The last byte is here: from now on it is a film. One transaction, or nothing happened."""

from __future__ import annotations

from django.db import transaction

from filmedia.filecoin import piece
from filmedia.filecoin.piece import FilmHasher
from library import events, search
from library.keys import epochs, films
from library.models import Piece, Step, Upload, Video
from library.storing import steps
from library.uploads import about
from library.uploads.staging import Staging

CHANGED = (
    "The film changed while it was being sent: its bytes do not have the SHA-256 that was "
    "announced. Please send it again from the beginning."
)


def complete(upload: Upload, writer: int, hasher: FilmHasher, staging: Staging) -> None:
    """
    Turn an upload whose bytes are all flushed into a film that waits for its check.

    Raises UploadGone or UploadBusy when `writer` is no longer the upload's writer.
    """
    sha256 = hasher.sha256()
    if upload.declared_sha256 not in {"", sha256}:
        _refuse(upload, writer, CHANGED)
        return
    roots = write_last_root(hasher, staging)
    video = Video(
        owner_id=upload.owner_id,
        filename=upload.filename,
        size=hasher.size,
        sha256=sha256,
        piece_cid=str(hasher.piece_cid()),
        staging=upload.pk,
        key_id=upload.key_id,
    )
    with transaction.atomic():
        _end(upload, writer, Upload.State.RECEIVED)
        upload.duplicate_of = _same_bytes(upload, video)
        # Read now: what is said of it may have changed while its bytes came.
        upload.refresh_from_db(fields=about.SAID)
        for name, value in about.facts(upload).items():
            setattr(video, name, value)
        video.save(force_insert=True)
        about.hand_over(upload, video)
        search.index.words([video.pk])
        Piece.objects.bulk_create(pieces_of(video, hasher, roots, upload.piece_size))
        upload.video = video
        upload.save(update_fields=["video", "duplicate_of"])
        steps.enqueue(video, Step.Kind.CHECK)
        events.record("upload.received", upload=upload, video=video, size=video.size)


def write_last_root(hasher: FilmHasher, staging: Staging) -> bytes:
    """Put down the root of the last block, and have everything on disk. All roots."""
    whole = hasher.size // piece.BLOCK_SIZE
    roots = piece.complete_block_roots(staging.roots(whole), hasher.tail())
    staging.write_roots(whole, roots[whole * 32 :])
    staging.sync()
    return roots


def pieces_of(video: Video, hasher: FilmHasher, roots: bytes, piece_size: int) -> list[Piece]:
    cids = piece.piece_cids(roots, hasher.tail(), video.size, piece_size)
    return [
        Piece(
            video=video,
            index=index,
            offset=index * piece_size,
            size=min(piece_size, video.size - index * piece_size),
            piece_cid=str(cid),
        )
        for index, cid in enumerate(cids)
    ]


def _same_bytes(upload: Upload, video: Video) -> Video | None:
    seen = Video.objects.visible_to(upload.owner).filter(sha256=video.sha256, size=video.size)
    return seen.order_by("created_at").first()


def _end(upload: Upload, writer: int, state: Upload.State, problem: str = "") -> None:
    facts = {
        "state": state,
        "offset": upload.length,
        "reserved": upload.length,
        "hash_state": b"",
        "speed": 0,
        # It is the film's now, or nobody's.
        "key_id": None,
        "unpromised": False,
        "problem": problem,
    }
    if not Upload.objects.receiving().filter(pk=upload.pk, writer=writer).update(**facts):
        raise epochs.replaced(upload)
    for name, value in facts.items():
        setattr(upload, name, value)


def _refuse(upload: Upload, writer: int, problem: str) -> None:
    from library.uploads import staging as staged

    with transaction.atomic():
        key_id = upload.key_id
        _end(upload, writer, Upload.State.REFUSED, problem)
        films.delete(key_id)
        events.record("upload.refused", upload=upload, problem=problem)
    staged.remove(upload.pk)
