"""How a moment is written for programs."""

from __future__ import annotations

from datetime import datetime


def moment(at: datetime | None) -> str | None:
    """As RFC 3339 writes it, in UTC, to the millisecond."""
    if at is None:
        return None
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
