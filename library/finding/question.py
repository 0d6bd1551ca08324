"""
What somebody asks a list of films: words, a shelf, filters, an order.

A `Question` is read from an address, asked of the database, and written into an address
again: the one home of what a list can be asked, for the page, the API and whatever is done
to all films of a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from library import search
from library.errors import Invalid
from library.finding import sorts, values
from library.finding.filters import FILTERS
from library.finding.sorts import SORTS, Sort
from library.finding.target import named
from library.models import Video
from library.models.films import VideoQuerySet

if TYPE_CHECKING:
    from library.models import User

ALL, MINE, TRASH = "all", "mine", "trash"
SHELVES = (ALL, MINE, TRASH)
WORDS, SHELF, SORT = "q", "in", "sort"
# A list of so many choices is nobody's wish, and a burden for a database.
MOST_FILTERS = 50


@dataclass(frozen=True)
class Question:
    """`sort` is as it was asked for: no words for the order that suits."""

    words: str = ""
    shelf: str = ALL
    filters: tuple[tuple[str, str], ...] = ()
    sort: str = ""

    def ordered_by(self) -> Sort:
        """The order that was asked for, or else the one that suits."""
        if self.sort:
            return SORTS[self.sort]
        if self.words:
            return SORTS[sorts.RELEVANCE]
        return SORTS[sorts.TRASHED if self.shelf == TRASH else sorts.NEWEST]

    def matching(self, user: User | AnonymousUser) -> VideoQuerySet:
        """The films, in no order: to count them, or to do something to all."""
        videos = _on(self.shelf, user).order_by()
        for name, given in self._grouped().items():
            videos = videos.filter(FILTERS[name].passes(given, user))
        if not self.words:
            return videos
        if (films := named(self.words)) is not None:
            return videos.filter(pk__in=films.order_by().values("pk"))
        return search.matching(videos, self.words)

    def apply(self, user: User | AnonymousUser) -> VideoQuerySet:
        """The films, in their order."""
        return self.ordered(self.matching(user), user)

    def shown(
        self, user: User | AnonymousUser, found: QuerySet[Video], videos: VideoQuerySet
    ) -> VideoQuerySet:
        """
        Those of `videos` that are in `found`, a part of what `apply` gives, in its order.
        Whatever `videos` asks of each film is asked of this part only.
        """
        return self.ordered(videos.filter(pk__in=found.values("pk")), user)

    def ordered(self, videos: VideoQuerySet, user: User | AnonymousUser) -> VideoQuerySet:
        """These films, in the order that is asked for."""
        sort = self.ordered_by()
        videos = sorts.valued(videos, sort, user)
        if sort.name == sorts.RELEVANCE:
            videos = search.ranked(videos, self.words)
        return videos.order_by(*sort.order)

    def hits(self, videos: Iterable[Video]) -> dict[str, search.Hit]:
        """By the ids of films: where in them the words are. A film that is named has none."""
        if not self.words or named(self.words) is not None:
            return {}
        return search.hits(videos, self.words)

    def allows(self, sort: Sort) -> bool:
        return not _why_not(sort.name, self)

    def values_of(self, name: str) -> list[str]:
        return self._grouped().get(name, [])

    def with_(self, **changes: str | Iterable[str] | None) -> Question:
        """
        The same with other values: `with_(sort="title", tag=["alps"], owner=None)`. Raises
        Invalid, as reading an address does.
        """
        kept = [(name, value) for name, value in self.pairs() if name not in changes]
        for name, change in changes.items():
            given = [change] if isinstance(change, str) else (change or [])
            kept += [(name, value) for value in given]
        return read(_as_query(kept))

    def without(self, name: str, value: str | None = None) -> Question:
        """The same without one value of a filter (or all of them), or without words or order."""
        match name:
            case "q":
                # The order of best matches goes with what they matched.
                sort = "" if self.sort == sorts.RELEVANCE else self.sort
                return replace(self, words="", sort=sort)
            case "in":
                sort = "" if self.sort == sorts.TRASHED else self.sort
                return replace(self, shelf=ALL, sort=sort)
            case "sort":
                return replace(self, sort="")
        left = tuple(
            (known, given)
            for known, given in self.filters
            if known != name or (value is not None and given != value)
        )
        return replace(self, filters=left)

    def without_filters(self) -> Question:
        return replace(self, filters=())

    def pairs(self) -> list[tuple[str, str]]:
        """As names and values of an address; what is as usual is left out."""
        asked = [(WORDS, self.words)] if self.words else []
        asked += [(SHELF, self.shelf)] if self.shelf != ALL else []
        asked += self.filters
        return asked + ([(SORT, self.sort)] if self.sort else [])

    @property
    def address(self) -> str:
        """What stands behind the path of a list's address: `?tag=alps`, or a lone `?`."""
        return "?" + urlencode(self.pairs())

    def _grouped(self) -> dict[str, list[str]]:
        grouped: dict[str, list[str]] = {}
        for name, value in self.filters:
            grouped.setdefault(name, []).append(value)
        return grouped


