"""
Keeping the words of films as they are searched.

Whatever changes what is said of a film or in it calls `words` or `captions`, in the same
transaction. What is deleted with a film is deleted by the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import connection, transaction

from library.models import Cue, FilmWords, Video
from library.search import folding

# A tsvector takes a megabyte of different words: a film with a hundred languages may have more.
MOST_BYTES = 800_000
_AT_ONCE = 200
_SAID = ("title", "tags", "description", "filename")


def words(videos: Iterable[str]) -> None:
    """What is said of these films (by their ids): title, tags, description, file name."""
    for some in _portions(videos):
        _write(some, _said(some), _SAID)


def changed(videos: Iterable[str], said: Iterable[str]) -> None:
    """Some of what is said of these films is new: the fields that `said` names."""
    if not set(_SAID).isdisjoint(said):
        words(videos)


def captions(video: str) -> None:
    """What is said in this film."""
    if not FilmWords.objects.filter(video_id=video).exists():
        words([video])
    text, cues = _spoken(video)
    FilmWords.objects.filter(video_id=video).update(captions=text, cues=cues)


def rebuild() -> int:
    """Everything anew, film by film; returns how many films there are in the index."""
    FilmWords.objects.exclude(video__in=Video.objects.order_by().values("pk")).delete()
    count = 0
    ids = list(Video.objects.order_by("pk").values_list("pk", flat=True))
    for some in _portions(ids):
        with transaction.atomic():
            words(some)
            for video in (
                Cue.objects.filter(caption__video__in=some)
                .order_by()
                .values_list("caption__video", flat=True)
                .distinct()
            ):
                captions(video)
        count += len(some)
    tidy()
    return count


def tidy() -> None:
    """
    Let nothing stay of what was deleted. FTS5 only notes that a row is gone, and its words
    stay in the file until parts of the index are merged: this merges all of them.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO library_filmwords_fts(library_filmwords_fts) VALUES ('optimize')"
            )


def _write(videos: list[str], said: dict[str, dict[str, str]], fields: Iterable[str]) -> None:
    rows = [FilmWords(video_id=video, **said[video]) for video in videos if video in said]
    FilmWords.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["video"], update_fields=list(fields)
    )


def _said(videos: list[str]) -> dict[str, dict[str, str]]:
    tags: dict[str, list[str]] = defaultdict(list)
    given = Video.tags.through.objects.filter(video__in=videos).order_by("tag__key")
    for video, name in given.values_list("video", "tag__name"):
        tags[video].append(name)
    rows = Video.objects.filter(pk__in=videos).order_by()
    return {
        video: {
            "title": _folded(title),
            "tags": " ".join(map(_folded, tags[video])),
            "description": _folded(description),
            "filename": _folded(filename),
        }
        for video, title, description, filename in rows.values_list(
            "pk", "title", "description", "filename"
        )
    }


def _folded(text: str) -> str:
    return folding.padded(folding.words(text))


def _spoken(video: str) -> tuple[str, list[int]]:
    lines: list[str] = []
    cues: list[int] = []
    seen: set[str] = set()
    room = MOST_BYTES
    rows = Cue.objects.filter(caption__video=video).order_by("caption", "start", "pk")
    for pk, text in rows.values_list("pk", "text").iterator():
        found = folding.words(text)
        new = set(found) - seen
        room -= sum(len(word.encode()) for word in new)
        if room < 0:
            break
        seen |= new
        if found:
            lines.append(" ".join(found))
            cues.append(pk)
    return (f" {chr(10).join(lines)} " if lines else ""), cues


def _portions(videos: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(videos)
    while portion := list(islice(rest, _AT_ONCE)):
        yield portion
