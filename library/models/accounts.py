"""Who uses the library, and the devices they signed in on."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from knox.models import AbstractAuthToken

from library.models import ids, scopes


class User(AbstractUser):  # type: ignore[django-manager-missing]
    """A person with an account. Ours from the first migration: it cannot be added later."""

    preferences = models.JSONField(
        default=dict, blank=True, help_text="what they chose; `library.preferences` knows the rest"
    )


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
