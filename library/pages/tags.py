"""All tags with how many films have them, and giving one another name."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from library.catalogue import naming
from library.catalogue import tags as keeping
from library.errors import Refusal
from library.models import Tag, Video
from library.pages.playlists import person


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tags(request: HttpRequest) -> HttpResponse:
    """A POST gives `tag` another `name`; where there is one of that name, they become one."""
    user = person(request)
    if request.method == "POST":
        tag = Tag.objects.seen_by(user).filter(key=naming.key(request.POST.get("tag", ""))).first()
        if tag is None:
            raise Http404
        try:
            now = keeping.rename(tag, request.POST.get("name", ""), user)
        except Refusal as refusal:
            messages.error(request, refusal.detail)
        else:
            words = _("“%(before)s” is “%(now)s” now, on all films that have it.")
            messages.success(request, words % {"before": tag.name, "now": now.name})
        return redirect("library:tags")
    theirs = Video.objects.changeable_by(user).order_by().values("pk")
    others = Tag.videos.through.objects.filter(tag=OuterRef("pk")).exclude(video__in=theirs)
    found = Tag.objects.seen_by(user).annotate(others=Exists(others)).order_by("key")
    most = max((int(getattr(tag, "films", 0)) for tag in found), default=1)
    return render(request, "library/tags.html", {"tags": found, "most": most})
