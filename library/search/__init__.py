"""
Full-text search over what is said of films and in them.

`matching`, `ranked` and `hits` ask; `library.search.index` keeps what is asked. Whoever asks
brings the films that may be seen: nothing here lets anybody see more.
"""

from __future__ import annotations

from collections.abc import Iterable

from library.keys import searching
from library.models import Video
from library.models.films import VideoQuerySet
from library.search import databases, index, places, ranking, terms
from library.search.blinding import Blinding
from library.search.hit import Hit, describe

__all__ = ["Hit", "describe", "hits", "index", "matching", "ranked"]


def matching(videos: VideoQuerySet, query: str) -> VideoQuerySet:
    """Those of `videos` that have every term of `query`, wherever it is."""
    asked = terms.read(query)
    return videos.filter(databases.films(asked, _blind() if asked else None))


def ranked(videos: VideoQuerySet, query: str) -> VideoQuerySet:
    """With `relevance`: how well each matches."""
    return videos.annotate(relevance=ranking.relevance(terms.read(query)))


def hits(videos: Iterable[Video], query: str) -> dict[str, Hit]:
    """By the ids of films: where the terms are."""
    return places.hits(videos, terms.read(query))


def _blind() -> databases.Blind | None:
    key = searching.found()
    return Blinding(key.secret).word if key is not None else None
