"""
Which films somebody means: some by their ids, or all that a list of films was asked for.

Films that they may not see are told like films that are not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from library import finding
from library.errors import Invalid
from library.models import User, Video

MOST_NAMED, MOST = 5_000, 20_000
QUERY_LIMIT = 8_000
# How a list is looked at says nothing about which films are in it.
BESIDES = ("page", "view", "limit", "cursor")
_AT_ONCE = 500


@dataclass(frozen=True)
class Selection:
    """`ids`, each once and in order; or the question of a list, as its address has it."""

    ids: tuple[str, ...] = ()
    query: str | None = None

    def portions(self, by: User) -> Iterator[list[str]]:
        """The ids of all, in their order, in lists of what one question to the database takes."""
        ids = self._known(by)
        for start in range(0, len(ids), _AT_ONCE):
            yield ids[start : start + _AT_ONCE]

    def missing(self, by: User) -> int:
        """How many were named that are not there."""
        return 0 if self.query is not None else len(self.ids) - len(self._known(by))

    def _known(self, by: User) -> list[str]:
        if self.query is not None:
            found = _asked(self.query).apply(by)
            ids = list(found.values_list("pk", flat=True)[: MOST + 1])
            if len(ids) > MOST:
                raise Invalid(
                    _("These are more than %(most)d films. Narrow the list first.")
                    % {"most": MOST},
                    field="query",
                )
            # A film that matches twice is one film.
            return list(dict.fromkeys(ids))
        seen: set[str] = set()
        within_reach = Video.objects.visible_to(by) | Video.objects.changeable_by(by)
        for start in range(0, len(self.ids), _AT_ONCE):
            part = within_reach.filter(pk__in=self.ids[start : start + _AT_ONCE])
            seen.update(part.order_by().values_list("pk", flat=True))
        return [pk for pk in self.ids if pk in seen]


def of(ids: Sequence[str] = (), query: str | None = None) -> Selection:
    """Raises Invalid where neither is said, or both, or too much."""
    if bool(ids) == (query is not None):
        raise Invalid(_("Say which films: some ids, or the query of a list."), field="ids")
    if query is None:
        if len(ids) > MOST_NAMED:
            words = _("At most %(most)d films can be named; use the query of a list for more.")
            raise Invalid(words % {"most": MOST_NAMED}, field="ids")
        return Selection(ids=tuple(dict.fromkeys(ids)))
    if len(query) > QUERY_LIMIT:
        raise Invalid(_("This query is too long."), field="query")
    _asked(query)
    return Selection(query=query.removeprefix("?"))


def _asked(query: str) -> finding.Question:
    """Raises Invalid, which says what of the query is not right."""
    try:
        said = QueryDict(query.removeprefix("?"))
        return finding.read(said, besides=BESIDES)
    except Invalid as refusal:
        raise Invalid(refusal.detail, field="query") from None
