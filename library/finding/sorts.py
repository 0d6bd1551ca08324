"""
The orders a list of films can be in.

Each goes by values that every film has, and by the film's id where those are the same: so a
page can begin behind any row, whatever has come or gone since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    DateTimeField,
    F,
    FloatField,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import gettext_lazy as _

from library.models import Viewing
from library.models.films import VideoQuerySet

if TYPE_CHECKING:
    from library.models import User

NEWEST, RELEVANCE, TRASHED = "-added_at", "relevance", "-trashed_at"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# A film whose length is not known stands behind all others, whichever way they go.
_LONGEST, _SHORTEST = 1e18, -1.0


@dataclass(frozen=True)
class Sort:
    """`by` names values of a row, each with its type; all go the same way."""

    name: str
    label: Any
    by: tuple[tuple[str, type], ...]
    descending: bool

    @property
    def order(self) -> list[str]:
        sign = "-" if self.descending else ""
        return [f"{sign}{name}" for name, _ in self.by] + [f"{sign}pk"]


_ADDED = ("created_at", datetime)
_TITLE = ("title_key", str)
_SIZE = ("size", int)
SORTS = {
    sort.name: sort
    for sort in (
        Sort(NEWEST, _("Newest first"), (_ADDED,), True),
        Sort("added_at", _("Oldest first"), (_ADDED,), False),
        Sort("title", _("Title, A to Z"), (_TITLE,), False),
        Sort("-title", _("Title, Z to A"), (_TITLE,), True),
        Sort("length", _("Shortest first"), (("length_up", float),), False),
        Sort("-length", _("Longest first"), (("length_down", float),), True),
        Sort("size", _("Smallest first"), (_SIZE,), False),
        Sort("-size", _("Largest first"), (_SIZE,), True),
        Sort("last_watched", _("Last watched"), (("watched_at", datetime), _ADDED), True),
        Sort(TRASHED, _("Last put in the trash"), (("thrown_at", datetime),), True),
        Sort(RELEVANCE, _("Best match"), (("relevance", int), _ADDED), True),
    )
}


def valued(videos: VideoQuerySet, sort: Sort, user: User | AnonymousUser) -> VideoQuerySet:
    """With the value that `sort` goes by, where it is no column. Relevance is the search's."""
    match sort.by[0][0]:
        case "title_key":
            # As it is searched: an accent moves no film to the end of the alphabet.
            key = Coalesce(F("words__title"), Lower("title"), output_field=TextField())
            return videos.annotate(title_key=key)
        case "length_up":
            return videos.annotate(length_up=_or(F("duration"), _LONGEST))
        case "length_down":
            return videos.annotate(length_down=_or(F("duration"), _SHORTEST))
        case "thrown_at":
            return videos.annotate(thrown_at=Coalesce(F("trashed_at"), Value(_NEVER)))
        case "watched_at":
            when = Subquery(_viewings(user).values("at")[:1], output_field=DateTimeField())
            return videos.annotate(watched_at=Coalesce(when, Value(_NEVER)))
    return videos


def _viewings(user: User | AnonymousUser) -> QuerySet[Viewing]:
    if not user.is_authenticated:
        return Viewing.objects.none()
    return Viewing.objects.filter(user_id=user.pk, video=OuterRef("pk")).order_by()


def _or(value: Any, otherwise: float) -> Coalesce:
    return Coalesce(value, Value(otherwise), output_field=FloatField())
