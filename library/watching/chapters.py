"""The parts of a film, each with a name: set as a whole list, or taken from the file itself."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from library import events
from library.errors import Invalid
from library.models import Chapter, Video
from library.uploads import names
from library.watching import clock

MOST, TITLE_LIMIT = 500, 200


class Part(NamedTuple):
    """`line` is where it was written, where it was; it counts from 1."""

    start: float
    title: str
    line: int = 0


def put(video: Video, given: Iterable[Part]) -> list[Part]:
    """
    Make `given` the chapters of `video`, in place of those there are. Raises Invalid, with
    the place of the first that is wrong, and then nothing changed.
    """
    parts = checked(given, video.duration)
    before = list(Chapter.objects.filter(video=video).values_list("start", "title"))
    if [part[:2] for part in parts] != before:
        with transaction.atomic():
            write(video, parts)
            Video.objects.filter(pk=video.pk).update(
                version=F("version") + 1, updated_at=timezone.now()
            )
            events.record("video.chapters", video=video, count=len(parts))
    return parts


def write(video: Video, parts: Sequence[Part]) -> None:
    """Inside a transaction that says so."""
    Chapter.objects.filter(video=video).delete()
    Chapter.objects.bulk_create(
        Chapter(video=video, start=part.start, title=part.title) for part in parts
    )


def checked(given: Iterable[Part], duration: float | None) -> list[Part]:
    """What is given, as it would be kept. Raises Invalid."""
    parts: list[Part] = []
    for number, (start, title, line) in enumerate(given):
        part = Part(round(start, 3), " ".join(title.split()), line)
        if number >= MOST:
            raise Invalid(f"A film has at most {MOST} chapters.", field="chapters")
        if problem := _wrong(part, parts[-1] if parts else None, duration):
            where = f"Line {line}" if line else f"Chapter {number + 1}"
            raise Invalid(f"{where}: {problem}", field=f"chapters/{number}")
        parts.append(part)
    return parts


def taken(found: Iterable[tuple[float, str]], duration: float | None) -> list[Part]:
    """
    Chapters that a file says itself, as far as they make sense. One alone divides nothing.
    """
    parts: list[Part] = []
    for start, title in sorted(found, key=lambda one: one[0])[:MOST]:
        words = " ".join(names.short(title, TITLE_LIMIT).split())
        part = Part(round(start, 3), words or f"Chapter {len(parts) + 1}")
        if not _wrong(part, parts[-1] if parts else None, duration):
            parts.append(part)
    return parts if len(parts) > 1 else []


def _wrong(part: Part, before: Part | None, duration: float | None) -> str:
    start, title, _ = part
    if not math.isfinite(start) or start < 0:
        return "a chapter begins at a number of seconds from the beginning."
    if not title:
        return "a chapter needs a title."
    if len(title) > TITLE_LIMIT:
        return f"a title has at most {TITLE_LIMIT} characters; this one has {len(title)}."
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in title):
        return "a title has no control characters."
    if before is not None and start <= before.start:
        return f"it begins at {clock.write(start)}, which is not after the one before."
    if duration is not None and start >= duration:
        return f"it begins at {clock.write(start)}, but the film ends at {clock.write(duration)}."
    return ""


def read(text: str) -> list[Part]:
    """Lines as people write them, `0:00 Opening`. Raises Invalid, which names the line."""
    found = []
    for line, words in enumerate(text.splitlines(), 1):
        if not words.strip():
            continue
        moment, _, title = words.strip().partition(" ")
        start = clock.read(moment)
        if start is None:
            sentence = f"Line {line}: it should begin with a time, as in “1:30 The harbour”."
            raise Invalid(sentence, field="chapters")
        found.append(Part(start, title, line))
    return found


def written(video: Video) -> str:
    """The chapters of `video` as `read` reads them."""
    kept = Chapter.objects.filter(video=video).values_list("start", "title")
    return "\n".join(f"{clock.write(start)} {title}" for start, title in kept)


def describe(video: Video) -> list[dict[str, Any]]:
    """Each with its end: where the next one begins, or the film's own; None if not known."""
    kept = list(Chapter.objects.filter(video=video).values_list("start", "title"))
    ends = [start for (_, _), (start, _) in pairwise(kept)] + [video.duration]
    return [
        {"start": start, "end": end, "title": title}
        for (start, title), end in zip(kept, ends, strict=False)
    ]
