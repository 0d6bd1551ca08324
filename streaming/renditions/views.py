"""
The playlists of a film, for whoever may see it.

To a session the ranges are at the address that its cookie opens. A player that was told a
token cannot send it along with each of them, so it is given signed ones.
"""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from library import media_addresses
from library.api import problems
from library.errors import NotFound, Refusal
from library.models import Rendition, Video
from library.renditions import asking
from streaming.doors.bodies import NO_FILM
from streaming.doors.viewers import viewer
from streaming.doors.views import check_method
from streaming.renditions import playlists
from streaming.renditions.playlists import Variant

_ID = re.compile(r"[a-z0-9_]{1,24}")


@csrf_exempt
def master(request: HttpRequest, video_id: str) -> HttpResponse:
    try:
        check_method(request)
        _, rows = _seen(request, video_id)
        return _playlist(playlists.master([_variant(row) for row in rows]))
    except Refusal as refusal:
        return problems.refuse(request, refusal)


@csrf_exempt
def media(request: HttpRequest, video_id: str, quality: str) -> HttpResponse:
    try:
        check_method(request)
        bearer, rows = _seen(request, video_id)
        row = next((one for one in rows if one.get_quality_display() == quality), None)
        if row is None or row.film is None or row.index is None:
            raise NotFound("This film has no such quality.")
        return _playlist(playlists.media(row.index, _address(row.film, bearer)))
    except Refusal as refusal:
        return problems.refuse(request, refusal)


def _seen(
    request: HttpRequest, video_id: str
) -> tuple[media_addresses.Bearer | None, list[Rendition]]:
    who = viewer(request)
    seen = Video.objects.visible_to(who)
    video = seen.filter(pk=video_id).first() if _ID.fullmatch(video_id) else None
    rows = asking.ready(video) if video is not None else []
    if not rows:
        raise NotFound(NO_FILM if video is None else "This film has no renditions.")
    return _bearer(request), rows


def _bearer(request: HttpRequest) -> media_addresses.Bearer | None:
    """Of the token that came along; none where the ranges need no signed address."""
    return media_addresses.bearer(request) if hasattr(request, "auth") else None


def _variant(row: Rendition) -> Variant:
    film = row.film
    assert film is not None and row.index is not None
    name = row.get_quality_display()
    return Variant(
        reverse("streaming:hls-media", args=[row.original_id, name]),
        name,
        film.width or 0,
        film.height or 0,
        row.index,
        film.frame_rate,
    )


def _address(film: Video, bearer: media_addresses.Bearer | None) -> str:
    if bearer is not None:
        return media_addresses.address_of(film, bearer).url
    return reverse("streaming:stream", args=[film.pk])


def _playlist(text: str) -> HttpResponse:
    headers = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(text, content_type=playlists.TYPE, headers=headers)
