"""Where in a playlist a film stands that is being watched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.template import Context

from library.catalogue import playing
from library.models import Playlist, Video

register = template.Library()

# So many films beside the player; the one that is played is in the middle.
SHOWN = 60


@dataclass(frozen=True)
class Shown:
    """A film of the list, and where it is watched as a part of it."""

    video: Video
    position: int
    current: bool
    url: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.video, name)


@dataclass(frozen=True)
class Place:
    playlist: Playlist
    position: int
    count: int
    shuffle: str
    previous: Shown | None
    next: Shown | None
    films: list[Shown]


@register.simple_tag(takes_context=True)
def playlist_place(context: Context) -> Place | None:
    """Of the page's `video` in the list that its address names; None where there is none."""
    request, video = context["request"], context["video"]
    named = request.GET.get("list", "")
    shuffle = request.GET.get("shuffle", "")[: playing.SHUFFLE_LIMIT]
    if not (named.startswith("pls_") and named.isascii() and named.isidentifier()):
        return None
    found = playing.place_of(named, video, request.user, shuffle)
    if found is None:
        return None

    def shown(film: Video, position: int) -> Shown:
        url = playing.watch_url(film, found.playlist, shuffle)
        return Shown(film, position, film.pk == video.pk, url)

    films = [shown(film, number) for number, film in enumerate(found.films, 1)]
    at = found.position - 1
    first = max(0, min(at - SHOWN // 2, len(films) - SHOWN))
    return Place(
        playlist=found.playlist,
        position=found.position,
        count=found.count,
        shuffle=shuffle,
        previous=films[at - 1] if at else None,
        next=films[at + 1] if at + 1 < len(films) else None,
        films=films[first : first + SHOWN],
    )
