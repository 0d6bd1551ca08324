"""
Check: is it a film, and what is it made of?

A film goes on to be stored. Anything else is refused with a sentence that says what it
is, or kept as a plain file where the library is set so.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import timezone

from library import encryption, events, places
from library.keys import films
from library.models import Step, Upload, Video
from library.storing import endings, kinds, probe, shelf, steps
from library.storing.errors import ExaminationBroke
from library.storing.lease import Lease
from library.storing.original import Original
from library.storing.probe import Examination, Read

Examine = Callable[..., Examination]

_PROBLEMS = {"no_picture": kinds.NO_PICTURE, "no_frame": kinds.NO_FRAME}


def run(lease: Lease, examine: Examine = probe.examine) -> None:
    video = lease.step.video
    with Original(video) as original:
        head = original.read(0, kinds.HEAD)
        problem, found = _look(lease, original.read, head, examine)
    if problem:
        _not_a_film(lease, video, problem)
    else:
        assert found is not None
        _a_film(lease, video, found, head)


def _look(
    lease: Lease, read: Read, head: bytes, examine: Examine
) -> tuple[str, Examination | None]:
    """Why it is no film, as a sentence; or no words, and what it is made of."""
    if problem := kinds.refusal(head):
        return problem, None
    size = lease.step.video.size
    try:
        found = examine(read, size, go_on=lease.go_on)
    except ExaminationBroke as error:
        if steps.is_last_try(lease.step, error):
            return str(error), None
        raise
    if found.facts.problem == "unreadable":
        return kinds.unreadable(read, size), None
    if found.facts.problem:
        return _PROBLEMS[found.facts.problem], found
    # It plays from its beginning; whether it does to its end, its own sizes tell.
    missing = endings.missing(read, size)
    return kinds.cut_short(missing) if missing else "", found


def _a_film(lease: Lease, video: Video, found: Examination, head: bytes) -> None:
    facts = found.facts
    container = kinds.container(facts.format, head)
    if found.poster:
        with lease.commit():
            poster = encryption.seal(films.of(video), "poster", found.poster)
            shelf.replace_durably(places.poster(video.pk), poster, lease.part)
    _finish(
        lease,
        video,
        kind=Video.Kind.FILM,
        media_type=container.media_type,
        container=container.name,
        duration=facts.duration,
        width=facts.width,
        height=facts.height,
        frame_rate=facts.frame_rate,
        streams=facts.streams,
        has_poster=bool(found.poster),
    )


def _not_a_film(lease: Lease, video: Video, problem: str) -> None:
    if video.kind != Video.Kind.UNKNOWN:
        # It was accepted once, and has come back from a recovery kit: it stays what it was.
        _finish(lease, video, kind=video.kind)
    elif settings.ACCEPT_ANY_FILE:
        _finish(lease, video, kind=Video.Kind.FILE, media_type="application/octet-stream")
    else:
        _refuse(lease, video, problem)


def _finish(lease: Lease, video: Video, **facts: Any) -> None:
    with lease.finish():
        Video.objects.filter(pk=video.pk).update(**facts, updated_at=timezone.now())
        events.record("video.checked", video=video, kind=facts["kind"])
        steps.enqueue(video, Step.Kind.STORE)


def _refuse(lease: Lease, video: Video, problem: str) -> None:
    """The upload remembers why; nothing else of it stays. A crash leaves files to the sweep."""
    was, staging, key_id = video.pk, video.staging, video.key_id
    with lease.commit():
        upload = Upload.objects.filter(video=video).first()
        if upload is not None:
            upload.state, upload.problem, upload.video = Upload.State.REFUSED, problem, None
            upload.updated_at = timezone.now()
            upload.save(update_fields=["state", "problem", "video", "updated_at"])
        video.delete()
        films.delete(key_id)
        if upload is not None:
            # Last, as everywhere: numbering an event waits for whoever numbered one before.
            events.record("upload.refused", upload=upload, problem=problem, was=was)
    if staging:
        shutil.rmtree(places.staging(staging), ignore_errors=True)
