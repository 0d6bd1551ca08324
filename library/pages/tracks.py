"""What a player fetches beside the film: its poster, captions and storyboard."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from library import encryption, places
from library.authentication import devices_too
from library.errors import KeyUnavailable
from library.keys import films as keys
from library.models import Caption, Video, Visibility
from library.pages.reach import readable
from library.watching import sealing, storyboards

# Long enough to spare a visitor's second look, short enough for a film made private.
PUBLIC_SECONDS = 300
WEBVTT = "text/vtt; charset=utf-8"
Place = Callable[[str], Path]


@require_safe
@devices_too
def poster(request: HttpRequest, video_id: str) -> HttpResponse:
    return _picture(request, video_id, "poster", places.poster)


@require_safe
@devices_too
def storyboard(request: HttpRequest, video_id: str) -> HttpResponse:
    """The sheet with all small pictures of a film."""
    return _picture(request, video_id, "storyboard", places.storyboard)


@require_safe
@devices_too
def storyboard_map(request: HttpRequest, video_id: str) -> HttpResponse:
    """Which part of the sheet is of which moment, as WebVTT."""
    video = get_object_or_404(readable(request), pk=video_id)
    if not video.storyboard:
        raise Http404
    sheet = reverse("library:storyboard", args=[video.pk])
    told = storyboards.webvtt(video.storyboard, video.duration, sheet)
    return _sent(request, video, told.encode(), WEBVTT)


@require_safe
@devices_too
def caption(request: HttpRequest, caption_id: str) -> HttpResponse:
    found = get_object_or_404(
        Caption.objects.select_related("video__key").filter(video__in=readable(request)),
        pk=caption_id,
    )
    try:
        words = sealing.text(found).encode()
    except encryption.Sealed:
        raise Http404 from None
    except KeyUnavailable as refusal:
        return _closed(refusal)
    # Not of the words: it may be noted where an address is.
    return _sent(request, found.video, words, WEBVTT, digest=found.digest)


def _picture(request: HttpRequest, video_id: str, name: str, place: Place) -> HttpResponse:
    video = get_object_or_404(readable(request).select_related("key"), pk=video_id)
    try:
        kept = place(video.pk).read_bytes()
        picture = encryption.unseal(keys.of(video), name, kept)
    except (FileNotFoundError, encryption.Sealed):
        raise Http404 from None
    except KeyUnavailable as refusal:
        return _closed(refusal)
    return _sent(request, video, picture, "image/jpeg")


def _closed(refusal: KeyUnavailable) -> HttpResponse:
    return HttpResponse(refusal.detail, status=503, content_type="text/plain; charset=utf-8")


def _sent(
    request: HttpRequest, video: Video, body: bytes, content_type: str, digest: str = ""
) -> HttpResponse:
    """`body`, which is of `video`; or that the asker has it already."""
    response = HttpResponse(body, content_type=content_type)
    response["ETag"] = etag = f'"{(digest or hashlib.sha256(body).hexdigest())[:32]}"'
    response["X-Content-Type-Options"] = "nosniff"
    is_public = video.visibility == Visibility.PUBLIC and video.trashed_at is None
    response["Cache-Control"] = (
        f"public, max-age={PUBLIC_SECONDS}" if is_public else "private, no-cache"
    )
    return get_conditional_response(request, etag=etag, response=response) or response
