"""What happened, in order. The table is the truth; a websocket is a view of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from library.models.films import Video, seen_by
from library.models.uploads import Upload

if TYPE_CHECKING:
    from library.models.accounts import User


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, user: User | AnonymousUser) -> EventQuerySet:
        """
        What `user` may learn now, whatever they might have learnt then.

        Events of a film follow the film; events of an upload, and of a film that is
        gone or in the trash, are its owner's.
        """
        if not user.is_authenticated:
            return self.none()
        mine = Q(owner_id=user.pk)
        shared = Q(video__isnull=False, video__trashed_at=None) & seen_by(user, "video__")
        everything = Q() if user.is_staff else mine | shared
        return self.filter(everything)

    def newest(self) -> int:
        """The number of the newest event, to follow the table from now on."""
        return self.aggregate(newest=models.Max("seq"))["newest"] or 0

    def after(self, seq: int) -> EventQuerySet:
        return self.filter(seq__gt=seq).order_by("seq")


class Event(models.Model):
    seq = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(default=timezone.now)
    type = models.CharField(max_length=40)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    video = models.ForeignKey(
        Video, null=True, blank=True, on_delete=models.SET_NULL, related_name="events"
    )
    upload = models.ForeignKey(
        Upload, null=True, blank=True, on_delete=models.SET_NULL, related_name="events"
    )
    # What a phone that was away has to forget, and whether it could know of it at all.
    subject = models.CharField(
        max_length=24, blank=True, help_text="id of a film, playlist or collection: it outlives it"
    )
    audience = models.CharField(max_length=10, blank=True, help_text="who could see it until then")
    collection = models.CharField(
        max_length=24, blank=True, help_text="the one that the film was in until then"
    )
    data = models.JSONField(default=dict)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"{self.seq} {self.type}"
