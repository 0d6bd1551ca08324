"""What a phone that was away has to fetch again, and what it has to forget."""

from __future__ import annotations

from collections.abc import Collection as Many
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Max, Min, Q

from library.errors import HistoryGone
from library.models import Collection, Event, Playlist, User, Video, Visibility
from library.models.films import seen_by

_SHARED = (Visibility.MEMBERS, Visibility.PUBLIC)
# What an id begins with, and what it is the id of.
_KINDS: Mapping[str, tuple[str, Any]] = {
    "vid_": ("videos", Video),
    "col_": ("collections", Collection),
    "pls_": ("playlists", Playlist),
}


@dataclass(frozen=True)
class Changed:
    """Ids: of what somebody sees now, and of what they do not see any more."""

    changed: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Changes:
    """`since` is what to ask after next time; `more`, whether to ask at once."""

    since: int
    videos: Changed = field(default_factory=Changed)
    collections: Changed = field(default_factory=Changed)
    playlists: Changed = field(default_factory=Changed)
    more: bool = False


class _Told(NamedTuple):
    seq: int
    subject: str
    owner: int | None
    audience: str
    collection: str


def changes(user: User, since: int | None, limit: int) -> Changes:
    """
    What something happened to after the event `since`, by at most `limit` events: what `user`
    sees now, and what they may have seen until then and do not now. With None nothing, but
    where to follow from.

    Raises HistoryGone where the events after `since` are not kept, or never were.
    """
    kept = Event.objects.aggregate(oldest=Min("seq"), newest=Max("seq"))
    # Read before the rows: what happens in between is told twice rather than never.
    oldest, newest = kept["oldest"] or 1, kept["newest"] or 0
    if since is None:
        return Changes(since=newest)
    if not oldest - 1 <= since <= newest:
        raise HistoryGone(newest)
    rows = _events(user).filter(seq__gt=since, seq__lte=newest).order_by("seq")
    told = [_Told(*row) for row in rows.values_list(*_FIELDS)[: limit + 1]]
    more = len(told) > limit
    told = told[:limit]
    ids = _ids(user, told)
    return Changes(
        since=told[-1].seq if more else newest,
        more=more,
        **{name: _sorted(user, kind, ids, start) for start, (name, kind) in _KINDS.items()},
    )


_FIELDS = ("seq", "subject", "owner_id", "audience", "collection")


def _events(user: User) -> Any:
    """Of what `user` sees now, and of what they could see until it happened."""
    events = Event.objects.exclude(subject="")
    if user.is_staff:
        return events
    films = Q(video__isnull=False, video__trashed_at=None) & seen_by(user, "video__")
    playlists = Q(subject__in=Playlist.objects.visible_to(user).order_by().values("pk"))
    collections = Q(subject__in=Collection.objects.visible_to(user).order_by().values("pk"))
    until_then = Q(owner_id=user.pk) | Q(audience__in=_SHARED)
    return events.filter(films | playlists | collections | until_then)


def _ids(user: User, told: Iterable[_Told]) -> dict[str, None]:
    """
    What the events are about, each once. Who sees a collection depends on its films: a film
    that comes or goes may bring the collection with it, the one it was in and the one it is in.
    Playlists that they see show other films then, or films of another name.
    """
    ids: dict[str, None] = {}
    for event in told:
        ids[event.subject] = None
        seen = user.is_staff or event.owner == user.pk or event.audience in _SHARED
        if event.collection and seen:
            ids[event.collection] = None
    named = list(ids)
    films = Video.objects.visible_to(user).filter(pk__in=named).exclude(collection=None)
    lists = Playlist.objects.visible_to(user).filter(items__video__in=named)
    for found in (films.values_list("collection", flat=True), lists.values_list("pk", flat=True)):
        ids |= dict.fromkeys(found.order_by("pk"))
    return ids


def _sorted(user: User, kind: Any, ids: Many[str], start: str) -> Changed:
    its_own = [pk for pk in ids if pk.startswith(start)]
    rows = kind.objects.visible_to(user).filter(pk__in=its_own)
    seen = set(rows.order_by().values_list("pk", flat=True))
    return Changed(
        changed=[pk for pk in its_own if pk in seen],
        deleted=[pk for pk in its_own if pk not in seen],
    )
