"""What a person or program may write as the value of a filter. Each raises Invalid."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from filmedia.filecoin.errors import InvalidPieceCid
from library.errors import Invalid
from library.finding import cids

Read = Callable[[str, str], str]
MOST_CHARACTERS = 300
_MOST = 2**63 - 1


def words(name: str, given: str) -> str:
    """Any words, on one line."""
    text = " ".join(given.split())
    if not text or len(text) > MOST_CHARACTERS:
        raise Invalid(
            _("%(name)s has from 1 to %(most)d characters.")
            % {"name": name, "most": MOST_CHARACTERS},
            field=name,
        )
    return text


def one_of(known: Iterable[str]) -> Read:
    names = tuple(known)

    def read(name: str, given: str) -> str:
        if given not in names:
            raise Invalid(
                _("%(name)s is one of %(known)s.") % {"name": name, "known": ", ".join(names)},
                field=name,
            )
        return given

    return read


def number(name: str, given: str) -> str:
    """Zero or more; a fraction may be written."""
    try:
        value = float(given)
    except ValueError:
        value = math.nan
    if not (given.isascii() and "_" not in given and 0 <= value <= _MOST):
        raise Invalid(_("%(name)s is a number from 0 on.") % {"name": name}, field=name)
    return f"{value:.3f}".rstrip("0").rstrip(".")


def whole(name: str, given: str) -> str:
    if not (given.isascii() and given.isdecimal() and len(given) <= 19 and int(given) <= _MOST):
        raise Invalid(_("%(name)s is a whole number from 0 on.") % {"name": name}, field=name)
    return str(int(given))


def when(name: str, given: str) -> str:
    """A day, or a moment with its zone (RFC 3339)."""
    # In an address a plus that is not escaped is a space.
    text = given.strip().replace(" ", "+")
    if moment(text) is None:
        raise Invalid(
            _("%(name)s is a day as 2026-11-28 or a moment as 2026-11-28T14:02:00Z.")
            % {"name": name},
            field=name,
        )
    return text


def moment(text: str) -> datetime | None:
    """What `when` lets through: a day is its beginning, in UTC."""
    try:
        if (day := parse_date(text)) is not None:
            return datetime.combine(day, time(), UTC)
        at = parse_datetime(text)
        return at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def day(text: str) -> date | None:
    """The day that a value names, where it names a day and no moment."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def piece_cid(name: str, given: str) -> str:
    try:
        return cids.read(given.strip())
    except InvalidPieceCid as error:
        raise Invalid(str(error), field=name) from None
