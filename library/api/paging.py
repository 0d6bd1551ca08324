"""
Lists in pages: a cursor says where the next one begins, by the last row's own values.

Rows that come or go meanwhile move nothing: no row is shown twice and none is left out.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import AutoField, Q, QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework.request import Request

from library.errors import Invalid
from library.finding.sorts import NEWEST, SORTS, Sort

DEFAULT, MOST = 50, 200
COUNTED = 10_000


class Total(NamedTuple):
    """How many rows there are: exact, or more than so many."""

    total: int | None
    more_than: int | None


def limit(request: Request) -> int:
    """`?limit=`; one that is too high is an error rather than a silent cut."""
    raw = request.query_params.get("limit", str(DEFAULT))
    if not (raw.isascii() and raw.isdecimal() and 1 <= len(raw) <= 6 and 1 <= int(raw) <= MOST):
        raise Invalid(f"limit is a number from 1 to {MOST}.", field="limit")
    return int(raw)


def page(
    request: Request,
    rows: QuerySet[Any],
    sort: Sort = SORTS[NEWEST],
    shown: Callable[[QuerySet[Any]], QuerySet[Any]] | None = None,
) -> tuple[list[Any], str | None]:
    """
    A page of `rows` and the cursor of the next one, if there is one. Rows have the values
    that `sort` goes by; a cursor of another order is refused. With `shown`, the page is what
    it makes of a part of `rows`, in the same order.
    """
    size = limit(request)
    if (given := request.query_params.get("cursor")) is not None:
        rows = rows.filter(_behind(sort, _read(given, sort, _id_of(rows))))
    part = rows.order_by(*sort.order)[: size + 1]
    found = list(shown(part) if shown else part)
    more = len(found) > size
    found = found[:size]
    return found, _write(sort, found[-1]) if more else None


def total(rows: QuerySet[Any]) -> Total:
    """Counts no further than anybody reads."""
    count = rows.order_by()[: COUNTED + 1].count()
    return Total(None, COUNTED) if count > COUNTED else Total(count, None)


def link(request: Request, cursor: str | None) -> dict[str, str]:
    """The `Link` header of the next page."""
    if cursor is None:
        return {}
    asked = {name: values for name, values in request.query_params.lists() if name != "cursor"}
    query = urlencode(asked | {"cursor": cursor}, doseq=True)
    return {"Link": f'<{request.path}?{query}>; rel="next"'}


def _behind(sort: Sort, values: list[Any]) -> Q:
    """Rows that come after the one with these values, of which the last is its id."""
    names = [name for name, _ in sort.by] + ["pk"]
    way = "lt" if sort.descending else "gt"
    behind = Q()
    for name, value in reversed(list(zip(names, values, strict=True))):
        further = Q(**{f"{name}__{way}": value})
        behind = further | (Q(**{name: value}) & behind) if behind else further
    return behind


def _write(sort: Sort, row: Any) -> str:
    values = attrgetter(*(name for name, _ in sort.by), "pk")(row)
    told = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    text = json.dumps([sort.name, *told], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _id_of(rows: QuerySet[Any]) -> type:
    """What the ids of rows are; those that nobody outside is told are numbers."""
    return int if isinstance(rows.model._meta.pk, AutoField) else str


def _read(cursor: str, sort: Sort, id_type: type) -> list[Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        name, *told = json.loads(base64.urlsafe_b64decode(padded).decode())
        types = [*(type for _, type in sort.by), id_type]
        values = [_value(value, type) for value, type in zip(told, types, strict=True)]
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError):
        raise Invalid("This cursor is none of ours.", field="cursor") from None
    if name != sort.name:
        raise Invalid("This cursor is of a list in another order.", field="cursor")
    return values


def _value(told: Any, type: type) -> Any:
    """What a cursor tells, where it is of `type` and a database takes it. Raises ValueError."""
    if type is datetime and isinstance(told, str):
        at = parse_datetime(told)
        if at is not None and at.tzinfo is not None:
            return at.astimezone(UTC)
    elif type is str and isinstance(told, str) and "\x00" not in told:
        # Half a character would be no text.
        told.encode()
        return told
    elif type is float and isinstance(told, int | float) and math.isfinite(told):
        return float(told)
    elif type is int and isinstance(told, int) and abs(told) < 2**63:
        return told
    raise ValueError("not what we wrote")
