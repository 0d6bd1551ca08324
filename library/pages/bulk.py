"""Doing something to many films: first a sheet that says what it will do, then a job."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from library.errors import Invalid, Refusal
from library.jobs import actions, beginning, previewing, selection
from library.jobs.action import Action, Options
from library.jobs.selection import Selection
from library.models import Collection, Playlist, Tag, User, Visibility
from library.pages import going_back
from library.pages.playlists import person
from library.watching import languages

PROPOSED = 200


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: HttpRequest) -> HttpResponse:
    """
    `action`, and which films: each `video`, or the `query` of a list with `all`. Answers with
    the sheet; with `confirmed`, once all is said that has to be, begins the job.
    """
    if request.method != "POST":
        # Whoever had to sign in on the way comes back without the films they had chosen.
        return redirect("library:home")
    user, back = person(request), going_back.place(request)
    try:
        action, chosen = actions.named(request.POST.get("action", "")), _chosen(request)
    except Invalid as refusal:
        messages.error(request, refusal.detail)
        return redirect(back)
    given = {name: request.POST.get(name, "") for name in action.asks}
    problem, field = "", ""
    if request.POST.get("confirmed"):
        try:
            found = previewing.preview(action, chosen, action.checked(given, user), user)
            if str(found.total) == request.POST.get("total", str(found.total)):
                return redirect("library:job", beginning.begin(action, chosen, given, user).pk)
            problem = _more_or_fewer()
        except Refusal as refusal:
            problem, field = refusal.detail, str(refusal.facts.get("field", ""))
    return _sheet(request, action, chosen, given, problem, field)


def _sheet(
    request: HttpRequest,
    action: Action,
    chosen: Selection,
    given: dict[str, str],
    problem: str,
    field: str,
) -> HttpResponse:
    user = person(request)
    found = previewing.preview(action, chosen, _as_far_as_said(action, given, user), user)
    context = {
        "action": action,
        "preview": found,
        "chosen": chosen,
        "given": given,
        "problem": problem,
        "field": field,
        "next": going_back.place(request),
        **_proposed(action, user),
    }
    return render(request, "library/bulk.html", context, status=400 if problem else 200)


def _as_far_as_said(action: Action, given: dict[str, str], user: User) -> Options:
    """What is said already may be wrong, or nothing: then only who may change what counts."""
    if not any(given.values()):
        return {}
    try:
        return action.checked(given, user)
    except Invalid:
        return {}


def _chosen(request: HttpRequest) -> Selection:
    if request.POST.get("all"):
        return selection.of(query=request.POST.get("query", ""))
    ids = [pk for pk in request.POST.getlist("video") if pk.isascii() and pk.isidentifier()]
    return selection.of(ids)


def _proposed(action: Action, user: User) -> dict[str, Any]:
    """What may be chosen instead of typed."""
    match action.name:
        case "tag" | "untag":
            seen = Tag.objects.seen_by(user).order_by("key")
            return {"names": seen.values_list("name", flat=True)[:PROPOSED]}
        case "collection":
            names = (
                Collection.objects.visible_to(user).order_by("key").values_list("name", flat=True)
            )
            return {"names": list(dict.fromkeys(names[:PROPOSED]))}
        case "playlist":
            own = Playlist.objects.changeable_by(user).filter(owner=user)
            return {"playlists": own.order_by("-updated_at", "-pk")[:PROPOSED]}
        case "visibility":
            return {"visibilities": Visibility.choices}
        case "language":
            return {"languages": languages.known()}
    return {}


def _more_or_fewer() -> str:
    return _("The list has changed since you looked. These are its films now.")
