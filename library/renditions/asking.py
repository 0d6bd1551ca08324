"""Asking for other qualities of a film, seeing which there are, and letting them go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from filmedia.filecoin.money import amounts
from library import events, revoking
from library.errors import Invalid, NotFound, WrongState
from library.models import Rendition, Step, Video
from library.moments import moment
from library.renditions import costs, under_way
from library.renditions.under_way import UnderWay
from library.storing import steps, trash

Quality = Rendition.Quality
NAMES = {quality.label: quality for quality in Quality}


def possible(video: Video) -> list[Quality]:
    """The qualities a film could have: none is larger than it is, and the smallest always is."""
    if not video.is_film or not video.width or not video.height:
        return []
    most = min(video.width, video.height)
    return [one for one in Quality if one <= most or one == Quality.SMALL]


def ask(video: Video, qualities: Iterable[str]) -> list[Rendition]:
    """
    Have the film made in these qualities, by their names; a worker does it. What is there
    or under way stays, and what could not be made is tried again.

    Raises Invalid or WrongState, and then nothing was asked for.
    """
    wanted = _checked(video, qualities)
    with transaction.atomic():
        # First the step, then the rest: whoever finishes it at this moment looks once more
        # whether something was asked for.
        list(Step.objects.select_for_update().filter(video=video, kind=Step.Kind.RENDITION))
        now = Video.objects.select_for_update().get(pk=video.pk)
        if now.trashed_at is not None:
            raise WrongState(_("This film is in the trash. Restore it first."))
        new = []
        for quality in wanted:
            row, is_new = Rendition.objects.get_or_create(original=now, quality=quality)
            tried = Rendition.objects.filter(pk=row.pk).exclude(problem="").update(problem="")
            new += [quality.label] if is_new or tried else []
        if new:
            steps.renew(now, Step.Kind.RENDITION)
            events.record("rendition.asked", video=now, qualities=new)
    return list(of(video))


def remove(video: Video, quality: str) -> None:
    """
    Let a quality go: one that is there with its bytes, and one that is being made.
    Raises NotFound.
    """
    with transaction.atomic():
        list(Step.objects.select_for_update().filter(video=video, kind=Step.Kind.RENDITION))
        rows = Rendition.objects.select_for_update().filter(original=video)
        row = rows.filter(quality=NAMES.get(quality, 0)).first()
        if row is None:
            raise NotFound(_("This film has no such rendition."))
        film = Video.objects.filter(as_rendition=row).first()
        row.delete()
        if film is not None:
            Video.objects.filter(pk=film.pk).update(trashed_at=timezone.now())
            revoking.films([film.pk])
        events.record("rendition.removed", video=video, quality=int(row.quality))
    if film is not None:
        # Whatever keeps this from happening, the trash is emptied one day.
        trash.purge(film)


def of(video: Video):  # type: ignore[no-untyped-def]  # a queryset of Rendition
    return Rendition.objects.filter(original=video).select_related("film")


def ready(video: Video) -> list[Rendition]:
    """Those that can be played, the largest first."""
    return [row for row in of(video) if row.film is not None]


def describe_all(video: Video) -> list[dict[str, Any]]:
    now = under_way.of(video)
    return [_describe(row, now) for row in of(video)]


def _describe(rendition: Rendition, now: UnderWay | None) -> dict[str, Any]:
    film = rendition.film
    is_made_now = now is not None and now.is_running and now.rendition == rendition
    return {
        "quality": rendition.get_quality_display(),
        "video": film.pk if film else None,
        "state": film.state if film else ("failed" if rendition.problem else "waiting"),
        "percent": now.percent if now and is_made_now else None,
        "problem": rendition.problem,
        "size": film.size if film else None,
        "width": film.width if film else None,
        "height": film.height if film else None,
        "piece_cid": film.piece_cid if film else None,
        "created_at": moment(rendition.created_at),
    }


def offers(video: Video) -> list[dict[str, Any]]:
    """The qualities that could be asked for yet, and an estimate of what each costs."""
    there = set(of(video).filter(problem="").values_list("quality", flat=True))
    pricing = costs.pricing(video)
    found = [(one, pricing.of(costs.most(video, one))) for one in possible(video)]
    return [
        {
            "quality": one.label,
            "most_bytes": cost.size,
            "copies": cost.copies,
            "per_month": None if cost.per_month is None else amounts.exact(cost.per_month),
        }
        for one, cost in found
        if one not in there
    ]


def _checked(video: Video, names: Iterable[str]) -> list[Quality]:
    if not video.is_film:
        raise WrongState(_("This is not known to be a film, so it has no qualities."))
    can, wanted = possible(video), list(dict.fromkeys(names))
    if not wanted:
        raise Invalid(_("Name one quality at least."), field="qualities")
    for name in wanted:
        if NAMES.get(name) not in can:
            raise Invalid(
                _("%(name)s is none of the qualities this film can be made in: %(can)s.")
                % {"name": name, "can": ", ".join(one.label for one in can) or "-"},
                field="qualities",
            )
    return [NAMES[name] for name in wanted]
