"""Which picture of a film stands for it."""

from __future__ import annotations

import math

from django.db import transaction

from library.catalogue import changed
from library.errors import Invalid
from library.models import Step, Video
from library.storing import deciding
from library.watching import clock

Kind = Step.Kind


def choose(video: Video, second: float | None) -> bool:
    """
    Have the poster be the picture at `second`, or one that the library chooses; a worker
    makes it. False when it is that already. Raises Invalid or WrongState.
    """
    second = _checked(second, video.duration)
    with transaction.atomic():
        # First the step, then the film, as everywhere; whoever makes a poster at this moment
        # looks at its end whether another one was chosen meanwhile.
        list(Step.objects.select_for_update().filter(video=video, kind=Kind.POSTER))
        now = Video.objects.get(pk=video.pk)
        if now.poster_at == second and now.has_poster:
            return False
        deciding.make_again(now, Kind.POSTER)
        changed.write(now, ["poster"], poster_at=second)
    video.poster_at, video.version = now.poster_at, now.version
    return True


def is_being_made(video: Video) -> bool:
    """Whether another poster is to come."""
    under_way = [Step.State.WAITING, Step.State.RUNNING]
    return video.steps.filter(kind=Kind.POSTER, state__in=under_way).exists()


def _checked(second: float | None, duration: float | None) -> float | None:
    if second is None:
        return None
    if not math.isfinite(second) or second < 0:
        raise Invalid(
            "A moment of the film is a number of seconds from its beginning.", field="poster_at"
        )
    if duration is not None and second > duration:
        raise Invalid(
            f"{clock.write(second)} is not in the film, which ends at {clock.write(duration)}.",
            field="poster_at",
        )
    return round(second, 3)
