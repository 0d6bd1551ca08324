"""Something done to many films at once, film by film, with a result for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from library.models import ids
from library.models.films import Video

if TYPE_CHECKING:
    from library.models.accounts import User


# In the options: without the powers of staff, though its owner may have them.
AS_MEMBER = "as_member"


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User | AnonymousUser) -> JobQuerySet:
        """
        Their own; staff see all. By a token that lacks `admin`, staff see those only that were
        begun so too: others tell of films that the token does not show.
        """
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self.all()
        own = self.filter(owner_id=user.pk)
        return own.filter(**{f"options__{AS_MEMBER}": True}) if user.runs_library else own

    def counted(self) -> JobQuerySet:
        """With how many of its films wait, are done, were left and failed; and `total`."""

        def in_state(state: str) -> Count:
            return Count("items", filter=Q(items__state=state))

        return self.annotate(
            total=Count("items"),
            waiting=in_state("waiting"),
            done=in_state("done"),
            skipped=in_state("skipped"),
            failed=in_state("failed"),
        )

    def unfinished(self) -> JobQuerySet:
        return self.filter(state__in=[Job.State.WAITING, Job.State.RUNNING])


class Job(models.Model):
    """
    What is to be done (`action` with its `options`) to the films of its items. Worked on under
    a lease, as steps are: every write carries its number.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.CharField(primary_key=True, max_length=24, default=ids.job_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="jobs"
    )
    action = models.CharField(max_length=20)
    options = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    lease = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False),
                name="job_running_has_a_lease",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"


class JobItem(models.Model):
    """One film of a job. Its title is kept, because the film may be gone afterwards."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        SKIPPED = "skipped", _("Left as it was")
        FAILED = "failed", _("Failed")

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="items")
    video = models.ForeignKey(Video, null=True, on_delete=models.SET_NULL, related_name="+")
    video_name = models.CharField(max_length=24, help_text="the film's id, which outlives it")
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    detail = models.CharField(max_length=500, blank=True)
    before = models.JSONField(
        null=True,
        blank=True,
        help_text="what it takes to undo it; empty where there is no way back",
    )

    class Meta:
        ordering = ["job", "pk"]
        indexes = [models.Index(fields=["job", "state"])]

    def __str__(self) -> str:
        return f"{self.title} in {self.job_id}"
