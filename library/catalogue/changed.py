"""Writing down that people changed what is said of films, in the transaction that does so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F
from django.utils import timezone

from library import events, revoking
from library.models import Video
from library.search import index

_AT_ONCE = 500
# What an event tells of a film as it was before.
_TOLD = ("pk", "owner_id", "visibility", "trashed_at", "collection_id")


def write(video: Video, changed: Iterable[str], **facts: Any) -> None:
    """Set `facts` of one film; `changed` names what a reader finds changed."""
    changed = list(changed)
    rows = Video.objects.filter(pk=video.pk)
    rows.update(**facts, version=F("version") + 1, updated_at=timezone.now())
    index.changed([video.pk], changed)
    if "visibility" in facts:
        revoking.films([video.pk])
    events.record("video.changed", video=video, changed=sorted(changed))
    for name, value in facts.items():
        setattr(video, name, value)
    now = rows.values("version", "updated_at").first()
    if now is not None:
        video.version, video.updated_at = now["version"], now["updated_at"]


def write_many(videos: Iterable[str], changed: Iterable[str], **facts: Any) -> None:
    """The same of many films, by their ids."""
    ids, changed = sorted(videos), list(changed)
    films: list[Video] = []
    for start in range(0, len(ids), _AT_ONCE):
        rows = Video.objects.filter(pk__in=ids[start : start + _AT_ONCE])
        films += rows.only(*_TOLD).order_by("pk")
        rows.update(**facts, version=F("version") + 1, updated_at=timezone.now())
    index.changed(ids, changed)
    if "visibility" in facts:
        revoking.films(ids)
    # After all rows: numbering events is the last lock that anybody waits for.
    events.record_each("video.changed", films, changed=sorted(changed))
