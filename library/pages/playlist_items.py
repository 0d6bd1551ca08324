"""The films of a playlist: to another place, out, back in; and into one from anywhere."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from library.catalogue import playlists as keeping
from library.errors import Invalid, NotFound, Refusal
from library.models import Playlist, PlaylistItem, Video
from library.pages import going_back, said
from library.pages.playlists import changeable, person

PROPOSED = 200


@login_required
@require_POST
def playlist_items(request: HttpRequest, playlist_id: str) -> HttpResponse:
    """`video`, and `act`: up, down, place (to `position`), or remove."""
    found = changeable(request, playlist_id)
    video, act = request.POST.get("video", ""), request.POST.get("act", "")
    item = PlaylistItem.objects.filter(playlist=found, video=_plain(video)).first()
    try:
        if item is None:
            raise NotFound(keeping.NOT_IN_IT)
        if act == "remove":
            _take_out(request, found, item)
        else:
            keeping.move(found, item.video_id, _wished(item, act, request.POST.get("position", "")))
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    return redirect(going_back.place(request, reverse("library:playlist", args=[found.pk])))


@login_required
@require_POST
def playlist_put_back(
    request: HttpRequest, playlist_id: str, video_id: str, position: int
) -> HttpResponse:
    """A film that was taken out comes back to where it was."""
    found = changeable(request, playlist_id)
    try:
        keeping.add(found, [video_id], person(request), position=max(1, min(position, 10**6)))
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    return redirect(going_back.place(request, reverse("library:playlist", args=[found.pk])))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_to_playlist(request: HttpRequest, video_id: str) -> HttpResponse:
    """
    The playlists of whoever asks, to put a film into one, or into a new one: `playlist` is
    the id of one, or `title` that of a new one.
    """
    user = person(request)
    video = get_object_or_404(Video.objects.visible_to(user), pk=video_id)
    problem = ""
    if request.method == "POST":
        try:
            return _add(request, video)
        except Refusal as refusal:
            problem = refusal.detail
    rows = Playlist.objects.changeable_by(user).filter(owner=user).counted_for(user)
    context = {
        "video": video,
        "playlists": rows.order_by("-updated_at", "-pk")[:PROPOSED],
        "has_it": set(
            PlaylistItem.objects.filter(video=video, playlist__owner=user).values_list(
                "playlist_id", flat=True
            )
        ),
        "problem": problem,
        "title": request.POST.get("title", ""),
        "next": request.POST.get("next", "") or _came_from(request),
        "back": _way_back(request, video),
    }
    return render(request, "library/add_to_playlist.html", context, status=400 if problem else 200)


def _add(request: HttpRequest, video: Video) -> HttpResponse:
    user, named = person(request), request.POST.get("playlist", "")
    if named:
        found = get_object_or_404(Playlist.objects.changeable_by(user), pk=_plain(named))
    else:
        found = keeping.create(user, request.POST.get("title", ""))
    added = keeping.add(found, [video.pk], user)
    names = {"title": video.title, "playlist": found.title}
    if added:
        last = PlaylistItem.objects.get(playlist=found, video=video)
        undo = reverse("library:playlist-take-out", args=[found.pk, last.video_id])
        said.success(request, _("“%(title)s” is in “%(playlist)s”.") % names, undo=undo)
    else:
        messages.info(request, _("“%(title)s” was in “%(playlist)s” already.") % names)
    return redirect(going_back.place(request, reverse("library:watch", args=[video.pk])))


@login_required
@require_POST
def playlist_take_out(request: HttpRequest, playlist_id: str, video_id: str) -> HttpResponse:
    """Out again, where it was put in by mistake."""
    found = changeable(request, playlist_id)
    if keeping.remove(found, video_id):
        messages.success(request, _("It is out of “%(title)s” again.") % {"title": found.title})
    return redirect(going_back.place(request))


def _take_out(request: HttpRequest, playlist: Playlist, item: PlaylistItem) -> None:
    keeping.remove(playlist, item.video_id)
    seen = Video.objects.visible_to(request.user).filter(pk=item.video_id).first()
    words = _("“%(title)s” is out of the playlist.") % {"title": seen.title if seen else "…"}
    back = [playlist.pk, item.video_id, item.position]
    undo = reverse("library:playlist-put-back", args=back) if seen else ""
    said.success(request, words, undo=undo)


def _wished(item: PlaylistItem, act: str, position: str) -> int:
    match act:
        case "up":
            return max(1, item.position - 1)
        case "down":
            return item.position + 1
        case "place" if position.isascii() and position.isdecimal() and len(position) < 7:
            return int(position)
    raise Invalid(_("Say the place as a number: the first is 1."), field="position")


def _plain(given: str) -> str:
    """An id, or what is none: no database refuses it."""
    return given if given.isascii() and "\0" not in given else ""


def _way_back(request: HttpRequest, video: Video) -> str:
    """For whoever thinks better of it."""
    came = urlsplit(_came_from(request))
    here = came.path.startswith("/") and not came.netloc and not came.path.startswith("//")
    return came.geturl() if here else reverse("library:watch", args=[video.pk])


def _came_from(request: HttpRequest) -> str:
    """The page of ours that led here; whether it is ours is asked again when it comes back."""
    if wished := request.GET.get("next"):
        return wished
    came = urlsplit(request.headers.get("Referer", ""))
    if came.netloc != request.get_host():
        return ""
    return came.path + (f"?{came.query}" if came.query else "")
