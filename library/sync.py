"""What a phone that was away has to fetch again, and what it has to forget."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max, Min, Q

from library.models import Event, User, Video, Visibility
from library.models.films import seen_by

_SHARED = (Visibility.MEMBERS, Visibility.PUBLIC)


@dataclass(frozen=True)
class Changes:
    """`since` is what to ask after next time; `more`, whether to ask at once."""

    since: int
    changed: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    reset: bool = False
    more: bool = False


def changes(user: User, since: int | None, limit: int) -> Changes:
    """
    The films that something happened to after the event `since`, by at most `limit` events:
    those that `user` sees now, and those that they may have seen until then and do not now.

    `reset` where that history is not kept, or with None: everything is to be fetched anew,
    and then followed from `since`.
    """
    kept = Event.objects.aggregate(oldest=Min("seq"), newest=Max("seq"))
    # Read before the rows: what happens in between is told twice rather than never.
    oldest, newest = kept["oldest"] or 1, kept["newest"] or 0
    if since is None or not oldest - 1 <= since <= newest:
        return Changes(since=newest, reset=True)
    told = list(_events(user).filter(seq__gt=since, seq__lte=newest).order_by("seq")[: limit + 1])
    more = len(told) > limit
    told = told[:limit]
    films = dict.fromkeys(film for _, film in told)
    seen = set(Video.objects.visible_to(user).filter(pk__in=films).values_list("pk", flat=True))
    return Changes(
        since=told[-1][0] if more else newest,
        changed=[film for film in films if film in seen],
        deleted=[film for film in films if film not in seen],
        more=more,
    )


def _events(user: User) -> Any:
    """
    Number and film of each event that concerns `user`: of films that they see now, and of
    those that they could see until it happened.
    """
    events = Event.objects.exclude(film="").values_list("seq", "film")
    if user.is_staff:
        return events
    now = Q(video__isnull=False, video__trashed_at=None) & seen_by(user, "video__")
    until_then = Q(owner_id=user.pk) | Q(audience__in=_SHARED)
    return events.filter(now | until_then)
