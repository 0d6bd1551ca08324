"""Work that remains to be done on a film, as rows that survive whatever happens to a worker."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Case, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from library.models.films import Video


class Slot(models.TextChoices):
    """What a step is short of: a worker runs so many of each kind at once."""

    DECODE = "decode", _("Decoding")
    RENDITION = "rendition", _("Making renditions")
    TRANSFER = "transfer", _("Transfer")


class StepQuerySet(models.QuerySet["Step"]):
    def due(self, slot: Slot, now: datetime | None = None) -> StepQuerySet:
        """
        Steps of `slot` that a worker may take now, the longest waiting first: those
        whose time has come, and those whose worker has not been heard of in time.
        Pictures come last: nobody waits for them as for a film to be stored.
        """
        now = now or timezone.now()
        ready = Q(state=Step.State.WAITING, next_try_at__lte=now)
        lost = Q(state=Step.State.RUNNING, lease_until__lt=now)
        return self.filter(ready | lost, slot=slot).order_by(
            Case(When(kind__in=Step.PICTURES, then=1), default=0), "next_try_at", "pk"
        )


class Step(models.Model):
    """
    One thing to do to one film.

    `lease` counts the workers that have taken this step. Every write of a running step
    carries its number, so that a worker that was paused cannot write after another took
    over.
    """

    class Kind(models.TextChoices):
        CHECK = "check", _("Check")
        STORE = "store", _("Store")
        VERIFY = "verify", _("Verify")
        ENCRYPT = "encrypt", _("Store anew, encrypted")
        POSTER = "poster", _("Make the poster")
        STORYBOARD = "storyboard", _("Make the storyboard")
        RENDITION = "rendition", _("Make the renditions")

    PICTURES = (Kind.POSTER, Kind.STORYBOARD)

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Skipped")

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    slot = models.CharField(max_length=10, choices=Slot.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)

    attempts = models.PositiveIntegerField(default=0)
    deaths = models.PositiveIntegerField(default=0, help_text="of workers, since it last ended")
    next_try_at = models.DateTimeField(default=timezone.now)
    lease = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=100, blank=True)
    error = models.TextField(blank=True)

    done_bytes = models.BigIntegerField(default=0)
    total_bytes = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        ordering = ["video", "pk"]
        indexes = [models.Index(fields=["state", "slot", "next_try_at"])]
        constraints = [
            models.UniqueConstraint(fields=["video", "kind"], name="step_once_a_video"),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False),
                name="step_running_has_a_lease",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.video_id}"
