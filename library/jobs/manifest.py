"""
What films are and where their bytes lie, as a file to keep: enough to find each piece again
without this library.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from library import progress
from library.errors import NotFound
from library.jobs import beginning
from library.models import Job, JobItem, User, Video

NAME = "manifest"
JSON, CSV = "json", "csv"
KINDS = {JSON: "application/json", CSV: "text/csv; charset=utf-8"}
_FIELDS = (
    "id", "title", "owner", "filename", "media_type", "duration", "size", "sha256", "piece_cid",
    "encrypted", "network", "state", "visibility", "collection", "tags", "language", "created_at",
)  # fmt: skip
# What a spreadsheet would take for a formula rather than for words.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_AT_ONCE = 100


def written(job: Job, kind: str) -> str:
    """The manifest of a job that named its films, as its owner may see them now."""
    if job.action != NAME or job.state != Job.State.DONE:
        raise NotFound("This job has no manifest, or not yet.")
    films = list(_films(job, beginning.who(job)))
    return _as_csv(films) if kind == CSV else json.dumps({"films": films}, indent=1)


def _films(job: Job, by: User) -> Iterator[dict[str, Any]]:
    done = job.items.filter(state=JobItem.State.DONE).order_by("pk")
    ids = list(done.values_list("video_name", flat=True))
    seen = Video.objects.filter(
        Q(pk__in=Video.objects.visible_to(by).order_by().values("pk"))
        | Q(pk__in=Video.objects.changeable_by(by).order_by().values("pk"))
    )
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        found = seen.for_details().in_bulk(part)
        for pk in part:
            if pk in found:
                yield _film(found[pk])


def _film(video: Video) -> dict[str, Any]:
    told = progress.describe_video(video)
    named = {name: told[name] for name in _FIELDS}
    collection = told["collection"]
    return named | {
        "collection": collection["name"] if collection else None,
        "pieces": told["pieces"],
    }


def _as_csv(films: list[dict[str, Any]]) -> str:
    """A line for each film; what there is several of stands with spaces between."""
    file = io.StringIO()
    lines = csv.writer(file)
    lines.writerow([*_FIELDS, "pieces"])
    for film in films:
        flat = film | {
            "tags": ", ".join(film["tags"]),
            "pieces": " ".join(piece["piece_cid"] for piece in film["pieces"]),
        }
        lines.writerow([_cell(flat[name]) for name in [*_FIELDS, "pieces"]])
    return file.getvalue()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULAS) and not _is_number(value) else text


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)
