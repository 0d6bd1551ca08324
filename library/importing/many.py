"""Many files, some at once. What one of them meets does not hold up the others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice

from django.db import connection

from library.errors import Refusal
from library.importing import bringing
from library.importing.bringing import Became, Brought, Watch, Wish
from library.importing.folders import Found

MOST_AT_ONCE = 8


class Stopped(Exception):
    """The one who asked wants no more; what has arrived is kept."""


class Importing:
    """One run. `dry` looks at everything, and changes nothing."""

    def __init__(self, wish: Wish, *, at_once: int = 2, dry: bool = False) -> None:
        self.wish, self.at_once, self.dry = wish, at_once, dry
        self._stop = threading.Event()
        self._lock = threading.Condition()
        self._busy: set[str] = set()
        self._planned: set[str] = set()

    def stop(self) -> None:
        self._stop.set()

    def run(
        self, files: Iterable[Found], watch: Callable[[Found], Watch]
    ) -> Iterator[tuple[Found, Brought]]:
        """Each file with what became of it, as they end. Raises Stopped after `stop`."""
        waiting = iter(files)
        with ThreadPoolExecutor(self.at_once, "import") as pool:
            running: dict[Future[Brought], Found] = {}
            try:
                while True:
                    for file in islice(waiting, self.at_once - len(running)):
                        running[pool.submit(self._one, file, watch(file))] = file
                    if not running:
                        return
                    over, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in over:
                        yield running.pop(future), future.result()
            finally:
                # However it is left: nobody should wait for a file of an hour.
                self.stop()

    def _one(self, file: Found, watch: Watch) -> Brought:
        watch = Watch(watch.reading, watch.sending, self._go_on)
        try:
            sha256 = bringing.digest(file, watch)
            with self._alone(sha256):
                if found := bringing.standing(self.wish.owner, file, sha256):
                    return found
                if self.dry:
                    return self._plan(sha256)
                return bringing.bring(self.wish, file, sha256, watch)
        except Refusal as refusal:
            return Brought(Became.FAILED, problem=refusal.detail)
        except OSError as error:
            return Brought(Became.FAILED, problem=f"It cannot be read: {error.strerror}.")
        finally:
            connection.close()

    def _plan(self, sha256: str) -> Brought:
        """The second of two files with the same bytes would find the first one there."""
        with self._lock:
            became = Became.THERE if sha256 in self._planned else Became.RECEIVED
            self._planned.add(sha256)
        return Brought(became, sha256=sha256)

    @contextmanager
    def _alone(self, sha256: str) -> Iterator[None]:
        """Two files with the same bytes go one after the other: the second is there by then."""
        with self._lock:
            while sha256 in self._busy:
                self._go_on()
                self._lock.wait(0.5)
            self._busy.add(sha256)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(sha256)
                self._lock.notify_all()

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise Stopped
