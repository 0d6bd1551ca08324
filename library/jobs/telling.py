"""How jobs and previews are described to people and programs."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from library.jobs import beginning, undoing, working
from library.jobs.actions import ACTIONS
from library.jobs.manifest import NAME as MANIFEST
from library.jobs.previewing import Preview
from library.models import Job, JobItem
from library.moments import moment

Told = dict[str, Any]


def label(job: Job) -> str:
    """What was asked for: "Add tags", "Undo: Add tags"."""
    if job.action != undoing.UNDO:
        return str(ACTIONS[job.action].label)
    return _("Undo: %(action)s") % {"action": ACTIONS[job.options["action"]].label}


def result(job: Job) -> str:
    """What a film is that it was done to: "Changed"."""
    named = job.options["action"] if job.action == undoing.UNDO else job.action
    return str(ACTIONS[named].result)


def told(job: Job) -> str:
    """What it was told to set: the tags, the name of the collection."""
    if job.action == undoing.UNDO:
        return ""
    return ACTIONS[job.action].told(job.options, beginning.who(job))


def counts(job: Job) -> dict[str, int]:
    """Also of one that `Job.objects.counted` has counted."""
    if not hasattr(job, "total"):
        return working.counts(job)
    return {name: getattr(job, name) for name in [*JobItem.State.values, "total"]}


def describe(job: Job) -> Told:
    has_manifest = job.action == MANIFEST and job.state == Job.State.DONE
    return {
        "id": job.pk,
        "action": job.action,
        "label": label(job),
        "said": told(job),
        "state": job.state,
        "counts": counts(job),
        "undoable": not undoing.why_not(job),
        "undoes": job.options.get(undoing.OF),
        "undone_by": job.options.get(undoing.UNDONE_BY),
        "owner": job.owner.username,
        "url": reverse("library:job", args=[job.pk]),
        "manifest_url": reverse("api:job-manifest", args=[job.pk]) if has_manifest else None,
        "created_at": moment(job.created_at),
        "started_at": moment(job.started_at),
        "finished_at": moment(job.finished_at),
    }


def describe_item(item: JobItem) -> Told:
    return {
        "id": item.video_name,
        "title": item.title,
        "state": item.state,
        "detail": item.detail,
    }


def describe_preview(preview: Preview) -> Told:
    return {
        "action": preview.action.name,
        "label": str(preview.action.label),
        "total": preview.total,
        "can": preview.can,
        "missing": preview.missing,
        "obstacles": [
            {"why": one.why, "count": one.count, "examples": one.examples}
            for one in preview.obstacles
        ],
        "sentences": preview.sentences,
    }
