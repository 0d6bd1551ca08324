"""
The filters of a list of films: what each is called, takes, and lets through.

Where a filter may be repeated, a film that has one of its values is let through; of
different filters it has to pass each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from library.catalogue import naming
from library.finding import cids, values
from library.models import Caption, Step, Tag, Video, Viewing, Visibility

if TYPE_CHECKING:
    from library.models import User

YES_OR_NO = ("yes", "no")
WITHOUT = "none"
# The least height of each, and the height at which the next one begins.
RESOLUTIONS = {
    "sd": (0, 720),
    "hd": (720, 1080),
    "full-hd": (1080, 2160),
    "uhd": (2160, 2**31 - 1),
}
WATCHED = ("yes", "no", "started")

Person = "User | AnonymousUser"
Where = Callable[[str, Any], Q]


@dataclass(frozen=True)
class Filter:
    """`where` is asked with a value that `read` gave, and with the person who asks."""

    name: str
    label: Any
    says: str
    read: values.Read
    where: Where
    choices: tuple[str, ...] = ()
    repeats: bool = True
    type: str = "string"

    def passes(self, given: Iterable[str], user: User | AnonymousUser) -> Q:
        return reduce(or_, (self.where(value, user) for value in given))


def _chosen(name: str, label: Any, says: str, known: Iterable[str], where: Where) -> Filter:
    names = tuple(known)
    return Filter(name, label, says, values.one_of(names), where, choices=names)


def _once(name: str, label: Any, says: str, read: values.Read, where: Where, type: str) -> Filter:
    return Filter(name, label, says, read, where, repeats=False, type=type)


def _is(field: str) -> Where:
    return lambda value, user: Q(**{field: value})


def _tagged(value: str, user: Any) -> Q:
    # Through the table between the two: joining it would count a film once for each tag.
    through = Video.tags.through.objects
    return Q(
        pk__in=through.filter(tag__in=Tag.objects.filter(key=naming.key(value)).order_by()).values(
            "video"
        )
    )


def _in_collection(value: str, user: Any) -> Q:
    return Q(collection_id=value) | Q(collection__key=naming.key(value))


def _in_language(field: str, value: str) -> Q:
    """Of a language, and of what is spoken or written of it in some country."""
    return Q(**{f"{field}__iexact": value}) | Q(**{f"{field}__istartswith": f"{value}-"})


def _captioned(value: str, user: Any) -> Q:
    captions = Caption.objects.order_by()
    if value == WITHOUT:
        return ~Q(pk__in=captions.values("video"))
    return Q(pk__in=captions.filter(_in_language("language", value)).values("video"))


def _high(value: str, user: Any) -> Q:
    least, below = RESOLUTIONS[value]
    return Q(height__gte=least, height__lt=below)


def _watched(value: str, user: User | AnonymousUser) -> Q:
    viewings = Viewing.objects.order_by()
    mine = viewings.filter(user_id=user.pk) if user.is_authenticated else viewings.none()
    match value:
        case "yes":
            return Q(pk__in=mine.filter(finished=True).values("video"))
        case "started":
            return Q(pk__in=mine.filter(finished=False).values("video"))
    return ~Q(pk__in=mine.values("video"))


def _needs_attention(value: str, user: User | AnonymousUser) -> Q:
    """Only films that the asker can do something about."""
    failed = Step.objects.filter(state=Step.State.FAILED).order_by().values("video")
    theirs = Video.objects.changeable_by(user).order_by().values("pk")
    needed = (Q(state=Video.State.AT_RISK) | Q(pk__in=failed)) & Q(pk__in=theirs)
    return needed if value == "yes" else ~needed


def _holding(value: str, user: Any) -> Q:
    return Q(pk__in=cids.holding(value).order_by().values("pk"))


FILTERS = {
    found.name: found
    for found in (
        Filter("tag", _("Tag"), "the name of a tag", values.words, _tagged),
        Filter(
            "collection",
            _("Collection"),
            "a collection, by its id or its name",
            values.words,
            _in_collection,
        ),
        Filter("owner", _("Owner"), "user name", values.words, _is("owner__username")),
        _chosen("state", _("State"), "one of the five words", Video.State.values, _is("state")),
        _chosen(
            "visibility", _("Visibility"), "who may see it", Visibility.values, _is("visibility")
        ),
        Filter(
            "captions",
            _("Captions"),
            f"the language of captions it has (BCP 47), or {WITHOUT}",
            values.words,
            _captioned,
        ),
        Filter(
            "language",
            _("Language"),
            "the language of the film (BCP 47)",
            values.words,
            lambda value, user: _in_language("language", value),
        ),
        _chosen("kind", _("Kind"), "a film or a plain file", Video.Kind.values, _is("kind")),
        _chosen("resolution", _("Resolution"), "by its height", RESOLUTIONS, _high),
        Filter("piece_cid", _("PieceCID"), "of a film or a piece", values.piece_cid, _holding),
        Filter(
            "encrypted",
            _("Encrypted"),
            "whether the stored bytes can be read by this library only",
            values.one_of(YES_OR_NO),
            lambda value, user: Q(key__isnull=value == "no"),
            choices=YES_OR_NO,
            repeats=False,
        ),
        Filter(
            "watched",
            _("Watched"),
            "by you",
            values.one_of(WATCHED),
            _watched,
            choices=WATCHED,
            repeats=False,
        ),
        Filter(
            "attention",
            _("Needs attention"),
            "at risk or with a failed step, and yours to change",
            values.one_of(YES_OR_NO),
            _needs_attention,
            choices=YES_OR_NO,
            repeats=False,
        ),
        _once(
            "length_over",
            _("Longer than"),
            "seconds",
            values.number,
            lambda value, user: Q(duration__gt=float(value)),
            "number",
        ),
        _once(
            "length_under",
            _("Shorter than"),
            "seconds",
            values.number,
            lambda value, user: Q(duration__lt=float(value)),
            "number",
        ),
        _once(
            "size_over",
            _("Larger than"),
            "bytes",
            values.whole,
            lambda value, user: Q(size__gt=int(value)),
            "integer",
        ),
        _once(
            "size_under",
            _("Smaller than"),
            "bytes",
            values.whole,
            lambda value, user: Q(size__lt=int(value)),
            "integer",
        ),
        _once(
            "added_after",
            _("Added since"),
            "a day (from its beginning, UTC) or a moment (RFC 3339)",
            values.when,
            lambda value, user: Q(created_at__gte=values.moment(value)),
            "string",
        ),
        _once(
            "added_before",
            _("Added before"),
            "a day (before its beginning, UTC) or a moment (RFC 3339)",
            values.when,
            lambda value, user: Q(created_at__lt=values.moment(value)),
            "string",
        ),
    )
}
