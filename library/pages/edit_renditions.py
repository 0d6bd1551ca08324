"""The part of a film's page to change it that is about its other qualities."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from filmedia.filecoin.money import amounts
from library.errors import Refusal
from library.models import Event, Rendition, Video
from library.pages import said, words
from library.renditions import asking, costs, under_way
from library.renditions.costs import Cost, Pricing


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
    pricing, there = costs.pricing(video), list(asking.of(video))
    asked = {row.quality for row in there if not row.problem}
    possible = [one for one in asking.possible(video) if one not in asked]
    return {
        "renditions": [(row, _words_of(row, video, pricing)) for row in there],
        "qualities": [(one.label, _estimate(video, one, pricing)) for one in possible],
        "making": under_way.of(video),
        "seq": Event.objects.newest(),
        "prices_missing": pricing.is_paid and pricing.prices is None,
    }


def _words_of(rendition: Rendition, video: Video, pricing: Pricing) -> str:
    """How large it is and what it costs; an estimate of both while it is made."""
    if rendition.problem:
        return ""
    if rendition.film is None:
        return _estimate(video, rendition.quality, pricing)
    cost = costs.of(rendition, video, pricing)
    return ", ".join(filter(None, [words.size(cost.size), _month(cost)]))


def _estimate(video: Video, quality: int, pricing: Pricing) -> str:
    """Nothing for a film whose length is not known."""
    cost = pricing.of(costs.most(video, quality))
    if not cost.size:
        return ""
    size = _("about %(size)s at most") % {"size": words.size(cost.size)}
    return ", ".join(filter(None, [size, _month(cost)]))


def _month(cost: Cost) -> str:
    """Nothing where nothing is paid, or the prices are not known."""
    if cost.per_month is None:
        return ""
    found = {"amount": amounts.shown(cost.per_month), "copies": cost.copies}
    return (
        ngettext(
            "%(amount)s a month for %(copies)s copy",
            "%(amount)s a month for %(copies)s copies",
            cost.copies,
        )
        % found
    )
