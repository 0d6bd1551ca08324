"""Films for tests, by the ways that real ones take: received, and then perhaps stored."""

from __future__ import annotations

import io
from typing import Any

from library import encryption, places
from library.keys import films as keys
from library.models import Caption, Step, Upload, User, Video, Visibility
from library.storing import steps, store, verify
from library.uploads import receiving
from library.watching import captions, sealing

TEN_BYTES = b"0123456789"
# The smallest a library can be set to: a film of a few MB has several pieces.
SMALL_PIECES = 127 * 2**13


def received_video(
    owner: User,
    data: bytes = TEN_BYTES,
    *,
    piece_size: int | None = None,
    stored_open: bool = False,
    **fields: Any,
) -> Video:
    """
    A film whose bytes have just arrived: staged, hashed, waiting for its check.

    With `stored_open` its stored bytes are its own, whoever may see it, as those of films
    are that are older than encryption.
    """
    upload = receiving.begin(
        owner,
        length=None,
        title=fields.pop("title", "Harbour at dawn"),
        filename=fields.pop("filename", "harbour.mp4"),
        visibility=fields.pop("visibility", Visibility.PRIVATE),
    )
    if stored_open:
        _open(upload)
    if piece_size is not None:
        upload.piece_size = piece_size
        upload.save(update_fields=["piece_size"])
    receiving.receive(upload, io.BytesIO(data), offset=0, length=len(data))
    assert upload.video is not None
    return _with_facts(upload.video, fields)


def stored_video(
    owner: User,
    data: bytes = TEN_BYTES,
    *,
    piece_size: int | None = None,
    stored_open: bool = False,
    **fields: Any,
) -> Video:
    """A film that was stored and verified. Its check is taken as done: it may be any bytes."""
    film = {"kind": Video.Kind.FILM, "media_type": "video/mp4"}
    how: dict[str, Any] = {"piece_size": piece_size, "stored_open": stored_open}
    video = received_video(owner, data, **how, **(film | fields))
    video.steps.filter(kind=Step.Kind.CHECK).update(state=Step.State.DONE)
    store.run(taken(steps.enqueue(video, Step.Kind.STORE)))
    verify.run(taken(video.steps.get(kind=Step.Kind.VERIFY)))
    video.refresh_from_db()
    assert video.state == Video.State.STORED
    return video


def as_stored(holder: Video | Upload, data: bytes, position: int = 0) -> bytes:
    """The stored bytes that `data`, which begins at `position` of the film, turns into."""
    return bytes(encryption.turn(keys.of(holder), data, position))


def keep_poster(video: Video, picture: bytes) -> None:
    """A poster on disk, as the check leaves one."""
    path = places.poster(video.pk)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encryption.seal(keys.of(video), "poster", picture))


def keep_storyboard(video: Video, sheet: bytes = b"\xff\xd8 a sheet", count: int = 3) -> None:
    """A storyboard on disk and in the film's row, as its step leaves one."""
    path = places.storyboard(video.pk)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encryption.seal(keys.of(video), "storyboard", sheet))
    facts = {"width": 160, "height": 90, "columns": 10, "interval": 2.0, "count": count}
    Video.objects.filter(pk=video.pk).update(storyboard=facts)
    video.refresh_from_db()


def keep_caption(video: Video, words: str = "Hello", *, language: str = "en") -> Caption:
    """Words to a film, said in its second second."""
    text = f"WEBVTT\n\n00:01.000 --> 00:02.000\n{words}\n"
    return captions.add(video, text.encode(), language=language)


def said() -> list[str]:
    """What is said in all captions there are, however they are kept."""
    return [cue.text for one in Caption.objects.all() for cue in sealing.cues(one)]


def taken(step: Step, worker: str = "a test") -> steps.Lease:
    """The lease of a step that nobody else has."""
    lease = steps.take(step, worker)
    assert lease is not None, f"{step} is {step.state}"
    return lease


def _open(upload: Upload) -> None:
    key_id = upload.key_id
    Upload.objects.filter(pk=upload.pk).update(encrypted=False, key=None)
    upload.refresh_from_db()
    keys.delete(key_id)


def _with_facts(video: Video, fields: dict[str, Any]) -> Video:
    """Fields beside those an upload has are written as they are given."""
    if fields:
        Video.objects.filter(pk=video.pk).update(**fields)
    video.refresh_from_db()
    return video
