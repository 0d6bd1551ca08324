"""Who is being sent what at this moment, as those hear it who run the library."""

from __future__ import annotations

from typing import Any

from django.db.models import Sum

from library.models import ServerReport, Stream, User
from library.moments import moment

# Beyond so many, the totals tell the rest.
MOST = 100


def may_watch(user: User) -> bool:
    """What people watch is not for every eye: as on the pages of the administration."""
    return user.is_staff and user.has_perm("library.view_stream")


def told() -> dict[str, Any]:
    """Asking has the streams written down more often for a while."""
    ServerReport.objects.follow()
    now = Stream.objects.now()
    totals = now.aggregate(rate=Sum("rate", default=0), requests=Sum("requests", default=0))
    rows = now.select_related("user", "video")[:MOST]
    return {
        "count": now.count(),
        "requests": totals["requests"],
        "rate": round(totals["rate"]),
        "streams": [_described(row) for row in rows],
    }


def _described(row: Stream) -> dict[str, Any]:
    return {
        "id": row.pk,
        "video": {"id": row.video_id, "title": row.video.title},
        "viewer": row.user.get_username() if row.user else None,
        "requests": row.requests,
        "rate": round(row.rate),
        "sent": row.sent,
        "source": row.source,
        "since": moment(row.begun_at),
    }
