"""Collections: all of them, one with its films, making, changing and deleting one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazily
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from library import permissions
from library.catalogue import collections as keeping
from library.catalogue import covers
from library.errors import Invalid, Refusal
from library.models import Collection, Video
from library.models.catalogue import CollectionQuerySet
from library.pages import rows
from library.pages.playlists import person

PER_PAGE, FILMS = 48, 24


class CollectionForm(forms.Form):
    """The limits are those of `library.catalogue.collections`."""

    name = forms.CharField(label=lazily("Name"), max_length=keeping.NAME_LIMIT)
    note = forms.CharField(
        label=lazily("Note"),
        required=False,
        max_length=keeping.NOTE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def collections(request: HttpRequest) -> HttpResponse:
    user, problem = person(request), ""
    if request.method == "POST":
        try:
            made = keeping.create(user, request.POST.get("name", ""))
        except Refusal as refusal:
            problem = refusal.detail
        else:
            return redirect("library:collection", made.pk)
    page = Paginator(_seen(request).order_by("key", "pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    found = list(page.object_list)
    context = {
        "page": page,
        "found": found,
        "covers": covers.of_collections(found, user),
        "problem": problem,
        "name": request.POST.get("name", ""),
        "may_make": permissions.may_upload(user),
    }
    return render(request, "library/collections.html", context, status=400 if problem else 200)


@never_cache
@login_required
@require_safe
def collection(request: HttpRequest, collection_id: str) -> HttpResponse:
    found = _seen(request).filter(pk=collection_id).first()
    if found is None:
        raise Http404
    films = Video.objects.visible_to(request.user).filter(collection=found)
    page = Paginator(films.for_cards().order_by("-created_at", "-pk"), FILMS).get_page(
        request.GET.get("page")
    )
    shown = list(page.object_list)
    page.object_list = shown
    context = {
        "collection": found,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "seconds": films.aggregate(seconds=Sum("duration"))["seconds"],
        "seen": rows.shares(person(request), shown),
        "covers": covers.of_collections([found], request.user).get(found.pk, []),
        "may_change": Collection.objects.changeable_by(request.user).filter(pk=found.pk).exists(),
    }
    return render(request, "library/collection.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def collection_edit(request: HttpRequest, collection_id: str) -> HttpResponse:
    found = _changeable(request, collection_id)
    now = {"name": found.name, "note": found.note}
    form = CollectionForm(
        request.POST if request.method == "POST" else None, initial=now, label_suffix=""
    )
    if form.is_valid():
        try:
            keeping.change(found, **form.cleaned_data)
        except Invalid as refusal:
            field = refusal.facts.get("field")
            form.add_error(field if field in form.fields else None, refusal.detail)
        else:
            messages.success(request, _("Your changes are saved."))
            return redirect("library:collection", found.pk)
    context = {"form": form, "collection": found, "films": found.videos.count()}
    return render(request, "library/collection_edit.html", context)


@login_required
@require_POST
def collection_delete(request: HttpRequest, collection_id: str) -> HttpResponse:
    found = _changeable(request, collection_id)
    keeping.delete(found)
    words = _("The collection “%(name)s” is deleted. Its films stay in the library.")
    messages.success(request, words % {"name": found.name})
    return redirect("library:collections")


def _seen(request: HttpRequest) -> CollectionQuerySet:
    rows = Collection.objects.visible_to(request.user).counted_for(request.user)
    return rows.select_related("owner")


def _changeable(request: HttpRequest, collection_id: str) -> Collection:
    return get_object_or_404(Collection.objects.changeable_by(request.user), pk=collection_id)
