"""
Lists in pages: a cursor says where the next one begins, by the last row's own values.

Rows that come or go meanwhile move nothing: no row is shown twice and none is left out.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework.request import Request

from library.errors import Invalid

DEFAULT, MOST = 50, 200


def limit(request: Request) -> int:
    """`?limit=`; one that is too high is an error rather than a silent cut."""
    raw = request.query_params.get("limit", str(DEFAULT))
    if not (raw.isascii() and raw.isdecimal() and 1 <= len(raw) <= 6 and 1 <= int(raw) <= MOST):
        raise Invalid(f"limit is a number from 1 to {MOST}.", field="limit")
    return int(raw)


def page(request: Request, rows: QuerySet[Any]) -> tuple[list[Any], str | None]:
    """A page of `rows`, newest first, and the cursor of the next one, if there is one."""
    size = limit(request)
    if (given := request.query_params.get("cursor")) is not None:
        at, pk = _read(given)
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))
    found = list(rows.order_by("-created_at", "-pk")[: size + 1])
    more = len(found) > size
    found = found[:size]
    return found, _write(found[-1].created_at, found[-1].pk) if more else None


def link(request: Request, cursor: str | None) -> dict[str, str]:
    """The `Link` header of the next page."""
    if cursor is None:
        return {}
    query = request.query_params.dict() | {"cursor": cursor}
    return {"Link": f'<{request.path}?{urlencode(query)}>; rel="next"'}


def _write(at: datetime, pk: str) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()} {pk}".encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, str]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        stamp, _, pk = base64.urlsafe_b64decode(padded).decode().partition(" ")
        at = parse_datetime(stamp)
        at = at.astimezone(UTC) if at else None
    except (binascii.Error, ValueError, OverflowError):
        at, pk = None, ""
    if at is None or not pk or "\x00" in pk:
        raise Invalid("This cursor is none of ours.", field="cursor")
    return at, pk
