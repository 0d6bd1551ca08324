"""
How a film and its upload are described to people and programs.

The one home of these words: pages, API, websocket and commands show what is said here.
Times are RFC 3339 in UTC, sizes bytes, speeds bytes a second.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone

from library import media_addresses, stages
from library.catalogue import tags
from library.media_addresses import Bearer
from library.models import Collection, Copy, Piece, Upload, User, Video, Visibility
from library.moments import moment

if TYPE_CHECKING:
    from library.storing.trash import Erasure

# A speed says something about the time left only while bytes keep coming.
_STALLED = timedelta(seconds=10)


def describe_uploads(uploads: Iterable[Upload]) -> list[dict[str, Any]]:
    """Everything about each upload. Ask for rows with `Upload.objects.for_progress()`."""
    uploads = list(uploads)
    seen = _seen_duplicates(uploads)
    return [_describe_upload(upload, upload.duplicate_of_id in seen) for upload in uploads]


def describe_upload(upload: Upload) -> dict[str, Any]:
    """As `describe_uploads`, of one."""
    return describe_uploads([upload])[0]


def _describe_upload(upload: Upload, duplicate_is_seen: bool) -> dict[str, Any]:
    video, told = upload.video, stages.of_upload(upload)
    return {
        "id": upload.pk,
        "url": reverse("api:upload", args=[upload.pk]),
        "state": upload.state,
        "problem": upload.problem,
        "title": video.title if video else upload.title,
        "filename": upload.filename,
        "filetype": upload.filetype,
        "fingerprint": upload.fingerprint,
        **_said(upload),
        "visibility": video.visibility if video else upload.visibility,
        "encrypted": video.is_encrypted if video else upload.encrypted,
        "offset": upload.offset,
        "length": upload.length,
        "speed": round(upload.speed) if _is_moving(upload) else 0,
        "time_left": _time_left(upload),
        "created_at": moment(upload.created_at),
        "updated_at": moment(upload.updated_at),
        "expires_at": moment(upload.expires_at) if upload.state == Upload.State.RECEIVING else None,
        "place": upload.place,
        "paused_at": moment(upload.paused_at) if upload.state == Upload.State.RECEIVING else None,
        "attempts": _attempts(told),
        "provider": _taker(video, told) if video else None,
        "video": video.pk if video else None,
        "watch_url": reverse("library:watch", args=[video.pk]) if video else None,
        "duplicate": _duplicate(upload) if duplicate_is_seen else None,
        "poster_url": _poster(video) if video else None,
        "film_state": video.state if video else None,
        "film_reason": video.state_reason if video else "",
        "copies": _counts(video) if video else None,
        "stages": told,
    }


def _said(upload: Upload) -> dict[str, Any]:
    """What is said of the film: by its own row once it has one."""
    video = upload.video
    holder = video or upload
    return {
        "description": holder.description,
        "tags": tags.of(video) if video else list(upload.tag_names),
        "collection": _collection(holder.collection),
        "language": holder.language,
    }


def _collection(collection: Collection | None) -> dict[str, str] | None:
    return {"id": collection.pk, "name": collection.name} if collection else None


def _attempts(told: list[dict[str, Any]]) -> int:
    """How often the stage it is in has been tried in vain."""
    current = next((stage for stage in told if stage["state"] != "done"), None)
    return int(current["attempts"]) if current else 0


def _taker(video: Video, told: list[dict[str, Any]]) -> str | None:
    """The provider that takes the bytes at this moment; None where nobody is at it."""
    current = next((stage for stage in told if stage["state"] not in {"done", "skipped"}), None)
    on_network = any(stage["name"] == "commit" for stage in told)
    if not on_network or current is None or current["name"] != "store":
        return None
    wanted = Copy.objects.filter(piece__video=video, state=Copy.State.WANTED)
    copy = wanted.select_related("holder").order_by("-session", "pk").first()
    return (copy.holder.title if copy.holder else copy.provider) if copy else None


def _poster(video: Video) -> str | None:
    return reverse("library:poster", args=[video.pk]) if video.has_poster else None


def describe_video(
    video: Video, *, short: bool = False, to: Bearer | None = None
) -> dict[str, Any]:
    """
    Everything about a film; `short` leaves out its pieces and stages, as lists do. Whoever it
    is told `to` gets a signed address of it.

    Ask for rows with `Video.objects.for_lists()`, or `.for_details()` for the long form.
    """
    told = {
        "id": video.pk,
        "title": video.title,
        "description": video.description,
        "filename": video.filename,
        "owner": video.owner.username,
        "visibility": video.visibility,
        "language": video.language,
        "tags": tags.of(video),
        "collection": _collection(video.collection),
        "encrypted": video.is_encrypted,
        "kind": video.kind,
        "size": video.size,
        "sha256": video.sha256,
        "piece_cid": video.piece_cid,
        "media_type": video.media_type,
        "container": video.container,
        "duration": video.duration,
        "width": video.width,
        "height": video.height,
        "frame_rate": video.frame_rate,
        "streams": video.streams,
        "state": video.state,
        "state_label": video.state_words,
        "state_at": moment(video.state_at),
        "state_reason": video.state_reason,
        "network": video.network,
        "copies": _counts(video),
        "proven_at": moment(getattr(video, "proven_at", None)),
        "poster_url": reverse("library:poster", args=[video.pk]) if video.has_poster else None,
        "stream_url": reverse("streaming:stream", args=[video.pk]),
        **_signed(video, to),
        "watch_url": reverse("library:watch", args=[video.pk]),
        "version": video.version,
        "created_at": moment(video.created_at),
        "updated_at": moment(video.updated_at),
    }
    if not short:
        told["pieces"] = [describe_piece(piece) for piece in video.pieces.all()]
        told["stages"] = stages.of_video(video)
        told["evidence"] = _evidence(video)
    return told


def _signed(video: Video, to: Bearer | None) -> dict[str, str | None]:
    """For players that cannot send a token."""
    if to is None or video.trashed_at is not None:
        return {"media_url": None, "media_expires_at": None}
    address = media_addresses.address_of(video, to)
    return {"media_url": address.url, "media_expires_at": moment(address.expires_at)}


def _evidence(video: Video) -> dict[str, Any] | None:
    """What a film's state rests on, where it is on a network."""
    if video.is_local:
        return None
    # Most libraries have no such film, and their pages load nothing of it.
    from library.network import evidence

    return evidence.of(video)


