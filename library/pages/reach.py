"""Which films a page may be about: what is not within reach is told like what is not there."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from library.models import Video
from library.models.films import VideoQuerySet


def readable(request: HttpRequest) -> VideoQuerySet:
    """What may be seen, and what may be taken back out of the trash."""
    user = request.user
    found = Video.objects.visible_to(user) | Video.objects.changeable_by(user)
    return found.select_related("owner")


def changeable(request: HttpRequest, video_id: str) -> Video:
    return get_object_or_404(Video.objects.changeable_by(request.user), pk=video_id)
