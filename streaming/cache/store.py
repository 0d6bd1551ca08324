"""
Blocks of films on disk, each believed only after this process has found it right.

Files are written beside their place and moved there, and nothing waits for the disk: what a
crash leaves torn is found wrong, and fetched anew. Everything here may take a while: call it
in a thread.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
import time
from collections import OrderedDict
from pathlib import Path

from django.conf import settings

from filmedia.filecoin.piece import BLOCK_SIZE
from library import places
from streaming.cache import room
from streaming.cache.counters import counters
from streaming.cache.films import Film
from streaming.cache.opened import Identity, Key, Opened, Pool, identity
from streaming.cache.passing import Passing

log = logging.getLogger(__name__)

# The identities of so many blocks are remembered; others are verified again when they are opened.
MOST_BELIEVED = 16_384
# Seconds for which a disk that refused is left alone.
REST = 30.0
# Seconds after which it is written down again that a block was used.
TOUCH_EVERY = 60.0

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_thread = threading.local()


class Store:
    """Of one process. `pool` has what is open of it, `passing` what it could not take."""

    def __init__(self) -> None:
        self.pool, self.passing = Pool(), Passing()
        self._believed: OrderedDict[Key, Identity] = OrderedDict()
        self._lock = threading.Lock()
        self._rests_until = 0.0
        self._evictions = 0

    @property
    def takes(self) -> bool:
        """Whether there is a disk that keeps anything."""
        return settings.CACHE_SIZE >= BLOCK_SIZE and time.monotonic() >= self._rests_until

    def is_known(self, key: Key) -> bool:
        """Whether the block was here and right when it was last looked at. Never waits."""
        return key in self._believed

    def has(self, film: Film, index: int) -> bool:
        """Whether there is a file, whatever is in it."""
        return places.cached_block(film.cid, index).exists()

    def look(self, film: Film, index: int) -> Opened | None:
        """
        The block, opened for one user and right; or None. One that is wrong, or that the disk
        does not give back, is removed.
        """
        key, path = (film.cid, index), places.cached_block(film.cid, index)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            self._disbelieve(key)
            return None
        except OSError as error:
            log.warning("A cached block cannot be opened: %s", error)
            return None
        opened = _opened(key, descriptor)
        if self._is_right(opened, film):
            _touch(opened)
            return self.pool.add(opened)
        self._throw_away(opened, path)
        return None

    def put(
        self, film: Film, index: int, data: memoryview, source: str, failed_over: bool = False
    ) -> Opened | None:
        """
        Keep a block that was found right, opened for one user; None where the disk does not
        take it.
        """
        if not self.takes:
            return None
        try:
            draft = room.set_aside(len(data), self.pool.drop_removed)
            if draft is None:
                self._rests_until = time.monotonic() + REST
                return None
            opened = _written(draft, film, index, data)
        except OSError as error:
            self.refused(error)
            return None
        if draft.evictions != self._evictions:
            # Some of what was evicted may be open here.
            self._evictions = draft.evictions
            self.pool.drop_removed()
        opened.fresh, opened.failed_over = source, failed_over
        self._believe(opened)
        return self.pool.add(opened)

    def begin(self) -> None:
        """Count what earlier processes have left, and have it within its bounds."""
        try:
            room.count()
        except OSError as error:
            self.refused(error)

    def refused(self, error: OSError) -> None:
        """The disk does not do what it should: leave it alone for a while."""
        counters.refused_by_disk += 1
        self._rests_until = time.monotonic() + REST
        level = logging.WARNING if error.errno in _FULL else logging.ERROR
        log.log(level, "Blocks are not kept for %s s, the disk refuses them: %s", REST, error)

    def touch(self, opened: Opened) -> None:
        """Write down that a block was used, which was opened for that."""
        try:
            _touch(opened)
        finally:
            self.pool.release(opened)

    def doubt(self, opened: Opened) -> None:
        """It could not be read: whoever wants it next looks at all of it first."""
        self._disbelieve(opened.key)
        self.pool.drop(opened.key)

    # --- believing --------------------------------------------------------------------

    def _is_right(self, opened: Opened, film: Film) -> bool:
        index = opened.key[1]
        if opened.identity.size != film.length(index):
            return False
        believed = self._believed.get(opened.key) == opened.identity
        if believed and not settings.STREAM_VERIFY_ALWAYS:
            return True
        try:
            data = _whole(opened)
        except OSError as error:
            log.warning("A cached block cannot be read: %s", error)
            return False
        if not film.is_right(index, data) or not opened.is_as_it_was():
            return False
        self._believe(opened)
        return True

    def _believe(self, opened: Opened) -> None:
        with self._lock:
            self._believed[opened.key] = opened.identity
            self._believed.move_to_end(opened.key)
            while len(self._believed) > MOST_BELIEVED:
                self._believed.popitem(last=False)

    def _disbelieve(self, key: Key) -> None:
        with self._lock:
            self._believed.pop(key, None)

    # --- removing ---------------------------------------------------------------------

    def _throw_away(self, opened: Opened, path: Path) -> None:
        """The room it takes is counted again when room is needed."""
        log.warning("A cached block is wrong and is fetched anew: %s", path.name)
        counters.damaged += 1
        self._disbelieve(opened.key)
        self.pool.drop(opened.key)
        # Another process may have put the right one there in the meantime.
        try:
            if path.stat().st_ino == opened.identity.inode:
                path.unlink()
        except FileNotFoundError:
            pass
        except OSError as error:
            # Another takes its name, where this disk takes any more.
            log.warning("A cached block that is wrong cannot be removed: %s", error)


def _opened(key: Key, descriptor: int) -> Opened:
    status = os.fstat(descriptor)
    return Opened(key, descriptor, status.st_dev, identity(status))


def _written(draft: room.Draft, film: Film, index: int, data: memoryview) -> Opened:
    """The draft in its place. Whatever goes wrong, nothing is left of it."""
    opened = _opened((film.cid, index), draft.descriptor)
    try:
        left = data
        while left:
            left = left[os.pwrite(draft.descriptor, left, len(data) - len(left)) :]
        _move(draft.path, places.cached_block(film.cid, index))
    except BaseException:
        room.give_back(draft)
        raise
    opened.identity = identity(os.fstat(draft.descriptor))
    opened.touched_at = time.monotonic()
    return opened


def _touch(opened: Opened) -> None:
    # When it was last used: whatever else reads these files does not count. When it was
    # written stays, because by that it is known.
    opened.touched_at = time.monotonic()
    try:
        os.utime(opened.descriptor, ns=(time.time_ns(), opened.identity.written_at))
    except OSError as error:
        # It goes too early, at worst; that is no matter of whoever watches it.
        log.warning("It cannot be noted that a cached block is used: %s", error)


def _whole(opened: Opened) -> memoryview:
    """All bytes of a block, in memory of this thread's."""
    if not hasattr(_thread, "scratch"):
        _thread.scratch = memoryview(bytearray(BLOCK_SIZE))
    into: memoryview = _thread.scratch[: opened.identity.size]
    count = os.preadv(opened.descriptor, [into], 0)
    return into[:count]


def _move(draft: Path, path: Path) -> None:
    try:
        draft.rename(path)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.rename(path)
