"""The filters of a question as a person sees them: each with words, and a way to be rid of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from library.finding import values
from library.finding.filters import FILTERS, WITHOUT
from library.finding.question import Question
from library.models import Collection, Video, Visibility

if TYPE_CHECKING:
    from library.models import User


class Chip(NamedTuple):
    """`without` is the address of the list without it, behind its path."""

    name: str
    value: str
    label: str
    words: str
    without: str


def chips(question: Question, user: User | AnonymousUser) -> list[Chip]:
    names = _collections(question, user)
    return [
        Chip(
            name,
            value,
            str(FILTERS[name].label),
            names.get(value, value) if name == "collection" else _words(name, value),
            question.without(name, value).address,
        )
        for name, value in question.filters
    ]


def _collections(question: Question, user: User | AnonymousUser) -> dict[str, str]:
    """The names of collections that are asked for by id, as far as `user` may know them."""
    asked = question.values_of("collection")
    if not asked:
        return {}
    seen = Collection.objects.visible_to(user).filter(pk__in=asked)
    return dict(seen.values_list("pk", "name"))


def _words(name: str, value: str) -> str:
    match name:
        case "state":
            return str(Video.State(value).label)
        case "visibility":
            return str(Visibility(value).label)
        case "kind":
            return str(Video.Kind(value).label)
        case "resolution":
            return {"sd": "SD", "hd": "HD", "full-hd": "Full HD", "uhd": "4K"}[value]
        case "captions" if value == WITHOUT:
            return _("none")
        case "watched":
            return {"yes": _("yes"), "no": _("no"), "started": _("begun")}[value]
        case "encrypted" | "attention":
            return {"yes": _("yes"), "no": _("no")}[value]
        case "length_over" | "length_under":
            return _length(float(value))
        case "size_over" | "size_under":
            return _size(int(value))
        case "added_after" | "added_before":
            return _moment(value)
    return value


def _length(seconds: float) -> str:
    minutes = seconds / 60
    if minutes == int(minutes) and minutes:
        return _("%(count)d min") % {"count": minutes}
    return _("%(count)g s") % {"count": seconds}


def _size(count: int) -> str:
    for name, unit in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return _("%(count)d bytes") % {"count": count}


def _moment(value: str) -> str:
    if (day := values.day(value)) is not None:
        return date_format(day, "j F Y")
    at = values.moment(value)
    return date_format(at, "j F Y, H:i") + " UTC" if at else value
