"""
Steps: put down, taken, put off, given up. The rows are the truth, whoever works on them.

`attempts` counts the tries that ended in an error. A try that ended with its worker
(kill -9, a power cut) is not the film's fault and does not count there; but a film that
takes its worker with it each time must not do so for ever, so `deaths` counts those, and
has a bound of its own. A step that was left so goes to the end of the queue.
"""

from __future__ import annotations

import logging
import random
import threading
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from library import events
from library.models import Slot, Step, Video
from library.storing.errors import StepError
from library.storing.lease import Lease, until

log = logging.getLogger(__name__)

SLOTS = {
    Step.Kind.CHECK: Slot.DECODE,
    Step.Kind.STORE: Slot.TRANSFER,
    Step.Kind.VERIFY: Slot.TRANSFER,
    Step.Kind.ENCRYPT: Slot.TRANSFER,
    Step.Kind.POSTER: Slot.DECODE,
    Step.Kind.STORYBOARD: Slot.DECODE,
    # Hours, perhaps: no film waits for it to be checked.
    Step.Kind.RENDITION: Slot.RENDITION,
}
# Those that bytes are counted of; the others are over in a while.
_COUNTED = {Step.Kind.STORE: 1, Step.Kind.VERIFY: 1, Step.Kind.ENCRYPT: 2}
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 600.0
MOST_DEATHS = 100
_LOST_TOO_OFTEN = "The worker has died while doing this too many times; an operator should look."


def enqueue(video: Video, kind: Step.Kind) -> Step:
    """Put a step down, inside the transaction that makes it necessary. Once a film."""
    total = _COUNTED.get(kind, 0) * video.size
    step, _ = Step.objects.get_or_create(
        video=video, kind=kind, defaults={"slot": SLOTS[kind], "total_bytes": total}
    )
    return step


def start_over(video: Video) -> None:
    """
    Have a film stored and verified whose stored bytes are other ones from now on, inside
    the transaction that makes them so. Whoever still works on the former ones loses the lease.
    """
    Step.objects.filter(video=video, kind__in=[Step.Kind.STORE, Step.Kind.VERIFY]).delete()
    enqueue(video, Step.Kind.STORE)


def again(step: Step) -> bool:
    """
    Let a step that was given up or left out start afresh, and one that pauses after an error
    go on now. False when there is nothing of the kind to do.
    """
    now = timezone.now()
    left = Q(state__in=[Step.State.FAILED, Step.State.SKIPPED])
    pausing = Q(state=Step.State.WAITING, next_try_at__gt=now)
    with transaction.atomic():
        if not _start_afresh(Step.objects.filter(left | pausing, pk=step.pk), now):
            return False
        events.record("step.again", video=step.video, kind=step.kind)
    return True


def renew(video: Video, kind: Step.Kind) -> bool:
    """
    Have a step done once more, from its beginning, or for the first time where there was
    none. False when it waits or runs already.
    """
    now = timezone.now()
    over = [Step.State.DONE, Step.State.FAILED, Step.State.SKIPPED]
    with transaction.atomic():
        is_new = not Step.objects.filter(video=video, kind=kind).exists()
        step = enqueue(video, kind)
        if not is_new and not _start_afresh(Step.objects.filter(pk=step.pk, state__in=over), now):
            return False
        events.record("step.again", video=video, kind=kind)
    return True


def _start_afresh(steps: QuerySet[Step], now: datetime) -> int:
    return steps.update(
        state=Step.State.WAITING,
        attempts=0,
        deaths=0,
        next_try_at=now,
        updated_at=now,
        done_bytes=0,
        error="",
        worker="",
        finished_at=None,
    )


def claim(slot: Slot, worker: str, stopping: threading.Event | None = None) -> Lease | None:
    """Take the step of `slot` that has waited longest, unless other workers take all of them."""
    for step in Step.objects.due(slot)[:20]:
        lease = take(step, worker, stopping)
        if lease is not None and lease.step.deaths >= MOST_DEATHS:
            give_up(lease, StepError(_LOST_TOO_OFTEN))
        elif lease is not None:
            return lease
    return None


def take(step: Step, worker: str, stopping: threading.Event | None = None) -> Lease | None:
    """Take this step, if it is due and as `step` says; None when somebody else was first."""
    now = timezone.now()
    # Due is asked again, because the step may have been renewed or finished since it was
    # found; the lease number, because it may have been taken and come due once more.
    unchanged = Step.objects.due(Slot(step.slot), now).filter(pk=step.pk, lease=step.lease)
    taken = unchanged.order_by().update(
        state=Step.State.RUNNING,
        lease=F("lease") + 1,
        deaths=F("deaths") + (1 if step.state == Step.State.RUNNING else 0),
        lease_until=until(),
        next_try_at=now,
        worker=worker,
        started_at=now,
        updated_at=now,
        done_bytes=0,
    )
    if not taken:
        return None
    if step.state == Step.State.RUNNING:
        log.warning("%s was left by %s; going on with it", step, step.worker)
    mine = Step.objects.select_related("video").filter(pk=step.pk).first()
    # The number is ours by what was written, not by what this later look has found.
    return Lease(mine, step.lease + 1, stopping) if mine is not None else None


def put_off(lease: Lease, error: StepError) -> float | None:
    """
    After an error: try again later, in so many seconds; or None, when it was given up.
    """
    attempts = lease.step.attempts + 1
    if not error.retryable or attempts >= error.tries:
        give_up(lease, error)
        return None
    pause = pause_after(attempts)
    next_try_at = timezone.now() + timedelta(seconds=pause)
    facts = {"attempts": attempts, "error": str(error), "next_try_at": next_try_at}
    with transaction.atomic():
        lease.write(state=Step.State.WAITING, lease_until=None, worker="", deaths=0, **facts)
        events.record(
            "step.retrying",
            video=lease.step.video,
            kind=lease.step.kind,
            attempts=attempts,
            error=str(error),
            next_try_at=next_try_at.isoformat().replace("+00:00", "Z"),
        )
    return pause


def give_up(lease: Lease, error: StepError) -> None:
    attempts = lease.step.attempts + 1
    with transaction.atomic():
        lease.write(
            state=Step.State.FAILED,
            attempts=attempts,
            error=str(error),
            lease_until=None,
            finished_at=timezone.now(),
        )
        events.record("step.failed", video=lease.step.video, kind=lease.step.kind, error=str(error))


def is_last_try(step: Step, error: StepError) -> bool:
    return step.attempts + 1 >= error.tries


def pause_after(attempts: int) -> float:
    """Twice as long each time, up to a bound, and never quite the same for two films."""
    pause = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
    return pause * random.uniform(0.75, 1.25)  # noqa: S311
