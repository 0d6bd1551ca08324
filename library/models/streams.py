"""Bytes of films that are being sent at this moment, as the processes that send them tell."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from library.models.films import Video

# A process that has not been heard of for this long sends nothing any more.
SILENT = timedelta(seconds=25)


class StreamQuerySet(models.QuerySet["Stream"]):
    def now(self, at: datetime | None = None) -> StreamQuerySet:
        """Those whose process was heard of lately, the newest first."""
        return self.filter(seen_at__gte=(at or timezone.now()) - SILENT)

    def silent(self, at: datetime | None = None) -> StreamQuerySet:
        return self.filter(seen_at__lt=(at or timezone.now()) - SILENT)


class Stream(models.Model):
    """
    Somebody watches: one row for each viewer and film of a process, whatever number of
    requests their player makes. Written every ten seconds; nothing else relies on it.
    """

    process = models.CharField(max_length=100)
    # As the process names who watches: an account, or a visitor without one.
    viewer = models.CharField(max_length=64)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="+")
    requests = models.PositiveIntegerField(default=0, help_text="that are open")
    sent = models.BigIntegerField(default=0, help_text="bytes")
    rate = models.FloatField(default=0, help_text="bytes a second, over the last seconds")
    begun_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = StreamQuerySet.as_manager()

    class Meta:
        ordering = ["-begun_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["process", "viewer", "video"], name="stream_once_a_viewer_and_film"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.video_id} to {self.viewer}"
