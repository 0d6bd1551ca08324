"""Changing what is said about a film, and putting it into the trash and back."""

from __future__ import annotations

import unicodedata

from django.db import transaction
from django.utils import timezone

from library import events
from library.errors import Invalid
from library.models import Video, Visibility
from library.uploads import names

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
