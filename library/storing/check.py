"""
Check: is it a film, and what is it made of?

A film goes on to be stored. Anything else is refused with a sentence that says what it
is, or kept as a plain file where the library is set so.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone

from library import events, places, revoking
from library.keys import films
from library.models import Event, Step, Upload, Video
from library.storing import endings, kinds, pictures, probe, steps
from library.storing.errors import ExaminationBroke
from library.storing.lease import Lease
from library.storing.original import Original
from library.storing.probe import Examination, Read
from library.watching import chapters

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
    video, size = lease.step.video, lease.step.video.size
    try:
        found = examine(read, size, at=video.poster_at, go_on=lease.go_on)
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
        pictures.keep(lease, video, "poster", found.poster)
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
        parts=chapters.taken(facts.chapters, facts.duration),
    )


def _not_a_film(lease: Lease, video: Video, problem: str) -> None:
    if video.kind != Video.Kind.UNKNOWN:
        # It was accepted once, and has come back from a recovery kit: it stays what it was.
        _finish(lease, video, kind=video.kind)
    elif settings.ACCEPT_ANY_FILE:
        _finish(lease, video, kind=Video.Kind.FILE, media_type="application/octet-stream")
    else:
        _refuse(lease, video, problem)


def _finish(
    lease: Lease, video: Video, *, parts: Sequence[chapters.Part] = (), **facts: Any
) -> None:
    with lease.finish():
        Video.objects.filter(pk=video.pk).update(**facts, updated_at=timezone.now())
        if parts and not _has_been_divided(video):
            chapters.write(video, parts)
        # Whoever sends it already sends it as what it was found to be.
        revoking.films([video.pk])
        events.record("video.checked", video=video, kind=facts["kind"])
        steps.enqueue(video, Step.Kind.STORE)
        if facts.get("duration"):
            # Last: a film is stored before its small pictures are made.
            steps.enqueue(video, Step.Kind.STORYBOARD)


def _has_been_divided(video: Video) -> bool:
    """Whether it has chapters, or somebody has taken them away."""
    told = Event.objects.filter(video=video, type="video.chapters")
    return video.chapters.exists() or told.exists()


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
