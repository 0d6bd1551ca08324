"""
What the processes that send films must hear of within seconds: rights that ended, and films
and accounts that are not as they were.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

# No signed address lasts longer, so nobody asks for an older row.
KEPT = timedelta(hours=24)


class RevocationQuerySet(models.QuerySet["Revocation"]):
    def since(self, last: int, age: timedelta) -> RevocationQuerySet:
        """
        Those with higher numbers than `last`, and those that are younger than `age` by the
        database's clock: what was written in a transaction that takes long has a lower number
        and becomes visible late.
        """
        return self.filter(Q(pk__gt=last) | Q(at__gte=Now() - age)).order_by("pk")

    def outlived(self) -> RevocationQuerySet:
        """Those which no address is left for."""
        return self.filter(at__lt=Now() - (KEPT + timedelta(hours=1)))


class Revocation(models.Model):
    """
    `key` names a session or a device by a digest: that one is over for good. It names a film
    or an account by its id: whoever relies on what they know of it looks again.
    """

    class Kind(models.TextChoices):
        SESSION = "session", _("Session")
        DEVICE = "device", _("Device")
        USER = "user", _("Account")
        FILM = "film", _("Film")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=64)
    # By the database's clock, which is the same for all machines.
    at = models.DateTimeField(db_default=Now(), db_index=True)

    objects = RevocationQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
