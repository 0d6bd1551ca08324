"""
The worker: takes steps that are due and does them, so many of each slot at once.

It keeps nothing in memory that matters. Several workers may run; a database that is
locked or away for a moment only makes it wait.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connection

from library.errors import KeyUnavailable
from library.importing import fetching
from library.jobs import working
from library.models import Slot, Step
from library.network import connection as connected
from library.network import rounds
from library.renditions import making
from library.rereading import patrol
from library.storing import anew, check, networked, pictures, steps, sweeps
from library.storing.errors import Interrupted, LeaseLost, Locked, StepError, Unexpected
from library.storing.lease import Lease

log = logging.getLogger(__name__)

DO: dict[str, Callable[[Lease], None]] = {
    Step.Kind.CHECK: check.run,
    Step.Kind.STORE: networked.store,
    Step.Kind.VERIFY: networked.verify,
    Step.Kind.ENCRYPT: anew.run,
    Step.Kind.POSTER: pictures.poster,
    Step.Kind.STORYBOARD: pictures.storyboard,
    Step.Kind.RENDITION: making.run,
}
POLL_SECONDS = 0.4
# After an error of the database itself, which a step's own back-off does not cover.
TROUBLE_SECONDS = 1.0
SWEEP_SECONDS = 60.0
# One film each time, a few blocks of it.
PATROL_SECONDS = 60.0
# Looking at every file takes longer, and only crashes leave any; also done at each start.
ORPHANS_SECONDS = 3600.0
# How long a stop waits for steps to be handed back.
STOP_SECONDS = 8.0


class Worker:
    def __init__(self, *, decode: int = 1, transfer: int = 1) -> None:
        self.name = f"{socket.gethostname()[:60]}:{os.getpid()}"
        # One rendition at a time beside them: it takes what the machine has left.
        self.slots = {Slot.DECODE: decode, Slot.TRANSFER: transfer, Slot.RENDITION: min(decode, 1)}
        self.stopping = threading.Event()
        self._news = threading.Condition()

    def run(self) -> None:
        """Work until `stopping` is set; then leave every step to the next worker at once."""
        threads = [
            threading.Thread(target=self._serve, args=[slot], name=f"{slot}-{number}", daemon=True)
            for slot, count in self.slots.items()
            for number in range(count)
        ]
        threads.append(threading.Thread(target=self._sweep, name="sweep", daemon=True))
        threads.append(threading.Thread(target=self._patrol, name="patrol", daemon=True))
        threads.append(threading.Thread(target=self._import, name="import", daemon=True))
        threads.append(threading.Thread(target=self._jobs, name="jobs", daemon=True))
        if not connected.is_local():
            threads.append(threading.Thread(target=self._rounds, name="network", daemon=True))
        for thread in threads:
            thread.start()
        log.info("Worker %s is ready", self.name)
        self.stopping.wait()
        self._tell()
        until = time.monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(until - time.monotonic(), 0))
        log.info("Worker %s has stopped", self.name)

    def drain(self) -> None:
        """Do what is due, and what becomes due by that, in this thread; then return."""
        sweeps.overdue()
        sweeps.orphans()
        slots = [slot for slot, count in self.slots.items() if count]
        while not self.stopping.is_set() and (
            self._take_job()
            or any(map(self._take_one, slots))
            or fetching.take_one(self.name, self.stopping)
        ):
            pass

    def _serve(self, slot: Slot) -> None:
        def take_one() -> None:
            if self._take_one(slot):
                self._tell()
            else:
                self._wait()

        self._again_and_again(take_one)

    def _import(self) -> None:
        """Films that are fetched by their PieceCIDs, one at a time."""

        def take_one() -> None:
            if fetching.take_one(self.name, self.stopping):
                self._tell()
            else:
                self._wait()

        self._again_and_again(take_one)

    def _take_one(self, slot: Slot) -> bool:
        lease = steps.claim(slot, self.name, self.stopping)
        if lease is None:
            return False
        perform(lease)
        return True

    def _sweep(self) -> None:
        look_for_orphans = time.monotonic()

        def sweep() -> None:
            nonlocal look_for_orphans
            sweeps.overdue()
            if time.monotonic() >= look_for_orphans:
                sweeps.orphans()
                look_for_orphans = time.monotonic() + ORPHANS_SECONDS
            self.stopping.wait(SWEEP_SECONDS)

        self._again_and_again(sweep)

    def _patrol(self) -> None:
        """The pieces of this machine, a few blocks at a time."""

        def look() -> None:
            # A new start is no reason to look again.
            self.stopping.wait(PATROL_SECONDS)
            if not self.stopping.is_set():
                patrol.look_at_one()

        self._again_and_again(look)

    def _jobs(self) -> None:
        """What people have done to many films at once. A job may put steps down."""

        def take_job() -> None:
            if self._take_job():
                self._tell()
            else:
                self._wait()

        self._again_and_again(take_job)

    def _take_job(self) -> bool:
        return working.take_one(self.name, self.stopping)

    def _rounds(self) -> None:
        """What films on a network need beside their own steps."""
        self._again_and_again(self._round)

    def _round(self) -> None:
        self.stopping.wait(rounds.turn())

    def _again_and_again(self, do: Callable[[], None]) -> None:
        """Until a stop; whatever goes wrong meanwhile, the thread lives on."""
        try:
            while not self.stopping.is_set():
                try:
                    do()
                except (DatabaseError, InterfaceError) as error:
                    log.warning("The database cannot be used now: %s", error)
                    self._pause()
                except Exception:
                    log.exception("Something unexpected happened")
                    self._pause()
        finally:
            connection.close()

    def _pause(self) -> None:
        connection.close()
        self.stopping.wait(TROUBLE_SECONDS)

    def _wait(self) -> None:
        with self._news:
            if not self.stopping.is_set():
                self._news.wait(POLL_SECONDS)

    def _tell(self) -> None:
        """A step that is done has often put down the next, perhaps of another slot."""
        with self._news:
            self._news.notify_all()


def perform(lease: Lease) -> None:
    """Do a step to its end, or write down how it did not get there. One line of log."""
    started, step = time.monotonic(), str(lease.step)
    try:
        outcome = _perform(lease)
    except LeaseLost:
        outcome = "was taken by another worker"
    log.info("%s %s after %.2f s", step, outcome, time.monotonic() - started)


def _perform(lease: Lease) -> str:
    try:
        with lease.renewed():
            DO[lease.step.kind](lease)
    except Interrupted:
        lease.hand_back()
        return "was handed back"
    except LeaseLost:
        raise
    except StepError as error:
        return _put_off(lease, error)
    except KeyUnavailable as error:
        return _put_off(lease, Locked(error.detail))
    except Exception as error:
        log.exception("%s met something unexpected", lease.step)
        if isinstance(error, DatabaseError | InterfaceError):
            connection.close()
        return _put_off(lease, Unexpected(error))
    return "is done"


def _put_off(lease: Lease, error: StepError) -> str:
    pause = steps.put_off(lease, error)
    again = "was given up" if pause is None else f"will be tried again in {pause:.0f} s"
    return f"{again} ({error})"
