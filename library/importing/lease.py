"""The right to work on an import, for as long as it is renewed; as `storing.lease` for steps."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import F
from django.utils import timezone

from library.models import Import
from library.storing.errors import Interrupted, LeaseLost

log = logging.getLogger(__name__)


class Lease:
    def __init__(self, row: Import, number: int, stopping: threading.Event | None = None) -> None:
        self.row, self.number = row, number
        self._stopping = stopping or threading.Event()
        self._lost = threading.Event()

    def go_on(self) -> None:
        """Raise when whoever works under it should leave."""
        if self._lost.is_set():
            raise LeaseLost(self.row.pk)
        if self._stopping.is_set():
            raise Interrupted(self.row.pk)

    def write(self, **facts: Any) -> None:
        """One UPDATE of the row, or LeaseLost."""
        mine = Import.objects.filter(pk=self.row.pk, lease=self.number, state=Import.State.RUNNING)
        if not mine.update(**facts):
            self._lost.set()
            raise LeaseLost(self.row.pk)
        for name, value in facts.items():
            setattr(self.row, name, value)

    @contextmanager
    def renewed(self) -> Iterator[None]:
        """Keep it alive, from a thread of its own, while the block runs."""
        over = threading.Event()
        heart = threading.Thread(target=self._beat, args=[over], name="heartbeat", daemon=True)
        heart.start()
        try:
            yield
        finally:
            over.set()
            heart.join()

    def _beat(self, over: threading.Event) -> None:
        try:
            while not over.wait(settings.STEP_LEASE_SECONDS / 3):
                try:
                    mine = Import.objects.filter(
                        pk=self.row.pk, lease=self.number, state=Import.State.RUNNING
                    )
                    if not mine.update(lease_until=until()):
                        self._lost.set()
                        return
                except DatabaseError as error:
                    # The next beat may still come in time.
                    log.warning("The lease of %s could not be renewed: %s", self.row.pk, error)
                    connection.close()
        finally:
            connection.close()


def claim(
    worker: str, stopping: threading.Event | None = None, only: str | None = None
) -> Lease | None:
    """Take the import that has waited longest, or `only` that one; None where there is none."""
    due = Import.objects.due()
    for row in (due.filter(pk=only) if only else due)[:20]:
        now = timezone.now()
        taken = (
            Import.objects.due(now)
            .order_by()
            .filter(pk=row.pk, lease=row.lease)
            .update(
                state=Import.State.RUNNING,
                lease=F("lease") + 1,
                lease_until=until(),
                worker=worker[:100],
            )
        )
        if taken:
            return Lease(
                Import.objects.select_related("upload").get(pk=row.pk), row.lease + 1, stopping
            )
    return None


def until() -> datetime:
    return timezone.now() + timedelta(seconds=settings.STEP_LEASE_SECONDS)
