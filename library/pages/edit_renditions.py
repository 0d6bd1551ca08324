"""The part of a film's page to change it that is about its other qualities."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from library.errors import Refusal
from library.models import Video
from library.pages import said
from library.renditions import asking


def ask(request: HttpRequest, video: Video) -> None:
    try:
        asking.ask(video, request.POST.getlist("quality"))
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        said.success(request, _("The renditions are being made."))


def remove(request: HttpRequest, video: Video) -> None:
    try:
        asking.remove(video, request.POST.get("quality", ""))
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        said.success(request, _("The rendition is removed."))


def context(video: Video) -> dict[str, Any]:
    return {"renditions": asking.of(video), "qualities": asking.offers(video)}
