"""What this process knows of what an account was sent, for whoever asks the library for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from django.utils import timezone

from library.models import ServerReport
from library.models.streams import PAST
from library.watching.delivered import Delivered
from streaming.doors.watched import register


def delivered(user: int, videos: Collection[str]) -> Delivered:
    sessions = register.sessions.of_films(user, videos)
    since = min((session.begun_at for session in sessions), default=None)
    others = ServerReport.objects.exclude(process=PAST)
    others = others.exclude(process__startswith=f"{register.process}:")
    # Copies: what is sent meanwhile adds to them.
    return Delivered(
        since=since,
        sources=sum((Counter(session.sources) for session in sessions), Counter()),
        failovers=sum(session.failovers for session in sessions),
        is_complete=not others.filter(seen_at__gte=since or timezone.now()).exists(),
    )
