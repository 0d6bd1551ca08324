"""An import as pages, API and commands tell it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from library.models import Import
from library.models.imports import ImportQuerySet
from library.moments import moment


def with_all(rows: ImportQuerySet) -> ImportQuerySet:
    """With what `describe` looks at."""
    return rows.select_related("owner", "upload__video")


def describe(row: Import) -> dict[str, Any]:
    upload = row.upload
    video = upload.video if upload else None
    is_seen = video is not None and video.trashed_at is None
    waits = row.state == Import.State.WAITING
    return {
        "id": row.pk,
        "url": reverse("api:import", args=[row.pk]),
        "owner": row.owner.username,
        "state": row.state,
        "title": video.title if video else upload.title if upload else "",
        "cids": row.cids,
        "sources": row.sources,
        "avoided": row.avoided,
        "size": upload.length if upload else None,
        "received": upload.offset if upload else 0,
        "attempts": row.attempts,
        "error": row.error,
        "next_try_at": moment(row.next_try_at) if waits and row.attempts else None,
        "created_at": moment(row.created_at),
        "finished_at": moment(row.finished_at),
        "upload": upload.pk if upload else None,
        "video": video.pk if video and is_seen else None,
        "watch_url": reverse("library:watch", args=[video.pk]) if video and is_seen else None,
    }
