"""The library page: the films a person may see, to search, to sort and to leaf through."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from library import finding, permissions
from library.finding import Question
from library.jobs import actions
from library.models import Event, User, Video
from library.pages import choices, frame, moments, rows
from library.watching import preferences

PER_PAGE = 24
QUERY_LIMIT = 2_000
# What an address may say beside the question: how the list is looked at.
BESIDES = ("page", "view")
TABS = [(finding.ALL, _("All films")), (finding.MINE, _("Mine")), (finding.TRASH, _("Trash"))]


@never_cache
@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """
    The films that the address asks for. A search that names one film (an id, a PieceCID, an
    address of ours, a transaction) leads to it.

    The template is given, beside the `page` of films:
    `question`: what is asked, as `library.finding.Question` (`.words`, `.shelf`, `.address`);
    `chips`: its filters, each with `.label`, `.words` and `.without`, the address without it;
    `sorts`: the orders it can have, each with `name`, `label`, `address` and `current`;
    `misunderstood`: sentences about what in the address could not be read;
    `hits`: by the ids of films, where the words were found (`library.search.Hit`);
    `totals`: `count`, `size` and `duration` of all films that match.
    What stands around the films comes from `_around`.
    """
    user = request.user
    assert isinstance(user, User)  # login_required saw to it
    question, problems = finding.understood(_asked(request), besides=BESIDES)
    if (place := _place(user, question.words)) is not None:
        return redirect(place)
    videos = question.apply(user)
    totals = question.matching(user).aggregate(
        count=Count("pk"), size=Sum("size"), duration=Sum("duration")
    )
    paginator = Paginator(videos, PER_PAGE)
    # It was counted already.
    paginator.count = totals["count"]
    page = paginator.get_page(request.GET.get("page"))
    part = videos[max(page.start_index() - 1, 0) : page.end_index()]
    films = list(question.shown(user, part, Video.objects.for_cards()))
    page.object_list = films
    context = {
        "page": page,
        "pages": paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "question": question,
        "query": question.words,
        "shelf": question.shelf,
        "shelves": TABS,
        "chips": finding.chips(question, user),
        "sorts": _sorts(question),
        "misunderstood": [problem.detail for problem in problems],
        "hits": question.hits(films),
        "totals": totals,
        "seq": Event.objects.newest(),
        "may_upload": permissions.may_upload(user),
        "trash_days": settings.TRASH_KEEP_DAYS,
        "seen": rows.shares(user, films),
        **_around(request, user, question, page.number),
    }
    return render(request, "library/home.html", context)


def _around(request: HttpRequest, user: User, question: Question, page: int) -> dict[str, Any]:
    """
    The rows above the films, the filters' choices, how the films are looked at (`view`), and
    the addresses that templates cannot name by themselves.
    """
    plain = page == 1 and not question.pairs()
    return {
        "go_on": rows.to_go_on(user) if plain else [],
        "attention": rows.needing_somebody(user) if plain else [],
        "runway": rows.runway(user) if plain else None,
        "filters": choices.fields(question, user),
        "view": _view(request, user),
        "bulk": frame.address("bulk"),
        "bulk_actions": actions.offered(user, question.shelf),
        "tags_url": reverse("api:tags"),
        "plain": question.without_filters().address,
        "without_words": question.without("q").address,
    }


def _view(request: HttpRequest, user: User) -> str:
    """Grid or table: as the address says, or else as the person prefers."""
    asked = request.GET.get("view", "")
    known = preferences.CHOICES["view"]
    return asked if asked in known else str(preferences.of(user)["view"])


def _asked(request: HttpRequest) -> QueryDict:
    """The address, but for what no film has and nobody types."""
    asked = request.GET.copy()
    words = asked.getlist("q")
    if words:
        asked.setlist("q", [said.replace("\0", "")[:QUERY_LIMIT] for said in words])
    return asked


def _place(user: User, query: str) -> str | None:
    """The address of the one film that a search names."""
    video = finding.target(user, query) if query else None
    if video is None:
        return None
    start = moments.seconds(finding.moment(query))
    return reverse("library:watch", args=[video.pk]) + (f"?t={start}" if start else "")


def _sorts(question: Question) -> list[dict[str, Any]]:
    current = question.ordered_by()
    return [
        {
            "name": sort.name,
            "label": sort.label,
            "address": question.with_(sort=sort.name).address,
            "current": sort is current,
        }
        for sort in finding.SORTS.values()
        if question.allows(sort)
    ]
