"""One film: watching it, storing it anew, the trash."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Min, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from library import films, progress
from library.catalogue import playing
from library.errors import Refusal, WrongState
from library.media_addresses import bearer
from library.models import Copy, Event, Piece, Upload, Video
from library.pages import going_back, moments, said
from library.pages.account import sign_in_first
from library.pages.reach import changeable, readable
from library.renditions import under_way
from library.storing.trash import erasure
from library.watching import captions, playback

# What goes on with a film that is there.
_BESIDE = {"encrypt", "rendition"}


@never_cache
@require_safe
def watch(request: HttpRequest, video_id: str) -> HttpResponse:
    video = readable(request).for_details().filter(pk=video_id).first()
    if video is None:
        # A stranger learns nothing here, not even whether there is such a film.
        if not request.user.is_authenticated:
            return sign_in_first(request)
        raise Http404
    to = bearer(request)
    film = progress.describe_video(video, to=to)
    may_change = Video.objects.changeable_by(request.user).filter(pk=video.pk).exists()
    stages = [stage for stage in film["stages"] if stage["name"] not in _BESIDE]
    context = {
        "video": video,
        "film": film,
        "playback": playback.document(
            video,
            request.user,
            playlist=request.GET.get("list", ""),
            shuffle=request.GET.get("shuffle", "")[: playing.SHUFFLE_LIMIT],
            to=to,
        ),
        "stages": stages,
        "unfinished": any(stage["state"] != "done" for stage in stages),
        "needs_work": video.state == Video.State.AT_RISK
        or any(stage["state"] == "failed" for stage in stages),
        "anew": next((stage for stage in film["stages"] if stage["name"] == "encrypt"), None),
        "making": under_way.of(video) if may_change else None,
        "notice": progress.notice(video),
        "not_yet": films.why_not_anew(video),
        "seq": Event.objects.newest(),
        "copies": _copies(video),
        "on_this_machine": bool(video.staging),
        "may_change": may_change,
        "captions_missing": may_change and captions.are_missing(video),
        "same_bytes": _same_bytes(request, video),
        "start": moments.seconds(request.GET.get("t", "")),
    }
    return render(request, "library/watch.html", context)


@login_required
@require_POST
def encrypt(request: HttpRequest, video_id: str) -> HttpResponse:
    video = changeable(request, video_id)
    try:
        films.store_anew(video)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    return redirect("library:watch", video.pk)


@login_required
@require_POST
def trash(request: HttpRequest, video_id: str) -> HttpResponse:
    video = changeable(request, video_id)
    if films.trash(video):
        words = _("“%(title)s” is in the trash. You can restore it there.")
        undo = reverse("library:restore", args=[video.pk])
        said.success(request, words % {"title": video.title}, undo=undo)
    return redirect(going_back.place(request))


@login_required
@require_POST
def restore(request: HttpRequest, video_id: str) -> HttpResponse:
    video = changeable(request, video_id)
    if films.restore(video):
        said.success(request, _("“%(title)s” is back in the library.") % {"title": video.title})
    return redirect(going_back.place(request, reverse("library:watch", args=[video.pk])))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, video_id: str) -> HttpResponse:
    """Asks first, and says what stays elsewhere; there is no way back."""
    video = changeable(request, video_id)
    if video.trashed_at is None:
        messages.error(request, _("Only a film in the trash can be erased. Move it there first."))
        return redirect("library:watch", video.pk)
    if request.method == "POST":
        try:
            films.erase(video)
        except WrongState as refusal:
            messages.error(request, refusal.detail)
        else:
            messages.success(request, _("“%(title)s” is erased for ever.") % {"title": video.title})
        return redirect(f"{reverse('library:home')}?in=trash")
    words = progress.erasure_words(erasure(video))
    return render(request, "library/erase.html", {"video": video, "words": words})


@require_safe
def certificate(request: HttpRequest, video_id: str) -> HttpResponse:
    """For whoever may see the film: what is in it is on chain for everybody."""
    video = get_object_or_404(readable(request), pk=video_id)
    if video.is_local or not video.committed_copies:
        raise Http404
    from library.network.certificate import certificate as made

    response = JsonResponse(made(video), json_dumps_params={"indent": 1})
    response["Content-Disposition"] = f'attachment; filename="{video.pk}-certificate.json"'
    response["Cache-Control"] = "private, no-store"
    return response


def _copies(video: Video) -> dict[str, object]:
    """The evidence for a film's state: how many copies, and since when they are proven good."""
    copies = Copy.objects.filter(piece__video=video, fault="")
    unread = copies.filter(verified_at=None).exists()
    counted = Piece.objects.filter(video=video).annotate(
        copies_kept=Count("copies", filter=Q(copies__fault=""))
    )
    return {
        "count": counted.aggregate(least=Min("copies_kept"))["least"] or 0,
        "providers": copies.values_list("provider", flat=True).distinct().order_by("provider"),
        "verified_at": None if unread else copies.aggregate(at=Min("verified_at"))["at"],
    }


def _same_bytes(request: HttpRequest, video: Video) -> Video | None:
    """The film that has the same bytes, where the uploader should hear of it."""
    upload = Upload.objects.visible_to(request.user).filter(video=video).first()
    if upload is None or upload.duplicate_of_id is None:
        return None
    return Video.objects.visible_to(request.user).filter(pk=upload.duplicate_of_id).first()
