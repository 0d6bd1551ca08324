"""
What is done for the network again and again, beside the steps of single films.

Rounds come close together while something is under way. Patrols are rarer, and taken by
one worker at a time, however many there are.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from filmedia.filecoin.errors import FilecoinError
from library.models import Reading
from library.network import accounting, committing, connection, patrol, removing
from library.network.connection import Connection

log = logging.getLogger(__name__)

# Between rounds: while something is under way, and while nothing is.
BUSY, IDLE = 4.0, 10.0
BUSY_HERE, IDLE_HERE = 0.3, 0.5


def turn() -> float:
    """One round, and a patrol where it is time. Returns after how many seconds to come again."""
    if connection.is_local():
        return IDLE
    at = connection.current()
    here = at.network.insecure_providers
    busy = False
    for part in (committing.round, removing.round):
        try:
            busy = part(at) or busy
        except FilecoinError as error:
            log.warning("The network cannot be worked with now: %s", error)
    if _is_time(at, "patrol", settings.PATROL_SECONDS):
        patrol.round(at)
        accounting.watch(at)
    if here:
        return BUSY_HERE if busy else IDLE_HERE
    return BUSY if busy else IDLE


def _is_time(at: Connection, what: str, seconds: int) -> bool:
    """True for one worker, once in so many seconds."""
    name, now = f"{at.network.name}:{what}", timezone.now()
    row, made = Reading.objects.get_or_create(pk=name, defaults={"tried_at": now, "at": now})
    if made:
        return True
    before = now - timedelta(seconds=seconds)
    mine = Reading.objects.filter(pk=name, tried_at=row.tried_at, tried_at__lte=before)
    return bool(mine.update(tried_at=now, at=now, epoch=F("epoch") + 1))
