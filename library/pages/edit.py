"""
The page on which a film is changed: what is said of it, its captions, chapters and poster.

Each part is a form of its own, and tells by `part` which one it is. What is wrong in one is
told beside it, with what was typed; the others are as they are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from library import films
from library.errors import Refusal, VersionConflict
from library.models import Caption, Collection, User, Video, Visibility
from library.pages import edit_renditions, said
from library.pages.edit_forms import AboutForm, CaptionForm, ChaptersForm, PosterForm
from library.pages.reach import changeable
from library.watching import captions, chapters, languages, posters

PROPOSED_COUNT = 200
# What was done, in words, and the part of the page that shows it.
Done = tuple[str, str]


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, video_id: str) -> HttpResponse:
    video = changeable(request, video_id)
    if request.method != "POST":
        return _page(request, video)
    take = _PARTS.get(request.POST.get("part", ""), _about)
    return take(request, video)


def _about(request: HttpRequest, video: Video) -> HttpResponse:
    form = AboutForm.of(video, request.POST)

    def change() -> None:
        assert isinstance(request.user, User)  # login_required saw to it
        films.change(video, by=request.user, **form.changes())

    if not _done(form, change):
        return _page(request, video, about=form)
    said.success(request, _("Your changes are saved."))
    return redirect("library:watch", video.pk)


def _add_caption(request: HttpRequest, video: Video) -> HttpResponse:
    form = CaptionForm.new(request.POST, request.FILES)

    def add() -> None:
        given = dict(form.cleaned_data)
        captions.add(video, given.pop("file"), **given)

    if not _done(form, add):
        return _page(request, video, adding=form)
    words = _("Captions in %(language)s are added.")
    language = languages.name(form.cleaned_data["language"])
    return _back(request, video, words % {"language": language}, "captions")


def _change_caption(request: HttpRequest, video: Video) -> HttpResponse:
    caption = _caption(request, video)
    if caption is None:
        return _back(request, video, _("These captions were removed meanwhile."), "captions")
    form = CaptionForm.of(caption, request.POST, request.FILES)

    def change() -> None:
        given = dict(form.cleaned_data)
        captions.revise(caption, given.pop("file"), **given)

    if not _done(form, change):
        return _page(request, video, changing=(caption.pk, form))
    return _back(request, video, _("The captions are changed."), "captions")


def _remove_caption(request: HttpRequest, video: Video) -> HttpResponse:
    caption = _caption(request, video)
    if caption is not None:
        captions.remove(caption)
    return _back(request, video, _("The captions are removed."), "captions")


def _chapters(request: HttpRequest, video: Video) -> HttpResponse:
    form = ChaptersForm.of(video, request.POST)
    if not _done(form, lambda: chapters.put(video, chapters.read(form.cleaned_data["chapters"]))):
        return _page(request, video, chapters=form)
    return _back(request, video, _("The chapters are saved."), "chapters")


def _poster(request: HttpRequest, video: Video) -> HttpResponse:
    form = PosterForm.of(video, request.POST)
    if not _done(form, lambda: posters.choose(video, form.cleaned_data["moment"])):
        return _page(request, video, poster=form)
    return _back(request, video, _("The poster is being made."), "poster")


def _ask_for_renditions(request: HttpRequest, video: Video) -> HttpResponse:
    edit_renditions.ask(request, video)
    return _to(video, "renditions")


def _remove_rendition(request: HttpRequest, video: Video) -> HttpResponse:
    edit_renditions.remove(request, video)
    return _to(video, "renditions")


_PARTS: dict[str, Callable[[HttpRequest, Video], HttpResponse]] = {
    "about": _about,
    "caption-add": _add_caption,
    "caption-change": _change_caption,
    "caption-remove": _remove_caption,
    "chapters": _chapters,
    "poster": _poster,
    "rendition-ask": _ask_for_renditions,
    "rendition-remove": _remove_rendition,
}


def _done(form: forms.Form, do: Callable[[], object]) -> bool:
    """Do it, if the form is right; whatever is wrong stands in the form afterwards."""
    if not form.is_valid():
        return False
    try:
        do()
    except VersionConflict:
        words = _(
            "Somebody changed this film since you opened this page. What you typed is still "
            "here: save it again to have it your way, or open the page anew to see theirs."
        )
        form.add_error(None, forms.ValidationError(words, code="conflict"))
    except Refusal as refusal:
        # As the writers name it: of the whole form where it has no such field.
        field = str(refusal.facts.get("field", "")).partition("/")[0]
        field = {"poster_at": "moment"}.get(field, field)
        form.add_error(field if field in form.fields else None, refusal.detail)
    return form.is_valid()


def _caption(request: HttpRequest, video: Video) -> Caption | None:
    named = request.POST.get("caption", "").replace("\0", "")
    return Caption.objects.filter(video=video, pk=named).select_related("video").first()


def _back(request: HttpRequest, video: Video, words: str, part: str) -> HttpResponse:
    said.success(request, words)
    return _to(video, part)


def _to(video: Video, part: str) -> HttpResponse:
    return redirect(f"{reverse('library:edit', args=[video.pk])}#{part}")


def _page(
    request: HttpRequest,
    video: Video,
    *,
    changing: tuple[str, CaptionForm] | None = None,
    **wrong: forms.Form,
) -> HttpResponse:
    """`wrong` and `changing` are forms that were not taken, with why."""
    about = wrong.get("about") or AboutForm.of(video)
    about.fields["visibility"].help_text = _what_follows(video)
    collections = Collection.objects.changeable_by(request.user).order_by("name")
    context = {
        "video": video,
        "about": about,
        # Whoever has read that it was changed meanwhile may have it their way.
        "version": video.version if _is_current(about) else about["version"].value(),
        "captions": _rows(video, changing),
        "captions_missing": captions.are_missing(video),
        "adding": wrong.get("adding") or CaptionForm.new(),
        "chapters": wrong.get("chapters") or ChaptersForm.of(video),
        "poster": wrong.get("poster") or PosterForm.of(video),
        "poster_is_coming": posters.is_being_made(video),
        "collections": collections.values_list("name", flat=True)[:PROPOSED_COUNT],
        "languages": languages.known(),
        "is_adding": "adding" in wrong,
        **edit_renditions.context(video),
    }
    return render(request, "library/edit.html", context)


def _is_current(about: forms.Form) -> bool:
    return not about.is_bound or about.has_error(NON_FIELD_ERRORS, "conflict")


def _rows(video: Video, changing: tuple[str, CaptionForm] | None) -> list[dict[str, Any]]:
    """Each of the film's captions, with the form that changes it."""
    found = Caption.objects.filter(video=video).defer("vtt")
    pk, wrong = changing or ("", None)
    return [
        {
            "caption": one,
            "form": wrong if one.pk == pk else CaptionForm.of(one),
            "open": one.pk == pk,
        }
        for one in found
    ]


def _what_follows(video: Video) -> str:
    """What choosing who may watch a film does to how it is stored: nothing by itself."""
    if video.is_encrypted:
        return _("This film is stored encrypted, and stays so whatever you choose.")
    if video.visibility != Visibility.PUBLIC:
        return _("This film is stored open. On its page you can have it stored anew, encrypted.")
    return _(
        "This film is stored open. Whatever you choose, copies that were already stored stay "
        "readable for whoever knows their PieceCIDs. Once it is not for everybody, you can have "
        "it stored anew, encrypted."
    )
