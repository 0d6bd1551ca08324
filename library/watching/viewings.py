"""
Where somebody stopped in a film, on whichever device it was.

What is kept is the latest by the moment they were there, not by the moment we heard of
it: a phone tells hours later what it kept while offline. Nobody else ever sees it.
"""

from __future__ import annotations

import math
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from library.errors import Invalid
from library.models import User, Video, Viewing
from library.models.films import seen_by
from library.moments import moment
from library.uploads import names
from library.watching import preferences

# Whoever only looked in does not want to go on: so many seconds, or this share of a film.
EARLY_SECONDS, EARLY_SHARE = 30.0, 0.02
# The rest are credits.
FINISHED_SHARE = 0.95
DEVICE_LIMIT = 100
# Ten years; no film is longer.
LONGEST = 10 * 365 * 24 * 3600


def keep(
    user: User,
    video: Video,
    position: float,
    *,
    at: datetime | None = None,
    device: str = "",
    finished: bool = False,
) -> Viewing | None:
    """
    Remember that `user` was at `position` of `video`; what is remembered now.

    What is older than that changes nothing, nor does a position before it is worth going
    on. None: nothing is remembered. Raises Invalid for what is no position.
    """
    if not (math.isfinite(position) and 0 <= position <= LONGEST):
        raise Invalid("A position is a number of seconds from the beginning.", field="position")
    if not preferences.keeps_history(user):
        return None
    now = timezone.now()
    at = min(at or now, now)
    position = min(position, video.duration or position)
    finished = finished or bool(video.duration and position >= video.duration * FINISHED_SHARE)
    if finished or not _is_early(video, position):
        device = names.short(device, DEVICE_LIMIT)
        _write(user, video, position=position, finished=finished, at=at, device=device)
    return of(user, video)


def of(user: User, video: Video) -> Viewing | None:
    return Viewing.objects.filter(user=user, video=video).first()


def forget(user: User, video: Video) -> bool:
    """False when there was nothing to forget."""
    return bool(Viewing.objects.filter(user=user, video=video).delete()[0])


def forget_all(user: User) -> int:
    """All that `user` has watched. Returns of how many films."""
    return Viewing.objects.filter(user=user).delete()[0]


def to_go_on(user: User) -> QuerySet[Viewing]:
    """What `user` has begun and not finished, the latest first."""
    return Viewing.objects.filter(
        seen_by(user, "video__"),
        user=user,
        finished=False,
        hidden=False,
        video__trashed_at=None,
        video__kind=Video.Kind.FILM,
    ).select_related("video__owner")


def remaining(viewing: Viewing) -> float | None:
    """Seconds to the film's end; None where its length is not known."""
    duration = viewing.video.duration
    return None if duration is None else max(duration - viewing.position, 0.0)


def hide(user: User, video: Video) -> bool:
    """Take a film off the row of those to go on with, until it is gone on with."""
    return bool(Viewing.objects.filter(user=user, video=video).update(hidden=True))


def describe(viewing: Viewing | None) -> dict[str, object]:
    """What is remembered, as the API tells it; with nothing to remember, the beginning."""
    if viewing is None:
        return {"position": 0.0, "finished": False, "at": None, "device": ""}
    return {
        "position": viewing.position,
        "finished": viewing.finished,
        "at": moment(viewing.at),
        "device": viewing.device,
    }


def _is_early(video: Video, position: float) -> bool:
    share = video.duration * EARLY_SHARE if video.duration else EARLY_SECONDS
    return position < min(EARLY_SECONDS, share)


def _write(user: User, video: Video, **facts: object) -> None:
    """The later moment wins, also against another device that writes in this instant."""
    facts["hidden"] = False
    with transaction.atomic():
        _, created = Viewing.objects.get_or_create(user=user, video=video, defaults=facts)
        if not created:
            earlier = Viewing.objects.filter(user=user, video=video, at__lte=facts["at"])
            earlier.update(**facts)
