"""Films for tests, by the ways that real ones take: received, and then perhaps stored."""

from __future__ import annotations

import io
from typing import Any

from library.models import Step, User, Video, Visibility
from library.storing import steps, store, verify
from library.uploads import receiving

TEN_BYTES = b"0123456789"
# The smallest a library can be set to: a film of a few MB has several pieces.
SMALL_PIECES = 127 * 2**13


def received_video(
    owner: User, data: bytes = TEN_BYTES, *, piece_size: int | None = None, **fields: Any
) -> Video:
    """A film whose bytes have just arrived: staged, hashed, waiting for its check."""
    upload = receiving.begin(
        owner,
        length=None,
        title=fields.pop("title", "Harbour at dawn"),
        filename=fields.pop("filename", "harbour.mp4"),
        visibility=fields.pop("visibility", Visibility.PRIVATE),
    )
    if piece_size is not None:
        upload.piece_size = piece_size
        upload.save(update_fields=["piece_size"])
    receiving.receive(upload, io.BytesIO(data), offset=0, length=len(data))
    assert upload.video is not None
    return _with_facts(upload.video, fields)


def stored_video(
    owner: User, data: bytes = TEN_BYTES, *, piece_size: int | None = None, **fields: Any
) -> Video:
    """A film that was stored and verified. Its check is taken as done: it may be any bytes."""
    film = {"kind": Video.Kind.FILM, "media_type": "video/mp4"}
    video = received_video(owner, data, piece_size=piece_size, **(film | fields))
    video.steps.filter(kind=Step.Kind.CHECK).update(state=Step.State.DONE)
    store.run(taken(steps.enqueue(video, Step.Kind.STORE)))
    verify.run(taken(video.steps.get(kind=Step.Kind.VERIFY)))
    video.refresh_from_db()
    assert video.state == Video.State.STORED
    return video


def taken(step: Step, worker: str = "a test") -> steps.Lease:
    """The lease of a step that nobody else has."""
    lease = steps.take(step, worker)
    assert lease is not None, f"{step} is {step.state}"
    return lease


def _with_facts(video: Video, fields: dict[str, Any]) -> Video:
    """Fields beside those an upload has are written as they are given."""
    if fields:
        Video.objects.filter(pk=video.pk).update(**fields)
    video.refresh_from_db()
    return video
