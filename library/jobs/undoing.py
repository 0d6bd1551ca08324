"""
Taking a job back, film by film: a job of its own, with a result for each.

A film that was changed again since stays as it is, and says so.
"""

from __future__ import annotations

from django.db import models, transaction
from django.utils.translation import gettext as _

from library import events
from library.errors import WrongState
from library.jobs.action import Options
from library.jobs.actions import ACTIONS
from library.models import Job, JobItem, User
from library.models.jobs import AS_MEMBER

UNDO = "undo"
# In the options: which job is taken back, and by which one it was.
OF, UNDONE_BY = "of", "undone_by"
_AT_ONCE = 500


def why_not(job: Job) -> str:
    """Why a job cannot be taken back, as a sentence; no words where it can."""
    if job.options.get(UNDONE_BY):
        return _("This was undone already.")
    if job.action == UNDO:
        return _("To have it back, do it once more.")
    if not ACTIONS[job.action].has_way_back:
        return _("There is nothing to take back: no film was changed by it.")
    if job.state in {Job.State.WAITING, Job.State.RUNNING}:
        return _("It is still going on. Stop it first.")
    if not _done(job).exists():
        return _("There is nothing to take back: no film was changed by it.")
    return ""


def begin(job: Job, by: User) -> Job:
    """The job that takes `job` back. Raises WrongState."""
    with transaction.atomic():
        now = Job.objects.select_for_update().get(pk=job.pk)
        if problem := why_not(now):
            raise WrongState(problem)
        options: Options = {OF: now.pk, "action": now.action}
        if now.options.get(AS_MEMBER) or (by.runs_library and not by.is_staff):
            options[AS_MEMBER] = True
        back = Job.objects.create(owner_id=now.owner_id, action=UNDO, options=options)
        items = [
            JobItem(
                job=back,
                video_id=item.video_id,
                video_name=item.video_name,
                title=item.title,
                before=item.before,
            )
            for item in _done(now).order_by("pk")
        ]
        JobItem.objects.bulk_create(items, batch_size=_AT_ONCE)
        Job.objects.filter(pk=now.pk).update(options={**now.options, UNDONE_BY: back.pk})
        events.record_for(
            back.owner, "job.created", job=back.pk, action=back.action, total=len(items)
        )
    return back


def _done(job: Job) -> models.QuerySet[JobItem]:
    return job.items.filter(state=JobItem.State.DONE, before__isnull=False)
