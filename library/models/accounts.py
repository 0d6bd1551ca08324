"""Who uses the library, and the devices they signed in on."""

from __future__ import annotations

import copy
from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from knox.models import AbstractAuthToken

from library.models import ids, scopes


class User(AbstractUser):  # type: ignore[django-manager-missing]
    """A person with an account. Ours from the first migration: it cannot be added later."""

    preferences = models.JSONField(
        default=dict, blank=True, help_text="what they chose; `library.preferences` knows the rest"
    )

    # Set on a copy only, see `as_member`.
    runs_library_as_member = False

    def as_member(self) -> User:
        """
        The same person without the powers of staff, as they act by a token that lacks `admin`.
        Whatever asks `is_staff` learns of it; saving it changes nothing about the powers.
        """
        member = copy.copy(self)
        member.runs_library_as_member = self.runs_library
        member.is_staff = member.is_superuser = False
        return member

    @property
    def runs_library(self) -> bool:
        """Whether they are staff, whatever they may do at this moment."""
        return self.is_staff or self.runs_library_as_member

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.runs_library_as_member:
            powers = {"is_staff", "is_superuser"}
            fields = kwargs.get("update_fields")
            if fields is None:
                fields = [f.name for f in self._meta.concrete_fields if not f.primary_key]
            kwargs["update_fields"] = [name for name in fields if name not in powers]
        super().save(*args, **kwargs)


class DeviceToken(AbstractAuthToken):
    """
    One device's access to the API: expiring, and revocable without touching the others.

    Only a digest of the secret is kept, so `public_id` is what names the row outside.
    """

    public_id = models.CharField(max_length=24, unique=True, default=ids.token_id, editable=False)
    device = models.CharField(max_length=100)
    scopes = models.JSONField(
        default=scopes.everything, help_text="what it may do, as `library.models.scopes` names it"
    )
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created"]

    def __str__(self) -> str:
        return f"{self.device} ({self.user})"

    def lacks(self, needed: Collection[str]) -> set[str]:
        """Which of the scopes it does not have."""
        return set(needed) - set(self.scopes)

    def acting(self) -> User:
        """Whoever it is of, with no more power than it has."""
        return self.user if "admin" in self.scopes else self.user.as_member()
