"""Bytes of films that are being sent at this moment, as the processes that send them tell."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from library.models.films import Video

# A process that has not been heard of for this long sends nothing any more.
SILENT = timedelta(seconds=25)
# What it told is added to the past when it was silent for this long.
FOLDED = timedelta(minutes=10)
# Streams are written down more often for so long after somebody looked at them.
FOLLOWED = timedelta(seconds=15)
# The name of the row that has the sums of processes that are gone.
PAST = ""


class StreamQuerySet(models.QuerySet["Stream"]):
    def now(self, at: datetime | None = None) -> StreamQuerySet:
        """Those whose process was heard of lately, the newest first."""
        return self.filter(seen_at__gte=(at or timezone.now()) - SILENT)

    def silent(self, at: datetime | None = None) -> StreamQuerySet:
        return self.filter(seen_at__lt=(at or timezone.now()) - SILENT)


class Stream(models.Model):
    """
    Somebody watches: one row for each viewer and film of a process, whatever number of
    requests their player makes. Written every few seconds; only the
    limits of other processes rely on it.
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
    source = models.CharField(
        max_length=60, blank=True, help_text="where most of the last bytes were read from"
    )
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


class ServerReportQuerySet(models.QuerySet["ServerReport"]):
    def now(self) -> ServerReportQuerySet:
        """Of processes that were heard of lately."""
        return self.exclude(process=PAST).filter(seen_at__gte=timezone.now() - SILENT)

    def totals(self) -> dict[str, Any]:
        """Every counter, over all processes there are and were."""
        total: dict[str, Any] = {}
        for counters in self.order_by("pk").values_list("counters", flat=True):
            total = added(total, counters)
        return total

    def at_the_moment(self) -> dict[str, Any]:
        """What the processes that send have and do now, together."""
        total: dict[str, Any] = {}
        for gauges in self.now().values_list("gauges", flat=True):
            total = added(total, gauges)
        return total

    def cached(self) -> int:
        """Bytes that the caches hold; processes of one machine share one."""
        sizes: dict[str, int] = {}
        for caches in self.order_by("seen_at").values_list("caches", flat=True):
            sizes |= caches
        return sum(sizes.values())

    def fold(self) -> None:
        """
        Count what long silent processes told with the past. One that was only idle finds its
        row gone, and begins a new one from what it told last.
        """
        with transaction.atomic():
            rows = self.select_for_update().filter(seen_at__lt=timezone.now() - FOLDED)
            gone = list(rows.exclude(process=PAST))
            if not gone:
                return
            self.get_or_create(process=PAST)
            past = self.select_for_update().get(process=PAST)
            for row in gone:
                past.counters = added(past.counters, row.counters)
            past.save(update_fields=["counters"])
            self.filter(pk__in=[row.pk for row in gone]).delete()

    def follow(self) -> None:
        """Somebody looks on as streams go: for a while they are written down more often."""
        until = timezone.now() + FOLLOWED
        # Written only now and then, however many look on.
        if not self.filter(process=PAST, followed_until__gt=until - FOLLOWED / 2).exists():
            self.update_or_create(process=PAST, defaults={"followed_until": until})

    def are_followed(self) -> bool:
        return self.filter(process=PAST, followed_until__gt=timezone.now()).exists()


class ServerReport(models.Model):
    """
    What one process that sends films tells of itself: counters since it began, and how full it
    is. The row without a name has the sums of those that are gone, so that no counter falls.
    """

    process = models.CharField(max_length=120, unique=True)
    counters = models.JSONField(default=dict)
    gauges = models.JSONField(default=dict)
    caches = models.JSONField(default=dict, help_text="bytes on disk, by the name of the machine")
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)
    followed_until = models.DateTimeField(null=True, blank=True)

    objects = ServerReportQuerySet.as_manager()

    def __str__(self) -> str:
        return self.process or "those that are gone"


def added(one: Any, other: Any) -> Any:
    """Numbers together, in whatever they are nested; of what only one has, that."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [*one, *(key for key in other if key not in one)]
        return {
            key: added(one[key], other[key])
            if key in one and key in other
            else one.get(key, other.get(key))
            for key in keys
        }
    if isinstance(one, list) and isinstance(other, list):
        return [added(*pair) for pair in zip(one, other, strict=False)]
    return one + other
