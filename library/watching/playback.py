"""
All that a player needs to know of a film, in one document.

Pages put it into themselves, and the API gives it to those who have no page.
"""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from library import media_addresses
from library.catalogue import playing
from library.media_addresses import Bearer
from library.models import Caption, Copy, User, Video
from library.moments import moment
from library.renditions import asking as renditions
from library.watching import chapters, preferences, viewings

Document = dict[str, Any]
_PLAYLIST = re.compile(r"pls_[a-z0-9]{1,36}")


def document(
    video: Video,
    user: User | AnonymousUser,
    *,
    playlist: str = "",
    shuffle: str = "",
    to: Bearer | None = None,
) -> Document:
    """
    What `user` may play of `video`, which they may see, at addresses that are signed for
    whoever it is told `to`; `playlist` is the id of the one
    they came from, and says what comes before and after where they may see that, too, in
    the order that `shuffle` names (any word) or else in its own.
    """
    plays = video.is_film and video.trashed_at is None
    return {
        "video": video.pk,
        "title": video.title,
        "kind": video.kind,
        "duration": video.duration,
        "content_id": video.piece_cid,
        "verification": "blocks" if _is_checked(video) else "none",
        "copies_wrong": _copies_wrong(video),
        "sources": _sources(video, to) if plays else [],
        "poster": reverse("library:poster", args=[video.pk]) if video.has_poster else None,
        "captions": [describe_track(caption) for caption in _captions(video)],
        "storyboard": _storyboard(video),
        "chapters": chapters.describe(video),
        **_going_on(video, user, plays),
        **_between(video, user, playlist, shuffle),
    }


def _is_checked(video: Video) -> bool:
    """Whether blocks are checked as they are sent: those of this machine were when they came."""
    return bool(settings.STREAM_VERIFY_ALWAYS) or not (video.is_local or video.staging)


def _copies_wrong(video: Video) -> int:
    """Copies that were found wrong or lost, until there are as many right ones as are wanted."""
    copies = Copy.objects.filter(piece__video=video)
    if video.is_local:
        return copies.exclude(fault="").count()
    if video.held_copies >= video.wanted_copies:
        return 0
    return copies.filter(state__in=[Copy.State.DOUBTED, Copy.State.LOST]).count()


def _sources(video: Video, to: Bearer | None) -> list[Document]:
    """The original first; a player that cannot play it, or not so much, takes another."""
    rows = renditions.ready(video)
    films = [(row.film, row.get_quality_display()) for row in rows if row.film is not None]
    return [
        _source(video, to),
        *(_source(film, to, quality) for film, quality in films),
        *([_playlist(video, films[0][0])] if films else []),
    ]


def _playlist(video: Video, largest: Video) -> Document:
    return {
        "kind": "hls",
        "quality": None,
        "type": "application/vnd.apple.mpegurl",
        "codecs": _codecs(largest),
        "size": None,
        "width": largest.width,
        "height": largest.height,
        "url": reverse("streaming:hls", args=[video.pk]),
        "expires_at": None,
    }


def _source(video: Video, to: Bearer | None, quality: str | None = None) -> Document:
    signed = media_addresses.address_of(video, to) if to else None
    return {
        "kind": "rendition" if quality else "original",
        "quality": quality,
        "type": video.media_type,
        "codecs": _codecs(video),
        "size": video.size,
        "width": video.width,
        "height": video.height,
        # One that is not signed lasts as long as the sign-in.
        "url": signed.url if signed else reverse("streaming:stream", args=[video.pk]),
        "expires_at": moment(signed.expires_at) if signed else None,
    }


def _codecs(video: Video) -> list[str]:
    return [
        stream["codec"]
        for stream in video.streams
        if stream.get("kind") in {"video", "audio"} and stream.get("codec")
    ]


def _captions(video: Video) -> list[Caption]:
    return list(Caption.objects.filter(video=video).defer("vtt"))


def describe_track(caption: Caption) -> Document:
    """A caption as a player chooses between them."""
    return {
        "id": caption.pk,
        "language": caption.language,
        "label": caption.label,
        "kind": caption.kind,
        "automatic": caption.automatic,
        "url": reverse("library:caption", args=[caption.pk]),
    }


def _storyboard(video: Video) -> str | None:
    return reverse("library:storyboard-map", args=[video.pk]) if video.storyboard else None


def _going_on(video: Video, user: User | AnonymousUser, plays: bool) -> Document:
    if not (plays and isinstance(user, User) and preferences.keeps_history(user)):
        return {"resume": None, "progress_url": None}
    viewing = viewings.of(user, video)
    return {
        "resume": viewings.describe(viewing) if viewing else None,
        "progress_url": reverse("api:video-progress", args=[video.pk]),
    }


def _between(video: Video, user: User | AnonymousUser, playlist: str, shuffle: str) -> Document:
    """Where in a playlist the film is, among those of its films that `user` may see."""
    named = bool(_PLAYLIST.fullmatch(playlist))
    place = playing.place_of(playlist, video, user, shuffle) if named else None
    if place is None:
        return {"previous": None, "next": None, "list": None}

    def neighbour(film: Video | None) -> Document | None:
        if film is None:
            return None
        address = playing.watch_url(film, place.playlist, shuffle)
        return {"title": film.title, "watch_url": address}

    return {
        "previous": neighbour(place.previous),
        "next": neighbour(place.next),
        "list": {
            "id": place.playlist.pk,
            "title": place.playlist.title,
            "position": place.position,
            "count": place.count,
        },
    }
