"""Full-text search over what is said of films."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import IntegerField, Value

from library.models import Video
from library.models.films import VideoQuerySet
from library.search.hit import Hit, describe

__all__ = ["Hit", "describe", "hits", "matching", "ranked"]


def matching(videos: VideoQuerySet, query: str) -> VideoQuerySet:
    return videos.words(query)


def ranked(videos: VideoQuerySet, query: str) -> VideoQuerySet:
    return videos.annotate(relevance=Value(0, output_field=IntegerField()))


def hits(videos: Iterable[Video], query: str) -> dict[str, Hit]:
    return {}
