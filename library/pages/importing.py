"""
The import page: a film that is known only by its PieceCIDs. It works as a form.

To whom it is not shown, it is not there.
"""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from library import permissions
from library.errors import NotFound, Refusal
from library.importing import asking, telling
from library.models import Import, User, Visibility
from library.network import connection

LISTED = 50
TYPED = ("cids", "sources", "title", "visibility")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_film(request: HttpRequest) -> HttpResponse:
    if not permissions.may_import(request.user):
        raise Http404
    if request.method != "POST":
        return _page(request)
    try:
        if request.POST.get("cancel"):
            _cancel(request, request.POST["cancel"])
        else:
            _ask(request)
    except Refusal as refusal:
        return _page(request, problem=refusal.detail)
    return redirect("library:import")


@never_cache
@login_required
@require_safe
def watch_import(request: HttpRequest, import_id: str) -> HttpResponse:
    """A film that is still being fetched; once it is here, the film's own page."""
    row = telling.with_all(Import.objects.visible_to(request.user)).filter(pk=import_id).first()
    if row is None:
        raise Http404
    told = telling.describe(row)
    if told["watch_url"]:
        return redirect(told["watch_url"])
    if row.state not in Import.UNFINISHED or row.upload is None:
        return redirect("library:import")
    return render(request, "library/import_watch.html", {"told": told})


def _ask(request: HttpRequest) -> None:
    assert isinstance(request.user, User)  # login_required saw to it
    row = asking.ask(
        request.user,
        _lines(request.POST.get("cids", "")),
        _lines(request.POST.get("sources", "")),
        title=request.POST.get("title", ""),
        visibility=request.POST.get("visibility", ""),
    )
    if row.state == Import.State.DONE:
        messages.info(request, _("This film is here already."))
    else:
        messages.success(request, _("It is being fetched. You can close this page."))


def _cancel(request: HttpRequest, import_id: str) -> None:
    # PostgreSQL cannot be asked for such a character.
    known = import_id[:40].replace("\0", "")
    row = Import.objects.visible_to(request.user).filter(pk=known).first()
    if row is None:
        raise NotFound(asking.NOT_THERE)
    asking.cancel(row)
    messages.success(request, _("The import is cancelled."))


def _page(request: HttpRequest, *, problem: str = "") -> HttpResponse:
    rows = telling.with_all(Import.objects.visible_to(request.user))[:LISTED]
    context = {
        "problem": problem,
        "typed": {name: request.POST.get(name, "") for name in TYPED},
        "visibilities": Visibility.choices,
        "is_local": connection.is_local(),
        "imports": [(row, telling.describe(row)) for row in rows],
        "unfinished": Import.UNFINISHED,
    }
    return render(request, "library/import.html", context, status=400 if problem else 200)


def _lines(text: str) -> list[str]:
    return text.split()
