"""Playlists: all of them, one with its films in order, making, changing and deleting one."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazily
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from library.catalogue import covers, playing
from library.catalogue import playlists as keeping
from library.errors import Invalid, VersionConflict
from library.models import Playlist, User, Visibility
from library.models.catalogue import PlaylistQuerySet
from library.pages import said
from library.pages.account import sign_in_first

PER_PAGE, ROWS = 48, 100


class PlaylistForm(forms.Form):
    """The limits are those of `library.catalogue.playlists`; this is only how they look."""

    title = forms.CharField(label=lazily("Title"), max_length=keeping.TITLE_LIMIT)
    note = forms.CharField(
        label=lazily("Note"),
        required=False,
        max_length=keeping.NOTE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    visibility = forms.ChoiceField(
        label=lazily("Who may see it"),
        choices=Visibility.choices,
        widget=forms.RadioSelect,
        help_text=lazily("Of its films everybody sees only those that they may watch anyway."),
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def playlists(request: HttpRequest) -> HttpResponse:
    user, problem = person(request), ""
    if request.method == "POST":
        try:
            made = keeping.create(user, request.POST.get("title", ""))
        except Invalid as refusal:
            problem = refusal.detail
        else:
            return redirect("library:playlist", made.pk)
    rows = seen(request).order_by("-updated_at", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    context = {
        "page": page,
        "own": [one for one in found if one.owner_id == user.pk],
        "others": [one for one in found if one.owner_id != user.pk],
        "covers": covers.of_playlists(found, user),
        "problem": problem,
        "title": request.POST.get("title", ""),
    }
    return render(request, "library/playlists.html", context, status=400 if problem else 200)


@never_cache
@require_safe
def playlist(request: HttpRequest, playlist_id: str) -> HttpResponse:
    found = seen(request).filter(pk=playlist_id).first()
    if found is None:
        # A stranger learns nothing here, not even whether there is such a playlist.
        if not request.user.is_authenticated:
            return sign_in_first(request)
        raise Http404
    return render(request, "library/playlist.html", _told(request, found))


def _told(request: HttpRequest, found: Playlist) -> dict[str, Any]:
    entries = playing.entries(found, request.user)
    page = Paginator(entries, ROWS).get_page(request.GET.get("page"))
    word = secrets.token_hex(3)
    films = playing.films(found, request.user)
    shuffled = playing.shuffled(films, word)
    return {
        "playlist": found,
        "page": page,
        "entries": page.object_list,
        "count": len(entries),
        "first": films[0] if films else None,
        "shuffled": shuffled[0] if len(shuffled) > 1 else None,
        "word": word,
        "covers": covers.of_playlists([found], request.user).get(found.pk, []),
        "may_change": Playlist.objects.changeable_by(request.user).filter(pk=found.pk).exists(),
    }


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def playlist_edit(request: HttpRequest, playlist_id: str) -> HttpResponse:
    found = changeable(request, playlist_id)
    now = {"title": found.title, "note": found.note, "visibility": found.visibility}
    form = PlaylistForm(
        request.POST if request.method == "POST" else None, initial=now, label_suffix=""
    )
    if form.is_valid():
        try:
            keeping.change(found, expected=_version(request), **form.cleaned_data)
        except Invalid as refusal:
            field = refusal.facts.get("field")
            form.add_error(field if field in form.fields else None, refusal.detail)
        except VersionConflict:
            form.add_error(None, _("Somebody changed it meanwhile. Save again to set this anyway."))
            found.refresh_from_db()
        else:
            messages.success(request, _("Your changes are saved."))
            return redirect("library:playlist", found.pk)
    return render(request, "library/playlist_edit.html", {"form": form, "playlist": found})


@login_required
@require_POST
def playlist_delete(request: HttpRequest, playlist_id: str) -> HttpResponse:
    found = changeable(request, playlist_id)
    keeping.delete(found)
    words = _("The playlist “%(title)s” is deleted. Its films stay.") % {"title": found.title}
    said.success(request, words, undo=reverse("library:playlist-restore", args=[found.pk]))
    return redirect("library:playlists")


@login_required
@require_POST
def playlist_restore(request: HttpRequest, playlist_id: str) -> HttpResponse:
    found = get_object_or_404(Playlist.objects.restorable_by(request.user), pk=playlist_id)
    if keeping.restore(found):
        messages.success(request, _("“%(title)s” is back.") % {"title": found.title})
    return redirect("library:playlist", found.pk)


def person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # login_required saw to it
    return request.user


def seen(request: HttpRequest) -> PlaylistQuerySet:
    rows = Playlist.objects.visible_to(request.user).counted_for(request.user)
    return rows.select_related("owner")


def changeable(request: HttpRequest, playlist_id: str) -> Playlist:
    return get_object_or_404(Playlist.objects.changeable_by(request.user), pk=playlist_id)


def _version(request: HttpRequest) -> int | None:
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else None
