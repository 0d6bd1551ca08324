"""
The conditions of a request: send it, "you have it", or "that is not it" (RFC 9110, section 13).

Asked only about something that exists and would otherwise be sent. Its `etag` is given as
the header spells it, quotes included; its `last_modified` knows its time zone. Either may
be None where there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from http import HTTPStatus


class Outcome(Enum):
    PROCEED = None
    NOT_MODIFIED = HTTPStatus.NOT_MODIFIED
    PRECONDITION_FAILED = HTTPStatus.PRECONDITION_FAILED


# These do not choose a representation, so there is nothing their conditions could be about.
_UNCONDITIONAL = frozenset({"CONNECT", "OPTIONS", "TRACE"})


def evaluate(
    method: str, headers: Mapping[str, str], etag: str | None, last_modified: datetime | None
) -> Outcome:
    """
    Weigh the conditions in the order of section 13.2.2.

    `headers` finds a name in any case. A date we cannot read is no condition. A tag we cannot
    read is one that never matches, so what stands in doubt is neither changed nor left unsent.
    """
    if method in _UNCONDITIONAL:
        return Outcome.PROCEED
    reading = method in {"GET", "HEAD"}
    modified = _whole_seconds(last_modified)

    if (tags := headers.get("If-Match")) is not None:
        if not _any_match(tags, etag, _same_strongly):
            return Outcome.PRECONDITION_FAILED
    elif modified and (date := _date(headers.get("If-Unmodified-Since"))) and modified > date:
        return Outcome.PRECONDITION_FAILED

    if (tags := headers.get("If-None-Match")) is not None:
        if _any_match(tags, etag, _same_weakly):
            return Outcome.NOT_MODIFIED if reading else Outcome.PRECONDITION_FAILED
    elif reading and modified and (date := _date(headers.get("If-Modified-Since"))):
        return Outcome.PROCEED if modified > date else Outcome.NOT_MODIFIED
    return Outcome.PROCEED


def range_applies(if_range: str | None, etag: str | None, last_modified: datetime | None) -> bool:
    """
    May a Range be honoured, or has the body changed since the client got its first part?

    A film's bytes never change once they are all here, so its date is a strong validator
    and one that equals it exactly will do.
    """
    if if_range is None:
        return True
    if_range = if_range.strip(_OWS)
    if re.fullmatch(_TAG, if_range):
        return etag is not None and _same_strongly(if_range, etag)
    date = _date(if_range)
    return date is not None and date == _whole_seconds(last_modified)


# --- entity tags

_OWS = " \t"
_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
# One member of a list: a tag, or what is not just a tag. A comma inside quotes ends neither.
_MEMBER = re.compile(rf"[ \t]*(?:({_TAG})[ \t]*|(?:{_TAG})?[^,]*)(?:,|\Z)")


def _same_strongly(one: str, other: str) -> bool:
    return one == other and not one.startswith("W/")


def _same_weakly(one: str, other: str) -> bool:
    return one.removeprefix("W/") == other.removeprefix("W/")


def _any_match(tags: str, etag: str | None, same: Callable[[str, str], bool]) -> bool:
    if tags.strip(_OWS) == "*":
        return True
    return etag is not None and any(same(tag, etag) for tag in _MEMBER.findall(tags))


# --- dates

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_LONG_DAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_TIME = "(?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})"
_DATES = [
    # As written today, by RFC 850, and by asctime() of C.
    re.compile(rf"{_DAY}, (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT"),
    re.compile(rf"{_LONG_DAY}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT"),
    re.compile(rf"{_DAY} {_MONTH} (?P<day>[0-9 ][0-9]) {_TIME} (?P<year>[0-9]{{4}})"),
]


def _whole_seconds(moment: datetime | None) -> datetime | None:
    """As Last-Modified tells it: HTTP knows no fraction of a second."""
    return moment and moment.replace(microsecond=0)


def _date(text: str | None) -> datetime | None:
    """Read a date in any of HTTP's three formats; None when it is in none of them."""
    text = (text or "").strip(_OWS)
    match = next((found for form in _DATES if (found := form.fullmatch(text))), None)
    if match is None:
        return None
    year, month, day = _year(match["year"]), _MONTHS.index(match["month"]) + 1, int(match["day"])
    hour, minute, second = map(int, match["time"].split(":"))
    # A leap second is a valid one, for which Python has no name.
    second = 59 if second == 60 else second
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _year(digits: str) -> int:
    """Of two digits, the last year that ends in them and is no more than 50 years ahead."""
    if len(digits) == 4:
        return int(digits)
    horizon = datetime.now(UTC).year + 50
    return horizon - (horizon - int(digits)) % 100
