"""One page that tells all of a film: what it is, what is done for it, how it came to be so."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from library import progress
from library.admin import acts, deeds, story
from library.models import Copy, Event, Piece, Step, Upload, Video
from library.storing import trash

# Longer films have thousands; their own list has them all.
MOST_PIECES = 50


def context(request: HttpRequest, video: Video, *, may_act: bool) -> dict[str, Any]:
    """What the page shows. `may_act` says whether this person may do things to films."""
    film = Video.objects.for_details().select_related("collection").get(pk=video.pk)
    steps = Step.objects.filter(video=film).select_related("video").order_by("pk")
    shown = acts.shown(steps)
    pieces = film.pieces.all()
    return {
        "film": film,
        "told": progress.describe_video(film, short=True),
        "upload": Upload.objects.filter(video=film).first(),
        "steps": shown,
        "troubles": [step for step in shown if step.is_trouble],
        "may_act_on_steps": request.user.has_perm("library.change_step"),
        "deeds": deeds.fitting(film) if may_act else [],
        "story": story.of(film),
        "pieces": pieces[:MOST_PIECES],
        "piece_count": len(pieces),
        "piece_list": _list_of(Piece, "video__id__exact", film),
        "copy_list": _list_of(Copy, "piece__video", film),
        "event_list": _list_of(Event, "video__id__exact", film),
        "erase_words": _erase_words(request, film) if may_act else [],
    }


def may_erase(request: HttpRequest) -> bool:
    return request.user.has_perm("library.delete_video")


def _erase_words(request: HttpRequest, film: Video) -> list[str]:
    """What erasing it would mean; no words where it cannot be erased here and now."""
    if film.trashed_at is None or not may_erase(request):
        return []
    return progress.erasure_words(trash.erasure(film))


def _list_of(model: Any, field: str, film: Video) -> str:
    return f"{reverse(f'admin:library_{model._meta.model_name}_changelist')}?{field}={film.pk}"
