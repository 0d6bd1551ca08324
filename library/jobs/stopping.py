"""Stopping a job: what is done stays done, and the rest is left as it is."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from library import events
from library.errors import WrongState
from library.jobs import working
from library.models import Job, JobItem


def cancel(job: Job) -> None:
    """Raises WrongState where it is over."""
    with transaction.atomic():
        now = Job.objects.select_for_update().get(pk=job.pk)
        if now.state not in {Job.State.WAITING, Job.State.RUNNING}:
            raise WrongState(_("This is over already."))
        # The lease's number goes up, so that whoever has it can write no more.
        Job.objects.filter(pk=now.pk).update(
            state=Job.State.CANCELLED,
            lease=F("lease") + 1,
            lease_until=None,
            worker="",
            finished_at=timezone.now(),
        )
        now.items.filter(state=JobItem.State.WAITING).update(
            state=JobItem.State.SKIPPED, detail=_("the job was stopped before")
        )
        told = working.counts(now)
        events.record_for(now.owner, "job.cancelled", job=now.pk, action=now.action, **told)
