"""Ctrl-C while threads are at work: each is told, and none is waited for longer than needed."""

from __future__ import annotations

import threading

from filmedia.client.errors import Cancelled


class Stop:
    def __init__(self) -> None:
        self._asked = threading.Event()

    def ask(self) -> None:
        self._asked.set()

    def check(self) -> None:
        """Raises Cancelled once it was asked for."""
        if self._asked.is_set():
            raise Cancelled("Stopped.")

    def wait(self, seconds: float) -> None:
        """As `time.sleep`, but no longer than until it is asked for."""
        self._asked.wait(seconds)
        self.check()
