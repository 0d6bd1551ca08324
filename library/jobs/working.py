"""
Doing jobs, one film after the other, under a lease as steps are done.

What is done to a film and its result are written in one transaction, whose first statement
touches the job's row under the lease's number. So a worker that is killed leaves each film
either done or untouched, and whoever goes on does none twice.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from library import events
from library.errors import Refusal
from library.jobs import beginning, undoing
from library.jobs.action import Before, InTheWay
from library.jobs.actions import ACTIONS
from library.models import Job, JobItem, User, Video

log = logging.getLogger(__name__)

# How often people are told how far it is; and how long one job keeps the others waiting.
TELL_SECONDS, TURN_SECONDS = 0.5, 5.0
_UNEXPECTED = "Something unexpected happened. Whoever runs the library finds it in the log."


class Lost(Exception):
    """Another worker has taken the job, or it was stopped."""


def take_one(worker: str, stopping: threading.Event | None = None) -> bool:
    """Work on the job that has waited longest, for a while. False when there is none."""
    job = claim(worker)
    if job is None:
        return False
    try:
        _work(job, stopping or threading.Event())
    except Lost:
        log.info("%s was stopped, or taken by another worker", job)
    return True


def claim(worker: str) -> Job | None:
    """Take a job that waits, or that its worker has not been heard of in time."""
    now = timezone.now()
    ready = Q(state=Job.State.WAITING) | Q(state=Job.State.RUNNING, lease_until__lt=now)
    # The one that was worked on longest ago: a long job lets short ones through.
    waiting = Job.objects.filter(ready).order_by(F("lease_until").asc(nulls_first=True), "pk")
    for job in waiting[:20]:
        taken = Job.objects.filter(ready, pk=job.pk, lease=job.lease).update(
            state=Job.State.RUNNING,
            lease=F("lease") + 1,
            lease_until=_until(),
            worker=worker,
            started_at=job.started_at or now,
        )
        if taken:
            job.lease += 1
            job.state = Job.State.RUNNING
            return job
    return None


def _work(job: Job, stopping: threading.Event) -> None:
    by, began = beginning.who(job), time.monotonic()
    told = began
    waiting = job.items.filter(state=JobItem.State.WAITING).order_by("pk")
    for pk in waiting.values_list("pk", flat=True):
        now = time.monotonic()
        if stopping.is_set() or now - began > TURN_SECONDS:
            _hand_back(job)
            return
        if now - told > TELL_SECONDS:
            told = now
            _tell(job)
        _do(job, pk, by)
    _finish(job)


def _do(job: Job, pk: int, by: User) -> None:
    """One film, and what became of it."""
    try:
        with transaction.atomic():
            item = _held(job, pk)
            if item is not None:
                before = _done_to(job, item, by)
                _write(item, JobItem.State.DONE, before=before)
    except InTheWay as problem:
        _write_alone(job, pk, JobItem.State.SKIPPED, problem.why)
    except Refusal as refusal:
        _write_alone(job, pk, JobItem.State.FAILED, refusal.detail)
    except (Lost, OperationalError, InterfaceError):
        # The database is away for a moment, which is no fault of this film.
        raise
    except Exception:
        log.exception("%s met something unexpected with item %s", job, pk)
        _write_alone(job, pk, JobItem.State.FAILED, str(_(_UNEXPECTED)))


def _done_to(job: Job, item: JobItem, by: User) -> Before | None:
    backwards = job.action == undoing.UNDO
    action = ACTIONS[job.options["action"] if backwards else job.action]
    if not by.is_active:
        raise InTheWay(_("your account is closed"))
    video = action.looked_at(action.theirs(by).filter(pk=item.video_name)).first()
    if video is None:
        there = Video.objects.filter(pk=item.video_name).exists()
        raise InTheWay(action.not_theirs() if there else _("gone for good"))
    if backwards:
        action.undo(video, item.before or {}, by)
        return None
    if problem := action.why_not(video, job.options):
        raise InTheWay(problem)
    before = action.do(video, job.options, by)
    return before if action.has_way_back else None


def _held(job: Job, pk: int) -> JobItem | None:
    """The item, if it still waits; and the job, if it is still ours, until all is written."""
    _touch(job)
    return JobItem.objects.filter(pk=pk, state=JobItem.State.WAITING).first()


def _write_alone(job: Job, pk: int, state: JobItem.State, detail: str) -> None:
    with transaction.atomic():
        item = _held(job, pk)
        if item is not None:
            _write(item, state, detail=detail[:500])


def _write(item: JobItem, state: JobItem.State, **facts: Any) -> None:
    JobItem.objects.filter(pk=item.pk).update(state=state, **facts)


def _touch(job: Job, **facts: Any) -> None:
    mine = Job.objects.filter(pk=job.pk, lease=job.lease, state=Job.State.RUNNING)
    if not mine.update(**{"lease_until": _until(), **facts}):
        raise Lost(job.pk)


def _tell(job: Job) -> None:
    with transaction.atomic():
        _touch(job)
        events.record_for(job.owner, "job.progress", job=job.pk, **counts(job))


def _hand_back(job: Job) -> None:
    # Its turn comes after those that waited meanwhile.
    with transaction.atomic():
        _touch(job, state=Job.State.WAITING, lease_until=timezone.now(), worker="")
        events.record_for(job.owner, "job.progress", job=job.pk, **counts(job))


def _finish(job: Job) -> None:
    with transaction.atomic():
        over = {"state": Job.State.DONE, "finished_at": timezone.now(), "lease_until": None}
        _touch(job, **over, worker="")
        told = counts(job)
        events.record_for(job.owner, "job.finished", job=job.pk, action=job.action, **told)
    log.info("%s is done: %s", job, told)


def counts(job: Job) -> dict[str, int]:
    """How many of its films are in which state, and how many there are."""
    found = dict(job.items.order_by().values_list("state").annotate(count=Count("pk")))
    told = {str(state): int(found.get(state, 0)) for state in JobItem.State.values}
    return {**told, "total": sum(told.values())}


def _until() -> datetime:
    return timezone.now() + timedelta(seconds=settings.STEP_LEASE_SECONDS)
