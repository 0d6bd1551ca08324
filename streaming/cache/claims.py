"""
Who fetches a block, among several processes: whoever holds the lock on the file of its name.

The system lets go of the locks of a process that dies. A file that is left without its lock
means nothing.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from pathlib import Path

from library import places

log = logging.getLogger(__name__)


def _folder() -> Path:
    return places.cache() / "flights"


class Claims:
    """Those of one run. Close it when the run is over, also while a thread still claims for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, int] = {}
        self._closed = False

    def take(self, cid: str, index: int) -> bool:
        """Whether nobody else fetches this block, so that we do now. Asks without waiting."""
        name = _name(cid, index)
        descriptor = _locked(_folder() / name)
        if descriptor is None:
            return False
        with self._lock:
            if self._closed:
                _let_go(name, descriptor)
                return False
            self._held[name] = descriptor
        return True

    def release(self, cid: str, index: int) -> None:
        with self._lock:
            name = _name(cid, index)
            descriptor = self._held.pop(name, None)
            if descriptor is not None:
                _let_go(name, descriptor)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            while self._held:
                _let_go(*self._held.popitem())


def tidy() -> None:
    """Remove the files of processes that were killed."""
    for path in _folder().glob("*.*"):
        descriptor = _locked(path)
        if descriptor is not None:
            _let_go(path.name, descriptor)


def _name(cid: str, index: int) -> str:
    return f"{cid}.{index}"


def _locked(path: Path) -> int | None:
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(path, descriptor):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError:
            os.close(descriptor)
            raise
        # Whoever held it has removed it in the meantime.
        os.close(descriptor)


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return path.stat().st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False


def _let_go(name: str, descriptor: int) -> None:
    # Removed while it is locked, so that nobody can have locked a file that is removed.
    try:
        (_folder() / name).unlink(missing_ok=True)
    except OSError as error:
        # Left without its lock it means nothing.
        log.warning("The file of a claim cannot be removed: %s", error)
    finally:
        os.close(descriptor)
