"""
The upload page.

Scripts send films over tus; without them the page is a plain form, whose files go
through the same functions.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from library import permissions, progress, stages
from library.catalogue import tags
from library.errors import NoSpace, Refusal
from library.models import Collection, Copy, Event, Tag, Upload, User, Visibility
from library.uploads import receiving, space
from library.watching import languages

LISTED_COUNT = 200
FINISHED_COUNT = 5
# What a field proposes while somebody types.
PROPOSED_COUNT = 200


# Checking the CSRF token reads the whole form, so it comes after asking who sends it and
# whether there is room: nobody fills the disk without an account.
@csrf_exempt
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    if not permissions.may_upload(request.user):
        return redirect("library:home")
    if request.method != "POST":
        return _page(request)
    try:
        _make_sure_of_room(int(request.headers.get("Content-Length") or 0))
    except Refusal as refusal:
        return _page(request, problem=refusal.detail)
    return _receive(request)


def _make_sure_of_room(announced: int) -> None:
    space.check_size(announced)
    # Django puts the form's file aside first; then we stage it.
    if 2 * announced > space.available():
        raise NoSpace(
            _(
                "The library's disk has no room for this as a form. With scripts switched on, "
                "half of the room is enough."
            )
        )


@csrf_protect
def _receive(request: HttpRequest) -> HttpResponse:
    try:
        files = request.FILES.getlist("file")
    except RequestDataTooBig as error:
        return _page(request, problem=str(error))
    if not files:
        return _page(request, problem=_("Choose a file first."))
    arrived, refused = [], []
    for file in files:
        try:
            arrived.append(_take(request, file, alone=len(files) == 1))
        except Refusal as refusal:
            refused.append(f"{file.name}: {refusal.detail}" if file.name else refusal.detail)
    if refused:
        return _page(request, problem=" ".join(refused))
    # Not on to the film, which may still be refused: here it is said why.
    count = len(arrived)
    said = ngettext("“%(title)s” is received.", "%(count)s files are received.", count)
    facts = {"title": arrived[0].title, "count": count}
    messages.success(request, f"{said % facts} {_('You can close this page.')}")
    return redirect("library:upload")


def _page(request: HttpRequest, *, problem: str = "") -> HttpResponse:
    under_way, finished = _listed(request)
    context = {
        "problem": problem,
        "visibilities": Visibility.choices,
        "encrypts_all": settings.ENCRYPT_PUBLIC,
        "chunk_size": settings.UPLOAD_CHUNK_SIZE,
        "piece_size": settings.PIECE_SIZE,
        "copies": 1 if settings.FILECOIN_NETWORK == Copy.LOCAL else settings.COPIES,
        "max_size": settings.UPLOAD_MAX_SIZE,
        "room": min(settings.UPLOAD_MAX_SIZE, space.available()),
        "accept_any": settings.ACCEPT_ANY_FILE,
        "seq": Event.objects.newest(),
        "uploads": under_way,
        "finished": finished,
        "known": [*under_way, *finished],
        "stage_names": [name for name in stages.names() if not _is_part_of_proof(name)],
        **_proposed(request),
        **_money(),
    }
    return render(request, "library/upload.html", context, status=400 if problem else 200)


def _is_part_of_proof(stage: str) -> bool:
    """Reading back is told as part of the way to the first proof, where there is one."""
    return stage == "verify" and "prove" in stages.names()


def _proposed(request: HttpRequest) -> dict[str, object]:
    """What may be chosen instead of typed."""
    assert isinstance(request.user, User)  # login_required saw to it
    own = Collection.objects.changeable_by(request.user).order_by("name")
    used = Tag.objects.filter(videos__owner=request.user).distinct().order_by("name")
    return {
        "collections": own.values_list("name", flat=True)[:PROPOSED_COUNT],
        "tags": used.values_list("name", flat=True)[:PROPOSED_COUNT],
        "languages": [(tag, languages.name(tag)) for tag in LANG_INFO if languages.is_tag(tag)],
    }


def _money() -> dict[str, object]:
    """What storing costs, where it costs anything: for a form without scripts, of one film."""
    if settings.FILECOIN_NETWORK == Copy.LOCAL:
        return {}
    from library.network import preflight

    one = preflight.preflight([10**9])
    price = f"1 GB, {settings.COPIES} copies: {one.sentence}" if one and one.plan else ""
    return {"quotes": True, "price": price}


def _listed(request: HttpRequest) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """
    What is on its way or wants to be looked at, in the order in which it goes; and the last
    few that came to a good end, the newest first.
    """
    mine = Upload.objects.writable_by(request.user).filter(video__trashed_at=None)
    current = mine.current().for_progress().order_by("place", "created_at", "pk")
    under_way = [
        told for told in progress.describe_uploads(current[:LISTED_COUNT]) if not _is_over(told)
    ]
    arrived = mine.filter(state=Upload.State.RECEIVED, video__isnull=False)
    lately = arrived.for_progress().order_by("-updated_at")[: 2 * FINISHED_COUNT]
    finished = [told for told in progress.describe_uploads(lately) if _is_over(told)]
    return under_way, finished[:FINISHED_COUNT]


def _is_over(told: dict[str, Any]) -> bool:
    """Nothing more will happen to it here."""
    return told["state"] == Upload.State.RECEIVED and all(
        stage["state"] in {"done", "skipped"} for stage in told["stages"]
    )


def _take(request: HttpRequest, file: UploadedFile, *, alone: bool) -> Upload:
    assert isinstance(request.user, User)  # login_required saw to it
    begun = receiving.begin(
        request.user,
        length=file.size or 0,
        # One title for several films would be a mistake.
        title=request.POST.get("title", "") if alone else "",
        filename=file.name or "",
        filetype=file.content_type or "",
        visibility=request.POST.get("visibility", ""),
        description=request.POST.get("description", ""),
        tags=tags.typed(request.POST.get("tags", "")),
        collection=request.POST.get("collection", ""),
        language=request.POST.get("language", ""),
    )
    return receiving.receive(begun, file, offset=0, announced=file.size) if file.size else begun
