"""
The files of blocks that are open, each once however many viewers read from it.

Opening a file may wait for the disk, so a number of those that nobody reads at the moment
stays open. A block that was evicted can be read to its end by whoever has it open.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

# So many stay open without a reader.
MOST_IDLE = 128
Key = tuple[str, int]


class Identity(NamedTuple):
    """What changes when another file takes the name, or somebody writes into this one."""

    inode: int
    size: int
    written_at: int


def identity(status: os.stat_result) -> Identity:
    return Identity(status.st_ino, status.st_size, status.st_mtime_ns)


@dataclass(eq=False)
class Opened:
    """
    `fresh` is the source that it was fetched from, until the first viewer has it; so is
    `failed_over`, which says that a second one was asked.
    """

    key: Key
    descriptor: int
    device: int
    identity: Identity
    fresh: str = ""
    failed_over: bool = False
    users: int = 0
    touched_at: float = 0.0

    def is_as_it_was(self) -> bool:
        return identity(os.fstat(self.descriptor)) == self.identity

    def __del__(self) -> None:
        # Of a supply whose event loop is gone.
        if self.descriptor >= 0:
            os.close(self.descriptor)


class Pool:
    """May be used by any thread."""

    def __init__(self, most_idle: int = MOST_IDLE) -> None:
        self._most_idle = most_idle
        self._idle = 0
        self._lock = threading.Lock()
        # By their last use, the longest ago first.
        self._opened: OrderedDict[Key, Opened] = OrderedDict()

    def __len__(self) -> int:
        return len(self._opened)

    def add(self, opened: Opened) -> Opened:
        """Keep it, and take it for one user. Whoever reads an earlier one goes on with that."""
        with self._lock:
            self._drop(opened.key)
            self._opened[opened.key] = opened
            opened.users = 1
        return opened

    def take(self, key: Key) -> Opened | None:
        """For one user more, if it is open and still what it was."""
        with self._lock:
            opened = self._opened.get(key)
            if opened is None:
                return None
            if not opened.is_as_it_was():
                self._drop(key)
                return None
            self._opened.move_to_end(key)
            self._use(opened)
        return opened

    def use(self, opened: Opened) -> Opened:
        """For one user more, of whoever has one already."""
        with self._lock:
            self._use(opened)
        return opened

    def release(self, opened: Opened) -> None:
        with self._lock:
            opened.users -= 1
            if opened.users:
                return
            if self._opened.get(opened.key) is not opened:
                _close(opened)
                return
            self._idle += 1
            if self._idle > self._most_idle:
                self._drop(next(key for key, one in self._opened.items() if not one.users))

    @contextmanager
    def reading(self, opened: Opened) -> Iterator[int]:
        """Its descriptor, which stays open even if all others leave."""
        self.use(opened)
        try:
            yield opened.descriptor
        finally:
            self.release(opened)

    def drop(self, key: Key) -> None:
        """Nobody gets it from here any more. It is closed when the last user leaves."""
        with self._lock:
            self._drop(key)

    def drop_removed(self) -> None:
        """Close what nobody reads and what is no more: only then is its room free."""
        with self._lock:
            for key, opened in list(self._opened.items()):
                if not opened.users and not os.fstat(opened.descriptor).st_nlink:
                    self._drop(key)

    def close(self) -> None:
        with self._lock:
            for key in list(self._opened):
                self._drop(key)

    def _use(self, opened: Opened) -> None:
        if not opened.users and self._opened.get(opened.key) is opened:
            self._idle -= 1
        opened.users += 1

    def _drop(self, key: Key) -> None:
        opened = self._opened.pop(key, None)
        if opened is not None and not opened.users:
            self._idle -= 1
            _close(opened)


def _close(opened: Opened) -> None:
    os.close(opened.descriptor)
    opened.descriptor = -1
