"""
Playing through a playlist: which of its films somebody may see, and what comes next.

Films that one may not see are left out. Who may change the playlist is told that they are
there and why they are not shown, because the playlist is theirs to mend.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.translation import gettext as _

from library.models import Playlist, PlaylistItem, User, Video

# A word for an order, in an address.
SHUFFLE_LIMIT = 40


@dataclass(frozen=True)
class Entry:
    """A place in a playlist as one viewer sees it. Without a `video` there is a reason."""

    position: int
    video_id: str
    title: str
    video: Video | None
    unavailable: str = ""


@dataclass(frozen=True)
class Place:
    """Where a film stands among those that its viewer may see."""

    playlist: Playlist
    position: int
    count: int
    previous: Video | None
    next: Video | None
    films: list[Video]


def entries(playlist: Playlist, user: User | AnonymousUser) -> list[Entry]:
    """What `user` sees of a playlist that they may see, in order, counted from 1."""
    may_change = Playlist.objects.changeable_by(user).filter(pk=playlist.pk).exists()
    seen = _films(playlist, user)
    items = playlist.items.order_by("position", "pk")
    if not may_change:
        shown = [item for item in items if item.video_id in seen]
        return [_entry(number, item, seen) for number, item in enumerate(shown, 1)]
    hidden = items.exclude(video__in=list(seen)).values_list("video", flat=True)
    own = Video.objects.changeable_by(user).filter(pk__in=hidden).in_bulk()
    return [
        _entry(number, item, seen) if item.video_id in seen else _missing(number, item, own)
        for number, item in enumerate(items, 1)
    ]


def films(playlist: Playlist, user: User | AnonymousUser, shuffle: str = "") -> list[Video]:
    """Those that `user` may play, in order; with `shuffle` in another one, always the same."""
    seen = _films(playlist, user)
    items = playlist.items.order_by("position", "pk").values_list("video_id", flat=True)
    found = [seen[pk] for pk in items if pk in seen]
    return shuffled(found, shuffle) if shuffle else found


def place_of(
    playlist_id: str, video: Video, user: User | AnonymousUser, shuffle: str = ""
) -> Place | None:
    """Where `video` stands in a playlist; None where `user` sees no such playlist with it."""
    playlist = Playlist.objects.visible_to(user).filter(pk=playlist_id).first()
    if playlist is None:
        return None
    found = films(playlist, user, shuffle)
    at = next((number for number, film in enumerate(found) if film.pk == video.pk), None)
    if at is None:
        return None
    return Place(
        playlist=playlist,
        position=at + 1,
        count=len(found),
        previous=found[at - 1] if at else None,
        next=found[at + 1] if at + 1 < len(found) else None,
        films=found,
    )


def watch_url(film: Video, playlist: Playlist, shuffle: str = "") -> str:
    """Where a film is watched as a part of a playlist, in the order that `shuffle` names."""
    asked = {"list": playlist.pk} | ({"shuffle": shuffle} if shuffle else {})
    return f"{reverse('library:watch', args=[film.pk])}?{urlencode(asked)}"


def shuffled(found: Sequence[Video], word: str) -> list[Video]:
    """An order that looks like chance and is the same for the same `word`."""

    def chance(film: Video) -> str:
        return hashlib.sha256(f"{word} {film.pk}".encode()).hexdigest()

    return sorted(found, key=chance)


def _films(playlist: Playlist, user: User | AnonymousUser) -> dict[str, Video]:
    rows = Video.objects.visible_to(user).filter(playlist_items__playlist=playlist)
    return {film.pk: film for film in rows.select_related("owner")}


def _entry(number: int, item: PlaylistItem, seen: dict[str, Video]) -> Entry:
    video = seen[item.video_id]
    return Entry(number, video.pk, video.title, video)


def _missing(number: int, item: PlaylistItem, own: dict[str, Video]) -> Entry:
    mine = own.get(item.video_id)
    if mine is None:
        # What it is called now may be no affair of theirs.
        reason = _("It is not shared with you any more, or in its owner's trash.")
        return Entry(number, item.video_id, _("A film you may not see"), None, reason)
    return Entry(number, mine.pk, mine.title, None, _("It is in the trash."))
