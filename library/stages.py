"""
The way of a film, stage by stage, from its first byte to bytes read back; on a network on to
its place on chain and the first proof.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from library.models import Addition, Copy, Step, Upload, Video
from library.moments import moment

Stage = dict[str, Any]

# The stages after the first; those with a kind are steps, the others follow from the copies.
_HERE: dict[str, Step.Kind | None] = {
    "check": Step.Kind.CHECK,
    "store": Step.Kind.STORE,
    "verify": Step.Kind.VERIFY,
}
_ON_NETWORK: dict[str, Step.Kind | None] = {
    "check": Step.Kind.CHECK,
    "store": Step.Kind.STORE,
    "commit": None,
    "verify": Step.Kind.VERIFY,
    "prove": None,
}


def names() -> list[str]:
    """Those of a film that arrives now."""
    return ["receive", *_way(settings.FILECOIN_NETWORK)]


def of_upload(upload: Upload) -> list[Stage]:
    """With every stage that its film will go through."""
    after = _of(upload.video) if upload.video else _none_yet()
    return [_receiving(upload), *after]


def of_video(video: Video) -> list[Stage]:
    """
    A film that is stored anew has one stage more for as long as that lasts: its bytes
    written, and read back, so twice its size.
    """
    anew = [
        _of_step(step, "encrypt")
        for step in video.steps.all()
        if step.kind == Step.Kind.ENCRYPT
        and step.state not in {Step.State.DONE, Step.State.SKIPPED}
    ]
    # Its other qualities, one after the other: how much of the film the present one has of it.
    making = [
        _of_step(step, "rendition")
        for step in video.steps.all()
        if step.kind == Step.Kind.RENDITION
        and step.state not in {Step.State.DONE, Step.State.SKIPPED}
    ]
    receive = _stage("receive", "done", video.size, video.size)
    return [receive, *_of(video), *anew, *making]


def _way(network: str) -> dict[str, Step.Kind | None]:
    return _HERE if network == Copy.LOCAL else _ON_NETWORK


def _network_of(video: Video) -> str:
    """A film that is not stored yet goes where the settings say."""
    if video.is_local and video.state == Video.State.RECEIVED:
        return str(settings.FILECOIN_NETWORK)
    return video.network


def _of(video: Video) -> list[Stage]:
    steps = {step.kind: step for step in video.steps.all()}
    found = []
    for name, kind in _way(_network_of(video)).items():
        if kind is None:
            found.append(_committing(video) if name == "commit" else _proving(video))
        elif step := steps.get(kind):
            found.append(_of_step(step, name))
        else:
            found.append(_stage(name, "waiting", 0, None))
    return found


def _committing(video: Video) -> Stage:
    total = video.size * video.wanted_copies
    done = video.size * min(video.committed_copies, video.wanted_copies)
    if video.committed_copies >= video.wanted_copies and not video.is_local:
        return _stage("commit", "done", total, total)
    addition = (
        Addition.objects.filter(
            copies__piece__video=video, state__in=[*Addition.OPEN, Addition.State.LANDED]
        )
        .order_by("-attempts")
        .first()
    )
    if addition is None:
        return _stage("commit", "waiting", done, total)
    return _stage(
        "commit",
        "waiting" if addition.state == Addition.State.DRAWN else "running",
        done,
        total,
        attempts=addition.attempts,
        error=addition.error,
        next_try_at=moment(addition.next_try_at) if addition.error else None,
    )


def _proving(video: Video) -> Stage:
    if video.state == Video.State.PROVEN or getattr(video, "proven_at", None):
        return _stage("prove", "done", video.size, video.size)
    waits = video.state == Video.State.COMMITTED
    return _stage("prove", "running" if waits else "waiting", 0, None)


def _receiving(upload: Upload) -> Stage:
    over = {Upload.State.RECEIVED: "done", Upload.State.RECEIVING: "running"}
    state = over.get(Upload.State(upload.state), "done" if upload.is_complete else "failed")
    return _stage("receive", state, upload.offset, upload.length)


def _none_yet() -> list[Stage]:
    return [_stage(name, "waiting", 0, None) for name in _way(settings.FILECOIN_NETWORK)]


def _of_step(step: Step, name: str) -> Stage:
    return _stage(
        name,
        step.state,
        step.done_bytes,
        step.total_bytes or None,
        attempts=step.attempts,
        error=step.error,
        next_try_at=moment(step.next_try_at) if step.state == Step.State.WAITING else None,
    )


def _stage(name: str, state: str, done: int, total: int | None, **more: Any) -> Stage:
    also = {"attempts": 0, "error": "", "next_try_at": None} | more
    return {"name": name, "state": state, "done": done, "total": total, **also}
