"""
Keeping the words of films as they are searched.

Whatever changes what is said of a film or in it calls `words`, `changed` or `captions`, in the
same transaction. What is deleted with a film is deleted by the database.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain, groupby, islice
from typing import Any

from django.db import connection, transaction

from library import encryption
from library.errors import KeyUnavailable
from library.keys import searching
from library.models import Caption, Cue, FilmWords, Video
from library.search import folding
from library.search.blinding import Blinding
from library.watching import sealing

log = logging.getLogger(__name__)

# A tsvector takes a megabyte of different words: a film with a hundred languages may have more.
MOST_BYTES = 800_000
_AT_ONCE, _REBUILT_AT_ONCE = 200, 50
_SAID, _SPOKEN = ("title", "tags", "description", "filename"), ("captions", "cues")


def words(videos: Iterable[str]) -> None:
    """
    Index what is said of these films (by their ids): title, tags, description, file name. The
    transaction has written the films' own rows before, so that no two do this at a time.
    """
    for some in _portions(videos, _AT_ONCE):
        _write(_said(some), _SAID)


def changed(videos: Iterable[str], said: Iterable[str]) -> None:
    """Index films again of which the fields in `said` are new."""
    if not set(_SAID).isdisjoint(said):
        words(videos)


def captions(video: str) -> None:
    """Index what is said in this film."""
    # Who writes other captions at this moment is waited for, and its words are seen.
    _hold([video])
    text, cues = _spoken([video]).get(video, ("", []))
    if not FilmWords.objects.filter(video_id=video).update(captions=text, cues=cues):
        words([video])
        FilmWords.objects.filter(video_id=video).update(captions=text, cues=cues)


def rebuild() -> int:
    """Index everything anew, some films at a time; returns how many there are."""
    # First, because an index that is broken would refuse every change.
    _tell_fts5("rebuild")
    searching.renew()
    count = 0
    # What is said of a rendition is said of its film, which is the one that is found.
    films = Video.objects.filter(rendition_of=None)
    ids = films.order_by("pk").values_list("pk", flat=True)
    for some in _portions(list(ids), _REBUILT_AT_ONCE):
        with transaction.atomic():
            _hold(some)
            spoken = _spoken(some)
            rows = _said(some)
            for video, row in rows.items():
                row.captions, row.cues = spoken.get(video, ("", []))
            _write(rows, _SAID + _SPOKEN)
        count += len(rows)
    tidy()
    return count


def tidy() -> None:
    """
    Let nothing stay of what was deleted. FTS5 only notes that a row is gone, and its words
    stay in the file until parts of the index are merged: this merges all of them.
    """
    _tell_fts5("optimize")


def _tell_fts5(command: str) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO library_filmwords_fts(library_filmwords_fts) VALUES (%s)", [command]
            )


def _hold(videos: list[str]) -> None:
    """Until the transaction ends, nobody else changes what is said of these films or in them."""
    held = Video.objects.select_for_update().filter(pk__in=videos).order_by("pk")
    list(held.values_list("pk", flat=True))


def _write(rows: dict[str, FilmWords], fields: Iterable[str]) -> None:
    FilmWords.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["video"], update_fields=list(fields)
    )


def _said(videos: list[str]) -> dict[str, FilmWords]:
    tags: dict[str, list[str]] = defaultdict(list)
    given = Video.tags.through.objects.filter(video__in=videos).order_by("tag__key")
    for video, name in given.values_list("video", "tag__name"):
        tags[video].append(name)
    films = Video.objects.filter(pk__in=videos).order_by()
    return {
        video: FilmWords(
            video_id=video,
            title=_folded(title),
            tags=" ".join(map(_folded, tags[video])),
            description=_folded(description),
            filename=_folded(filename),
        )
        for video, title, description, filename in films.values_list(
            "pk", "title", "description", "filename"
        )
    }


def _folded(text: str) -> str:
    return folding.padded(folding.words(text))


def _spoken(videos: list[str]) -> dict[str, tuple[str, list[int]]]:
    """
    By film: the words of its cues, a line for each, and the ids of those cues. Of films whose
    captions are sealed the words are blinded, and it is not said where they are.
    """
    return _in_clear(videos) | _sealed(videos)


def _sealed(videos: list[str]) -> dict[str, tuple[str, list[int]]]:
    found: dict[str, tuple[str, list[int]]] = {}
    blinding: Blinding | None = None
    for video, captions in groupby(sealing.of_films(videos), key=lambda row: row.video_id):
        try:
            blinding = blinding or Blinding(searching.needed().secret)
            said = list(chain.from_iterable(map(_words_of, captions)))
        except (KeyUnavailable, encryption.Sealed) as error:
            # What nobody can read is found by nobody; the other films shall be.
            log.error("Captions of %s are not indexed: %s", video, error)
            continue
        found[video] = folding.padded(blinding.words(said, MOST_BYTES)), []
    return found


def _words_of(caption: Caption) -> Iterator[str]:
    for cue in sealing.cues(caption):
        yield from folding.words(cue.text)


def _in_clear(videos: list[str]) -> dict[str, tuple[str, list[int]]]:
    cues = Cue.objects.filter(caption__video__in=videos)
    in_order = cues.order_by("caption__video", "caption__language", "caption", "start", "pk")
    rows = in_order.values_list("caption__video", "pk", "text").iterator()
    return {
        video: lines((pk, text) for _, pk, text in said)
        for video, said in groupby(rows, key=lambda row: row[0])
    }


def lines(said: Iterable[tuple[int, str]]) -> tuple[str, list[int]]:
    """The words of cues, a line for each that has any, and the numbers they came with."""
    lines: list[str] = []
    cues: list[int] = []
    seen: set[str] = set()
    room = MOST_BYTES
    for pk, text in said:
        found = folding.words(text)
        new = set(found) - seen
        room -= sum(len(word.encode()) for word in new)
        if room < 0:
            break
        seen |= new
        if found:
            lines.append(" ".join(found))
            cues.append(pk)
    return (" " + "\n".join(lines) + " " if lines else ""), cues


def _portions(videos: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(videos)
    while portion := list(islice(rest, size)):
        yield portion
