"""What stands above and on the grid of films: those to go on with, those that need somebody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from library import permissions
from library.models import Copy, Step, User, Video, Viewing
from library.watching import viewings

LONGEST_ROW = 12


class GoOn(NamedTuple):
    """`share` is how much of it was seen, in per cent; `left` the seconds that remain."""

    video: Video
    share: int
    left: float | None
    position: float


def to_go_on(user: User) -> list[GoOn]:
    """The films that `user` has begun, the latest first."""
    found = viewings.to_go_on(user).select_related("video__owner")[:LONGEST_ROW]
    return [
        GoOn(one.video, _share(one, one.video), viewings.remaining(one), one.position)
        for one in found
    ]


def needing_somebody(user: User) -> list[Video]:
    """Films at risk or with a step that was given up, of those that `user` can mend."""
    failed = Step.objects.filter(state=Step.State.FAILED).order_by().values("video")
    wanting = Q(state=Video.State.AT_RISK) | Q(pk__in=failed)
    theirs = Video.objects.changeable_by(user).filter(wanting, trashed_at=None)
    return list(theirs.for_cards().order_by("-state_at")[:LONGEST_ROW])


class Runway(NamedTuple):
    """How long the money lasts, in words and with a picture, not by colour alone."""

    state: str
    icon: str
    words: str


def runway(user: User) -> Runway | None:
    """For whoever may see the funds, where storing costs anything."""
    if settings.FILECOIN_NETWORK == Copy.LOCAL or not permissions.may_see_funds(user):
        return None
    # Most libraries are on no network, and their pages load nothing of it.
    from library.network import summary

    found = summary.summary()
    if found.state in {"watching", "unread"}:
        return Runway("unread", "clock", str(_("Funds are not known yet")))
    if found.state == "deficit":
        return Runway("red", "warning", str(_("The money has run out")))
    if found.act_within is None:
        return Runway("green", "check", str(_("Nothing is being spent")))
    words = _("Act within %(days)d days") % {"days": found.act_within}
    colour = "green" if found.act_within > 30 else "amber" if found.act_within >= 7 else "red"
    return Runway(colour, "check" if colour == "green" else "warning", words)


def shares(user: User, films: Iterable[Video]) -> dict[str, int]:
    """How much of each film `user` has seen, in per cent; of others nothing is said."""
    by_id = {film.pk: film for film in films}
    seen = Viewing.objects.filter(user=user, video__in=by_id)
    return {one.video_id: _share(one, by_id[one.video_id]) for one in seen}


def _share(viewing: Viewing, video: Video) -> int:
    if viewing.finished:
        return 100
    return min(99, int(viewing.position * 100 / video.duration)) if video.duration else 0
