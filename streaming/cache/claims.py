"""
Who fetches a block, among several processes: whoever holds the lock on its place in one file
that has nothing in it.

The system lets go of the locks of a process that dies. A file of its own for each block took
five times as long to be made and removed, and there was one more for the file system to forget.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import threading
from hashlib import sha256

from library import places

# Locks of an open file, not of a process: two runs of one process keep each other out as well.
_SET = fcntl.F_OFD_SETLK
# The struct flock of fcntl(2): the kind, from where on, how long, and nothing.
_FLOCK = "hhqqi"
# So many blocks may a film have; its name says where the first of them is.
_BLOCKS = 2**28


class Claims:
    """Those of one run. Close it when the run is over, also while a thread still claims for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._descriptor = -1
        self._held: set[tuple[str, int]] = set()
        self._closed = False

    def take(self, cid: str, index: int) -> bool:
        """Whether nobody else fetches this block, so that we do now. Asks without waiting."""
        with self._lock:
            if self._closed:
                return False
            if self._descriptor < 0:
                self._descriptor = _opened()
            try:
                self._set(fcntl.F_WRLCK, cid, index)
            except OSError as error:
                self._close_unused()
                if error.errno in {errno.EAGAIN, errno.EACCES}:
                    return False
                raise
            self._held.add((cid, index))
        return True

    def release(self, cid: str, index: int) -> None:
        with self._lock:
            if (cid, index) in self._held:
                self._held.remove((cid, index))
                self._set(fcntl.F_UNLCK, cid, index)
                self._close_unused()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._held.clear()
            self._close_unused()

    def _close_unused(self) -> None:
        if not self._held and self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _set(self, kind: int, cid: str, index: int) -> None:
        fcntl.fcntl(
            self._descriptor,
            _SET,
            struct.pack(_FLOCK, kind, os.SEEK_SET, _place(cid, index), 1, 0),
        )


def _place(cid: str, index: int) -> int:
    """Two films that had the same one would only wait for each other."""
    return int.from_bytes(sha256(cid.encode()).digest()[:4], "big") * _BLOCKS + index % _BLOCKS


def _opened() -> int:
    path = places.cache() / "claims"
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, flags, 0o600)
