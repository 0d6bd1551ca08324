"""What is done with a film: its words, the trash and back, storing it anew, erasing it."""

from __future__ import annotations

import unicodedata

from django.db import transaction
from django.utils import timezone

from library import events
from library.errors import Invalid, WrongState
from library.keys import keyring
from library.models import Step, Video, Visibility
from library.storing import steps
from library.storing.trash import Erasure, erasure, purge
from library.uploads import names, space

DESCRIPTION_LIMIT = 10_000


def change(
    video: Video,
    *,
    title: str | None = None,
    description: str | None = None,
    visibility: str | None = None,
) -> Video:
    """Set what is given; None leaves it as it is. Raises Invalid, and then nothing changed."""
    said = checked(title=title, description=description, visibility=visibility)
    changed = {name: value for name, value in said.items() if value != getattr(video, name)}
    if changed:
        with transaction.atomic():
            Video.objects.filter(pk=video.pk).update(**changed, updated_at=timezone.now())
            events.record("video.changed", video=video, changed=sorted(changed))
        for name, value in changed.items():
            setattr(video, name, value)
    return video


def checked(
    *, title: str | None = None, description: str | None = None, visibility: str | None = None
) -> dict[str, str]:
    """What is given, as it would be set. Raises Invalid."""
    given = {
        "title": None if title is None else _title(title),
        "description": None if description is None else _description(description),
        "visibility": None if visibility is None else _visibility(visibility),
    }
    return {name: value for name, value in given.items() if value is not None}


def trash(video: Video) -> bool:
    """Out of everybody's sight, but not gone. False when it was in the trash already."""
    return _move(video, "video.trashed", was_trashed=False)


def restore(video: Video) -> bool:
    """Back from the trash. False when it was not there."""
    return _move(video, "video.restored", was_trashed=True)


def store_anew(video: Video) -> Step:
    """
    Have a film that is stored open stored once more, encrypted, in its own time. Asked
    twice, it is done once.

    Raises WrongState, NoSpace or KeyUnavailable, and then nothing changed.
    """
    keyring.current()
    with transaction.atomic():
        # First the steps, then the film, as everywhere: nobody waits for each other.
        kinds = {step.kind: step for step in video.steps.select_for_update().order_by("pk")}
        now = Video.objects.select_for_update().get(pk=video.pk)
        before = kinds.get(Step.Kind.ENCRYPT)
        if before is not None and before.state in {Step.State.WAITING, Step.State.RUNNING}:
            return before
        if problem := why_not_anew(now):
            raise WrongState(problem)
        space.claim(now.size)
        step = steps.enqueue(now, Step.Kind.ENCRYPT)
        steps.again(step)
        events.record("video.encrypting", video=now)
    return step


def why_not_anew(video: Video) -> str:
    """Why a film cannot be stored anew, encrypted, as a sentence; no words where it can."""
    if video.is_encrypted:
        return "This film is stored encrypted already."
    if video.trashed_at is not None:
        return "This film is in the trash. Restore it first."
    if video.visibility == Visibility.PUBLIC:
        return "Everybody may watch this film. Choose first who else may."
    if video.state == Video.State.RECEIVED:
        return "This film is still being stored. It can be stored anew once it is."
    if video.state == Video.State.AT_RISK:
        return "Not all bytes of this film are right, so it cannot be stored anew."
    return ""


def erase(video: Video) -> Erasure:
    """
    Delete a film that is in the trash, and its key, now and for ever; what that means for
    copies elsewhere. Raises WrongState for a film that is not in the trash.
    """
    found = erasure(video)
    if not purge(video):
        raise WrongState("Only a film in the trash can be erased. Move it there first.")
    return found


def _move(video: Video, event: str, *, was_trashed: bool) -> bool:
    now = timezone.now()
    there = Video.objects.filter(pk=video.pk, trashed_at__isnull=not was_trashed)
    with transaction.atomic():
        if not there.update(trashed_at=None if was_trashed else now, updated_at=now):
            return False
        video.trashed_at = None if was_trashed else now
        events.record(event, video=video)
    return True


def _title(given: str) -> str:
    if not given.strip():
        raise Invalid("A film needs a title.", field="title")
    return names.title(given)


def _description(given: str) -> str:
    text = given.replace("\r\n", "\n").strip()
    if any(c not in "\n\t" and unicodedata.category(c) in {"Cc", "Cs"} for c in text):
        raise Invalid("A description has no control characters.", field="description")
    if len(text) > DESCRIPTION_LIMIT:
        raise Invalid(
            f"A description has at most {DESCRIPTION_LIMIT:,} characters; "
            f"this one has {len(text):,}.",
            field="description",
        )
    return text


def _visibility(given: str) -> str:
    if given not in Visibility.values:
        raise Invalid(f"visibility is one of {', '.join(Visibility.values)}.", field="visibility")
    return given
