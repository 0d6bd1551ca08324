"""The row of films to go on with: taking one off it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from library.models import User, Video
from library.pages import going_back, said
from library.watching import viewings


@login_required
@require_POST
def forget(request: HttpRequest, video_id: str) -> HttpResponse:
    """Until it is gone on with. Where somebody stopped is remembered all the same."""
    user = request.user
    assert isinstance(user, User)  # login_required saw to it
    video = get_object_or_404(Video.objects.visible_to(user), pk=video_id)
    viewings.hide(user, video)
    said.success(request, _("“%(title)s” is off this row.") % {"title": video.title})
    return redirect(going_back.place(request))
