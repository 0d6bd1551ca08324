"""The library page: the films a person may see, as a grid to search and leaf through."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from filmedia.filecoin.errors import InvalidPieceCid
from filmedia.filecoin.piece import PieceCid
from library import permissions
from library.models import Event, User, Video
from library.models.films import VideoQuerySet

PER_PAGE = 24
QUERY_LIMIT = 300
ALL, MINE, TRASH = "all", "mine", "trash"


@never_cache
@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)  # login_required saw to it
    shelf = request.GET.get("in", ALL)
    query = request.GET.get("q", "").replace("\0", "").strip()[:QUERY_LIMIT]
    videos = found(on_shelf(user, shelf), query)
    page = Paginator(videos.select_related("owner"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "query": query,
        "shelf": shelf,
        "shelves": [(ALL, "All films"), (MINE, "Mine"), (TRASH, "Trash")],
        "totals": videos.order_by().aggregate(
            count=Count("pk"), size=Sum("size"), duration=Sum("duration")
        ),
        "seq": Event.objects.newest(),
        "may_upload": permissions.may_upload(user),
        "trash_days": settings.TRASH_KEEP_DAYS,
    }
    return render(request, "library/home.html", context)


def on_shelf(user: User, shelf: str) -> VideoQuerySet:
    """The films of one tab; a tab we do not know shows all."""
    if shelf == TRASH:
        return Video.objects.changeable_by(user).exclude(trashed_at=None).order_by("-trashed_at")
    visible = Video.objects.visible_to(user)
    return visible.filter(owner=user) if shelf == MINE else visible


def found(videos: VideoQuerySet, query: str) -> VideoQuerySet:
    """What `query` finds: a PieceCID its films, anything else the films with these words."""
    try:
        cid = PieceCid.parse(query)
    except InvalidPieceCid:
        return videos.words(query)
    # Joining the pieces would count a film once for each.
    return videos.filter(pk__in=Video.objects.holding(str(cid)).values("pk"))