def describe_piece(piece: Piece) -> dict[str, Any]:
    return {
        "index": piece.index,
        "offset": piece.offset,
        "size": piece.size,
        "piece_cid": piece.piece_cid,
        "copies": [_describe_copy(copy) for copy in piece.copies.all()],
    }


def notice(video: Video) -> str:
    """What the owner of a film should know of how it is stored; mostly there is nothing."""
    if video.is_encrypted or video.visibility == Visibility.PUBLIC:
        return ""
    return (
        "This film is stored open. Copies that were already stored stay readable for whoever "
        "knows their PieceCIDs, whoever may watch it here. You can store it anew, encrypted: "
        "then what this library keeps can be read by this library only."
    )


def describe_erasure(erasure: Erasure) -> dict[str, Any]:
    return {
        "encrypted": erasure.encrypted,
        "last_kit_at": moment(erasure.last_kit_at),
        "in_last_kit": erasure.in_last_kit,
        "notice": " ".join(erasure_words(erasure)),
    }


def erasure_words(erasure: Erasure) -> list[str]:
    """What erasing a film means for copies of it, in two sentences or three."""
    if not erasure.encrypted:
        return [
            "This film is stored open, so there is no key to delete.",
            "Copies that others keep stay readable for whoever knows their PieceCIDs.",
        ]
    words = ["The film's key is deleted: without it no copy of the stored bytes can be read."]
    at = erasure.last_kit_at
    if at is None:
        return [
            *words,
            "No recovery kit has been made.",
            "Erasing is complete when database backups made before it are gone too.",
        ]
    made = f"The last recovery kit was made on {at.day} {at:%B %Y} and "
    if erasure.in_last_kit:
        return [
            *words,
            f"{made}contains this key.",
            "Erasing is complete when that kit and older database backups are gone too.",
        ]
    return [
        *words,
        f"{made}does not contain this key.",
        "Erasing is complete when database backups made before it are gone too.",
    ]


def _counts(video: Video) -> dict[str, int]:
    """Of its scarcest piece. On this machine there is one copy, once it is stored."""
    if not video.is_local:
        return {
            "wanted": video.wanted_copies,
            "stored": video.held_copies,
            "committed": video.committed_copies,
        }
    stored = int(video.state not in {Video.State.RECEIVED, Video.State.AT_RISK})
    return {"wanted": 1, "stored": stored, "committed": 0}


def _describe_copy(copy: Copy) -> dict[str, Any]:
    holder, addition, data_set = copy.holder, copy.addition, copy.data_set
    return {
        "provider": holder.title if holder else copy.provider,
        "provider_id": holder.number if holder else None,
        "state": copy.state,
        "stored_at": moment(copy.stored_at),
        "verified_at": moment(copy.verified_at),
        "fault": copy.fault,
        "data_set_id": data_set.number if data_set else None,
        "piece_id": copy.number,
        "transaction": (addition.shown_transaction if addition else "") or None,
        "last_proven_at": moment(data_set.last_proven_at) if data_set else None,
    }


def _seen_duplicates(uploads: list[Upload]) -> set[str]:
    """
    The films of the same bytes that the uploads' owners may see now: what was theirs to
    see when the bytes came may have been taken back since.
    """
    wanted: dict[User, set[str]] = {}
    for upload in uploads:
        if upload.duplicate_of_id:
            wanted.setdefault(upload.owner, set()).add(upload.duplicate_of_id)
    seen: set[str] = set()
    for owner, films in wanted.items():
        visible = Video.objects.visible_to(owner).filter(pk__in=films)
        seen.update(visible.values_list("pk", flat=True))
    return seen


def _duplicate(upload: Upload) -> dict[str, Any]:
    other = upload.duplicate_of
    assert other is not None  # it was seen
    return {"id": other.pk, "title": other.title, "url": reverse("library:watch", args=[other.pk])}


def _is_moving(upload: Upload) -> bool:
    return (
        upload.state == Upload.State.RECEIVING
        and upload.speed > 0
        and timezone.now() - upload.updated_at < _STALLED
    )


def _time_left(upload: Upload) -> int | None:
    if upload.length is None or not _is_moving(upload):
        return None
    return round((upload.length - upload.offset) / upload.speed)