def read(query: QueryDict, besides: Iterable[str] = ()) -> Question:
    """
    The question of an address. Raises Invalid, which names the field, for a name that is
    neither a list's nor one of `besides`, and for a value that is not right.
    """
    question, problems = _read(query, besides)
    if problems:
        raise problems[0]
    return question


def understood(query: QueryDict, besides: Iterable[str] = ()) -> tuple[Question, list[Invalid]]:
    """The same for people: what can be read, and what was wrong with the rest."""
    return _read(query, besides)


def _read(query: QueryDict, besides: Iterable[str]) -> tuple[Question, list[Invalid]]:
    problems: list[Invalid] = []
    given = {name: query.getlist(name) for name in query if name not in set(besides)}
    words = _only(WORDS, given, problems).strip()
    shelf = _known(SHELF, given, SHELVES, problems) or ALL
    filters = list(_filters(given, problems))
    if len(filters) > MOST_FILTERS:
        problem = _("A list takes %(most)d filters at most.") % {"most": MOST_FILTERS}
        problems.append(Invalid(problem, field=filters[MOST_FILTERS][0]))
    question = Question(words, shelf, tuple(filters[:MOST_FILTERS]))
    sort = _known(SORT, given, SORTS, problems)
    if problem := _why_not(sort, question):
        problems.append(Invalid(problem, field=SORT))
        sort = ""
    return replace(question, sort=sort), problems


def _filters(given: Mapping[str, list[str]], problems: list[Invalid]) -> Iterable[tuple[str, str]]:
    for name, said in given.items():
        if name in {WORDS, SHELF, SORT}:
            continue
        known = FILTERS.get(name)
        if known is None:
            sentence = _("The list has no parameter %(name)s.") % {"name": f"“{name[:50]}”"}
            problems.append(Invalid(sentence, field=name[:50]))
            continue
        if not known.repeats and len(said) > 1:
            problems.append(_twice(name))
        for value in dict.fromkeys(said if known.repeats else said[-1:]):
            try:
                yield name, known.read(name, _plain(name, value))
            except Invalid as problem:
                problems.append(problem)


def _only(name: str, given: Mapping[str, list[str]], problems: list[Invalid]) -> str:
    said = given.get(name, [])
    if len(said) > 1:
        problems.append(_twice(name))
    if not said:
        return ""
    try:
        return _plain(name, said[-1])
    except Invalid as problem:
        problems.append(problem)
        return said[-1].replace("\0", "")


def _known(
    name: str, given: Mapping[str, list[str]], known: Iterable[str], problems: list[Invalid]
) -> str:
    if not (said := _only(name, given, problems)):
        return ""
    try:
        return values.one_of(known)(name, said)
    except Invalid as problem:
        problems.append(problem)
        return ""


def _plain(name: str, value: str) -> str:
    if "\0" in value:
        raise Invalid(_("There is no such character in any film."), field=name)
    return value


def _twice(name: str) -> Invalid:
    return Invalid(_("%(name)s is asked for once only.") % {"name": name}, field=name)


def _why_not(sort: str, question: Question) -> str:
    if sort == sorts.RELEVANCE and not question.words:
        return _("Only what was searched for can be in the order of the best match.")
    if sort == sorts.TRASHED and question.shelf != TRASH:
        return _("Only the trash can be in the order in which films came there.")
    return ""


def _as_query(pairs: Iterable[tuple[str, str]]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in pairs:
        query.appendlist(name, value)
    return query


def _on(shelf: str, user: User | AnonymousUser) -> VideoQuerySet:
    if shelf == TRASH:
        return Video.objects.changeable_by(user).exclude(trashed_at=None)
    visible = Video.objects.visible_to(user)
    if shelf == MINE:
        return visible.filter(owner_id=user.pk)
    return visible
