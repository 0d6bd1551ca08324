"""
What is new in the tables since the last look. Runs in a thread; knows no sockets.

Events have numbers that become visible in order, so they are followed exactly. Rows
that tell how far something is have only the time of their last change, which is set a
little before others can see it and by clocks that differ: these are looked at again for
a while, and told when that time is another one than before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils import timezone

from library.live.mailbox import Notice
from library.models import Event, Step, Upload

OVERLAP = timedelta(seconds=10)
_EVENTS_A_LOOK = 1000


class Changes:
    def __init__(self) -> None:
        self._seq: int | None = None
        self._uploads: dict[str, datetime] = {}
        self._steps: dict[int, datetime] = {}

    def look(self) -> Notice:
        """
        Everything that has changed since the last look. The first one tells the newest
        event, and whatever moved within the last seconds.
        """
        if self._seq is None:
            self._seq = Event.objects.newest()
        events = Event.objects.after(self._seq).values_list(
            "seq", "video_id", "upload_id", "owner_id"
        )[:_EVENTS_A_LOOK]
        uploads: dict[str, int | None] = {}
        videos: set[str] = set()
        for seq, video, upload, owner in events:
            self._seq = seq
            # An event may change what is told of its film and its upload.
            if video is not None:
                videos.add(video)
            if upload is not None:
                uploads[upload] = owner
        since = timezone.now() - OVERLAP
        return Notice(self._seq, {**uploads, **self._moved(since)}, videos | self._working(since))

    def _moved(self, since: datetime) -> Mapping[str, int | None]:
        recent = list(
            Upload.objects.filter(updated_at__gte=since).values_list("pk", "owner_id", "updated_at")
        )
        moved = {pk: owner for pk, owner, at in recent if self._uploads.get(pk) != at}
        self._uploads = {pk: at for pk, _, at in recent}
        return moved

    def _working(self, since: datetime) -> set[str]:
        """Films with a step that moves. Steps that end say so by an event."""
        alive = [Step.State.WAITING, Step.State.RUNNING]
        recent = list(
            Step.objects.filter(state__in=alive, updated_at__gte=since)
            .order_by()
            .values_list("pk", "video_id", "updated_at")
        )
        moved = {video for pk, video, at in recent if self._steps.get(pk) != at}
        self._steps = {pk: at for pk, _, at in recent}
        return moved
