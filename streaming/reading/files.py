"""
Files of pieces that are open, each once however many viewers read from it.

Opening a file may wait for a disk. So one that was read from lately stays open for a while,
and whoever comes next has it at once; not for long, since a file that was removed keeps its
room on the disk until it is closed.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

MOST_IDLE = 128
IDLE_SECONDS = 3.0


@dataclass(eq=False)
class Open:
    """A file that is open for reading. Positions are given with each read: it has none."""

    path: Path
    descriptor: int
    device: int
    inode: int
    users: int = 1
    idle_since: float = 0.0

    def is_still(self) -> bool:
        """Whether the file of that name is this one: it may have been removed, or replaced."""
        try:
            found = self.path.stat()
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == (self.device, self.inode)


class Files:
    """May be used by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # The one that became idle last is at the end.
        self._open: OrderedDict[Path, Open] = OrderedDict()
        self._sweeping = False

    def take_now(self, path: Path) -> Open | None:
        """If it is open already. Waits for nothing."""
        with self._lock:
            found = self._open.get(path)
            if found is None:
                return None
            if not found.is_still():
                self._forget(found)
                return None
            found.users += 1
            return found

    def take(self, path: Path) -> Open:
        """Raises OSError where it cannot be opened."""
        if (found := self.take_now(path)) is not None:
            return found
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        told = os.fstat(descriptor)
        new = Open(path, descriptor, told.st_dev, told.st_ino)
        with self._lock:
            if (before := self._open.get(path)) is not None:
                self._forget(before)
            self._open[path] = new
        return new

    def release(self, file: Open) -> None:
        with self._lock:
            file.users -= 1
            if file.users:
                return
            if self._open.get(file.path) is not file:
                os.close(file.descriptor)
                return
            file.idle_since = time.monotonic()
            self._open.move_to_end(file.path)
            self._close_most()
            if not self._sweeping:
                self._sweeping = True
                threading.Thread(target=self._sweep, name="idle files", daemon=True).start()

    def close_idle(self, seconds: float = 0.0) -> bool:
        """Close what nobody has read from for so long; whether others are idle still."""
        with self._lock:
            until = time.monotonic() - seconds
            idle = [file for file in self._open.values() if not file.users]
            over = [file for file in idle if file.idle_since <= until]
            for file in over:
                self._forget(file)
            return len(idle) > len(over)

    def _sweep(self) -> None:
        while True:
            time.sleep(IDLE_SECONDS / 3)
            if self.close_idle(IDLE_SECONDS):
                continue
            with self._lock:
                if all(file.users for file in self._open.values()):
                    self._sweeping = False
                    return

    def _close_most(self) -> None:
        idle = [file for file in self._open.values() if not file.users]
        for file in idle[: max(len(idle) - MOST_IDLE, 0)]:
            self._forget(file)

    def _forget(self, file: Open) -> None:
        """Nobody gets it any more; it is closed when the last one who has it is done."""
        del self._open[file.path]
        if not file.users:
            os.close(file.descriptor)


files = Files()
