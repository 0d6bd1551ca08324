"""What is done with a film: its words, the trash and back, storing it anew, erasing it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from library import events, revoking, search
from library.catalogue import changed, collections
from library.catalogue import tags as catalogue_tags
from library.errors import Invalid, NotFound, VersionConflict, WrongState
from library.keys import keyring
from library.locks import Lock, hold
from library.models import Step, User, Video, Visibility
from library.storing import steps
from library.storing.trash import Erasure, erasure, purge
from library.uploads import names, space
from library.watching import languages

DESCRIPTION_LIMIT = 10_000


def change(
    video: Video,
    *,
    title: str | None = None,
    description: str | None = None,
    visibility: str | None = None,
    language: str | None = None,
    tags: Iterable[str] | None = None,
    collection: str | None = None,
    by: User | None = None,
    expected: int | None = None,
) -> Video:
    """
    Set what is given; None leaves it as it is. `tags` are all that it shall have; `collection`
    is the id or the name of one that `by` (or else the film's owner) sees, a new name, or no
    words for none. With `expected`, only if that is the film's version.

    Raises Invalid, VersionConflict or NotAllowed, and then nothing changed.
    """
    words = checked(title=title, description=description, visibility=visibility, language=language)
    names = None if tags is None else catalogue_tags.checked(tags)
    with transaction.atomic():
        facts: dict[str, Any] = dict(words)
        if collection is not None:
            facts["collection"] = collections.named(collection, by or video.owner, held=True)
        if names is not None:
            # Before any row: whoever changes tags waits here first.
            hold(Lock.TAGS)
        now = Video.objects.select_for_update().filter(pk=video.pk).first()
        if now is None:
            raise NotFound("There is no such film, or you may not see it.")
        if expected is not None and now.version != expected:
            raise VersionConflict(now.version)
        said = {name: value for name, value in facts.items() if value != getattr(now, name)}
        retagged = names is not None and catalogue_tags.put(video, names)
        if said or retagged:
            changed.write(video, [*said, *(["tags"] if retagged else [])], **said)
    return video


def checked(
    *,
    title: str | None = None,
    description: str | None = None,
    visibility: str | None = None,
    language: str | None = None,
) -> dict[str, str]:
    """What is given, as it would be set. Raises Invalid."""
    given = {
        "title": None if title is None else _title(title),
        "description": None if description is None else _description(description),
        "visibility": None if visibility is None else _visibility(visibility),
        "language": None if language is None else _language(language),
    }
    return {name: value for name, value in given.items() if value is not None}


def trash(video: Video, *, expected: int | None = None) -> bool:
    """
    Out of everybody's sight, but not gone. False when it was in the trash already. With
    `expected`, only if that is the film's version; else raises VersionConflict.
    """
    return _move(video, "video.trashed", was_trashed=False, expected=expected)


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
    search.index.tidy()
    return found


def _move(video: Video, event: str, *, was_trashed: bool, expected: int | None = None) -> bool:
    now = timezone.now()
    there = Video.objects.filter(pk=video.pk, trashed_at__isnull=not was_trashed)
    with transaction.atomic():
        locked = Video.objects.select_for_update().filter(pk=video.pk).first()
        if locked is not None and expected not in {None, locked.version}:
            raise VersionConflict(locked.version)
        if not there.update(trashed_at=None if was_trashed else now, updated_at=now):
            return False
        # Only those that somebody wants: one that was removed goes its way.
        made = Video.objects.filter(rendition_of=video, as_rendition__isnull=False)
        made.update(trashed_at=None if was_trashed else now, updated_at=now)
        revoking.films([video.pk])
        events.record(event, video=video)
        video.trashed_at = None if was_trashed else now
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


def _language(given: str) -> str:
    return languages.checked(given) if given.strip() else ""


def _visibility(given: str) -> str:
    if given not in Visibility.values:
        raise Invalid(f"visibility is one of {', '.join(Visibility.values)}.", field="visibility")
    return given
