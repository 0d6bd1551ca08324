"""Writing down that people changed what is said of films, in the transaction that does so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F
from django.utils import timezone

from library import events
from library.models import Video

_AT_ONCE = 500


def write(video: Video, changed: Iterable[str], **facts: Any) -> None:
    """Set `facts` of one film; `changed` names what a reader finds changed."""
    rows = Video.objects.filter(pk=video.pk)
    rows.update(**facts, version=F("version") + 1, updated_at=timezone.now())
    events.record("video.changed", video=video, changed=sorted(changed))
    for name, value in facts.items():
        setattr(video, name, value)
    now = rows.values("version", "updated_at").first()
    if now is not None:
        video.version, video.updated_at = now["version"], now["updated_at"]


def write_many(videos: Iterable[str], changed: Iterable[str], **facts: Any) -> None:
    """The same of many films, by their ids."""
    ids = sorted(videos)
    films: list[Video] = []
    for start in range(0, len(ids), _AT_ONCE):
        rows = Video.objects.filter(pk__in=ids[start : start + _AT_ONCE])
        films += rows.only("pk", "owner_id", "visibility", "trashed_at").order_by("pk")
        rows.update(**facts, version=F("version") + 1, updated_at=timezone.now())
    # After all rows: numbering events is the last lock that anybody waits for.
    events.record_each("video.changed", films, changed=sorted(changed))
