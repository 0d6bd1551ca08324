"""
The right to work on a step, for as long as it is renewed.

Whoever holds a lease writes only through it: the first statement of each of its
transactions touches the step's row under the lease's number, so a worker that slept
while another took over finds no row and changes nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from library.models import Step
from library.storing.errors import Interrupted, LeaseLost

log = logging.getLogger(__name__)

# How often the bytes done are written down: people see them within a second.
REPORT_SECONDS = 0.5


class Lease:
    """
    Taking `number` of `step`. Setting `stopping` asks whoever works under it to leave.
    """

    def __init__(self, step: Step, number: int, stopping: threading.Event | None = None) -> None:
        self.step, self.number = step, number
        self._stopping = stopping or threading.Event()
        self._lost = threading.Event()
        self._reported = time.monotonic()

    @property
    def part(self) -> str:
        """A name for a file that is being made, by which the sweep knows whose it is."""
        return f".{self.step.pk}-{self.number}.part"

    @property
    def folder(self) -> str:
        """The same for a staging folder."""
        return f"anew_{self.step.pk}_{self.number}"

    def go_on(self) -> None:
        """Raise when this worker should leave the step; call it between portions of work."""
        if self._lost.is_set():
            raise LeaseLost(str(self.step))
        if self._stopping.is_set():
            raise Interrupted(str(self.step))

    @contextmanager
    def commit(self, **facts: Any) -> Iterator[None]:
        """
        A transaction that happens only if the step is still ours. While it lasts, nobody
        else takes the step, and the film cannot be purged: files of the film are made in one.
        """
        with transaction.atomic():
            self.write(lease_until=until(), **facts)
            yield

    @contextmanager
    def finish(self) -> Iterator[None]:
        """The last transaction of a step: what it does and "done" become true together."""
        over = {"state": Step.State.DONE, "finished_at": timezone.now(), "lease_until": None}
        with transaction.atomic():
            self.write(**over, error="", done_bytes=models.F("total_bytes"))
            yield

    def report(self, done: int) -> None:
        """Say how many bytes are done; written down now and then."""
        self.go_on()
        if time.monotonic() - self._reported >= REPORT_SECONDS:
            self._reported = time.monotonic()
            self.write(lease_until=until(), done_bytes=done)

    def write(self, **facts: Any) -> None:
        """One UPDATE of the step's row, or LeaseLost."""
        mine = Step.objects.filter(pk=self.step.pk, lease=self.number, state=Step.State.RUNNING)
        if not mine.update(updated_at=timezone.now(), **facts):
            self._lost.set()
            raise LeaseLost(str(self.step))

    def hand_back(self) -> None:
        """Let another worker go on at once."""
        self.write(state=Step.State.WAITING, lease_until=None, worker="")

    @contextmanager
    def renewed(self) -> Iterator[None]:
        """Keep the lease alive, from a thread of its own, while the block runs."""
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
                    self.write(lease_until=until())
                except DatabaseError as error:
                    # The next beat may still come in time.
                    log.warning("The lease of %s could not be renewed: %s", self.step, error)
                    connection.close()
        except LeaseLost:
            # Whoever works learns of it by `go_on`; or the step has just been finished.
            pass
        finally:
            connection.close()


def until() -> datetime:
    return timezone.now() + timedelta(seconds=settings.STEP_LEASE_SECONDS)
