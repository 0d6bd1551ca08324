"""Putting a job down: its row and those of its films, all at once. The worker does the rest."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from library import events
from library.errors import WrongState
from library.jobs import previewing
from library.jobs.action import Action, Options
from library.jobs.selection import Selection
from library.models import Job, JobItem, User
from library.models.jobs import AS_MEMBER

_AT_ONCE = 500


def begin(action: Action, selection: Selection, given: dict[str, Any], by: User) -> Job:
    """
    A job that does `action` to each film it can be done to; the others are in it too, left
    as they are, with the reason.

    Raises Invalid, NotAllowed, or WrongState where there is not one film to do it to.
    """
    options = action.checked(given, by)
    with transaction.atomic():
        judged = list(previewing.judge(action, selection, options, by))
        if all(one.why_not for one in judged):
            raise WrongState(previewing.nothing_to_do())
        job = Job.objects.create(
            owner_id=by.pk, action=action.name, options=_kept(action.prepared(options, by), by)
        )
        JobItem.objects.bulk_create((_item(job, one) for one in judged), batch_size=_AT_ONCE)
        events.record_for(by, "job.created", job=job.pk, action=job.action, total=len(judged))
    return job


def who(job: Job) -> User:
    """Whose powers a job has: its owner's as they were when its row was read, or fewer."""
    owner = job.owner
    return owner.as_member() if job.options.get(AS_MEMBER) else owner


def _kept(options: Options, by: User) -> Options:
    """A token that lacks `admin` shall not come to the powers of staff by way of a job."""
    return {**options, AS_MEMBER: True} if by.runs_library and not by.is_staff else options


def _item(job: Job, one: previewing.Judged) -> JobItem:
    state = JobItem.State.SKIPPED if one.why_not else JobItem.State.WAITING
    return JobItem(
        job=job,
        video=one.video,
        video_name=one.video.pk,
        title=one.video.title,
        state=state,
        detail=one.why_not[:500],
    )
