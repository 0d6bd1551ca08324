"""How much memory a process adds while something goes on."""

from __future__ import annotations

import threading
from pathlib import Path

_EVERY_SECONDS = 0.05


class Memory:
    """
    Watches the resident memory of a process; `added` is its peak above where it began.

    Anonymous memory only: pages of files that the kernel happens to keep are not ours.
    """

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._stop = threading.Event()
        self._before = self._now()
        self._peak = self._before
        self._watch = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Memory:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._watch.join()

    @property
    def added(self) -> int:
        """Bytes."""
        return self._peak - self._before

    def _follow(self) -> None:
        while not self._stop.wait(_EVERY_SECONDS):
            self._peak = max(self._peak, self._now())

    def _now(self) -> int:
        for line in self._status.read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError(f"{self._status} names no RssAnon")
