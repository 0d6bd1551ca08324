"""
The patrol of this machine's own pieces: a few blocks of a film at a time, the film first that
nobody has looked at for longest. What providers hold has a patrol of its own.
"""

from __future__ import annotations

import logging

from django.db.models import F
from django.utils import timezone

from library.models import Copy, Video
from library.rereading import films, noting

log = logging.getLogger(__name__)


def look_at_one() -> Video | None:
    """Look at the film whose turn it is; None where there is none to look at."""
    stored = Video.objects.filter(network=Copy.LOCAL, size__gt=0).exclude(
        state=Video.State.RECEIVED
    )
    video = stored.order_by(F("patrolled_at").asc(nulls_first=True), "pk").first()
    if video is None:
        return None
    # Written first, so that a film which cannot be looked at keeps nobody waiting.
    Video.objects.filter(pk=video.pk).update(patrolled_at=timezone.now())
    report = films.look_at_some(video)
    for what in [*report.faults, *report.unread]:
        log.warning("%s (%s): %s", video.title, video.pk, what)
    noting.note(report)
    return video
