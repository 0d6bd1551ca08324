"""A film known only by the PieceCIDs of its pieces, and where they may be read."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from library.models import ids
from library.models.uploads import Upload

if TYPE_CHECKING:
    from library.models.accounts import User


class ImportQuerySet(models.QuerySet["Import"]):
    def visible_to(self, user: User | AnonymousUser) -> ImportQuerySet:
        """An import is its owner's affair, as an upload is; staff watch all of them."""
        if not user.is_authenticated:
            return self.none()
        return self.all() if user.is_staff else self.filter(owner_id=user.pk)

    def due(self, now: datetime | None = None) -> ImportQuerySet:
        """What a worker may take now, the longest waiting first."""
        now = now or timezone.now()
        ready = Q(state=Import.State.WAITING, next_try_at__lte=now)
        lost = Q(state=Import.State.RUNNING, lease_until__lt=now)
        return self.filter(ready | lost).order_by("next_try_at", "created_at")

    def unfinished(self) -> ImportQuerySet:
        return self.filter(state__in=Import.UNFINISHED)


class Import(models.Model):
    """
    Bytes that are fetched from elsewhere into an upload of the owner's. Worked on under a
    lease, as steps are: every write carries its number.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    UNFINISHED = (State.WAITING, State.RUNNING)

    id = models.CharField(primary_key=True, max_length=24, default=ids.import_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="imports"
    )
    upload = models.OneToOneField(
        Upload, null=True, blank=True, on_delete=models.SET_NULL, related_name="imported"
    )
    cids = models.JSONField(help_text="PieceCIDs of the pieces, in their order")
    sources = models.JSONField(
        default=list, blank=True, help_text="addresses; none: the network's own providers"
    )
    avoided = models.JSONField(
        default=list, blank=True, help_text="sources that gave other bytes than they should"
    )

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=500, blank=True)
    lease = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["state", "next_try_at"])]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False),
                name="import_running_has_a_lease",
            ),
        ]

    def __str__(self) -> str:
        return self.upload.title if self.upload else self.pk
