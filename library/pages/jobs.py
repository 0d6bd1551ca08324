"""What was done to many films at once: all jobs, one with what became of each film."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from library.errors import NotFound, WrongState
from library.jobs import manifest, stopping, telling, undoing
from library.models import Event, Job, JobItem, Video
from library.models.jobs import JobQuerySet
from library.pages.playlists import person

PER_PAGE, ITEMS = 25, 100


@never_cache
@login_required
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    rows = _seen(request).order_by("-created_at", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "jobs": [_row(job) for job in page.object_list],
        "seq": Event.objects.newest(),
    }
    return render(request, "library/jobs.html", context)


@never_cache
@login_required
@require_safe
def job(request: HttpRequest, job_id: str) -> HttpResponse:
    found = get_object_or_404(_seen(request), pk=job_id)
    items = found.items.all()
    state = request.GET.get("state", "")
    if state in JobItem.State.values:
        items = items.filter(state=state)
    page = Paginator(items, ITEMS).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    ids = [item.video_name for item in shown]
    there = Video.objects.visible_to(request.user) | Video.objects.changeable_by(request.user)
    context = {
        **_row(found),
        "job": found,
        "page": page,
        "items": shown,
        "state": state,
        "states": JobItem.State.choices,
        "there": set(there.filter(pk__in=ids).values_list("pk", flat=True)),
        "why_not_undo": undoing.why_not(found),
        "seq": Event.objects.newest(),
    }
    return render(request, "library/job.html", context)


@login_required
@require_POST
def job_cancel(request: HttpRequest, job_id: str) -> HttpResponse:
    found = get_object_or_404(_seen(request), pk=job_id)
    try:
        stopping.cancel(found)
    except WrongState as refusal:
        messages.error(request, refusal.detail)
    return redirect("library:job", found.pk)


@login_required
@require_POST
def job_undo(request: HttpRequest, job_id: str) -> HttpResponse:
    found = get_object_or_404(_seen(request), pk=job_id)
    try:
        back = undoing.begin(found, person(request))
    except WrongState as refusal:
        messages.error(request, refusal.detail)
        return redirect("library:job", found.pk)
    return redirect("library:job", back.pk)


@login_required
@require_safe
def job_manifest(request: HttpRequest, job_id: str, kind: str) -> HttpResponse:
    found = get_object_or_404(_seen(request), pk=job_id)
    try:
        written = manifest.written(found, kind)
    except NotFound as refusal:
        messages.error(request, refusal.detail)
        return redirect("library:job", found.pk)
    response = HttpResponse(written, content_type=manifest.KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="filmedia-{found.pk}.{kind}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _seen(request: HttpRequest) -> JobQuerySet:
    return Job.objects.visible_to(request.user).select_related("owner").counted()


def _row(found: Job) -> dict[str, object]:
    """What a job shows of itself, in the list and on its page."""
    counts = telling.counts(found)
    return {
        "job": found,
        "label": telling.label(found),
        "said": telling.told(found),
        "result": telling.result(found),
        "counts": counts,
        "over": counts["total"] - counts["waiting"],
        "going_on": found.state in {Job.State.WAITING, Job.State.RUNNING},
        "undoable": not undoing.why_not(found),
        "undone_by": found.options.get(undoing.UNDONE_BY),
        "undoes": found.options.get(undoing.OF),
        "has_manifest": found.action == manifest.NAME and found.state == Job.State.DONE,
    }
