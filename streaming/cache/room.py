"""
The room that the blocks on disk take, shared by all processes: a number in a small file.

Room is set aside under a lock before a file is written. What the number says is never less
than what is there; it is more where somebody else removed files, and then it is counted
anew before anything is evicted. One process at a time evicts: what was watched longest ago.
"""

from __future__ import annotations

import fcntl
import heapq
import logging
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from filmedia.filecoin.piece import BLOCK_SIZE
from library import places
from streaming.cache.counters import counters

log = logging.getLogger(__name__)

# Of the room there is, what is made free at once: counting takes a while in a large cache.
AT_ONCE = 0.05
_REMEMBERED = 4096
_WRITTEN = re.compile(rb"(\d{18}) (\d{18})\n")


class Draft(NamedTuple):
    """A file that is being written, open; it is closed by whoever asked for it."""

    path: Path
    descriptor: int
    size: int
    # How often something was evicted until then, by whichever process.
    evictions: int


class _Found(NamedTuple):
    used_at: int
    size: int
    path: str
    inode: int


def arriving() -> Path:
    """Where files are until they are whole."""
    return places.cache() / "arriving"


def used() -> int:
    """Bytes on disk."""
    with _number() as number:
        return number.value


def set_aside(size: int, evicted: Callable[[], None]) -> Draft | None:
    """
    A file to write so many bytes to; None where there is no room for them, whatever goes.
    Takes a while when something has to, and then tells it by `evicted`.
    """
    if size > settings.CACHE_SIZE:
        return None
    draft = _made(size)
    if draft is not None:
        return draft
    with _locked("evicting"):
        # Whoever had the lock before may have made enough room for both; and somebody who had
        # no need of it may take what was made here.
        while (draft := _made(size)) is None and _evict(size):
            evicted()
    return draft


def give_back(draft: Draft) -> None:
    """The file comes to nothing."""
    with _number() as number:
        draft.path.unlink(missing_ok=True)
        number.add(-draft.size)


def count() -> None:
    """Write down what is really there; also when that is more than there may be now."""
    with _locked("evicting"):
        while _evict(0) and _is_too_much():
            pass


def _is_too_much() -> bool:
    with _number() as number:
        return number.value > _limit(number.value)


def _made(size: int) -> Draft | None:
    with _number() as number:
        if number.value + size > _limit(number.value):
            return None
        path = arriving() / secrets.token_hex(8)
        descriptor = _opened(path, os.O_EXCL)
        try:
            # For as long as it is open: so it is known that somebody writes it.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            # As long as it will be: so whoever counts sees all of it.
            os.truncate(descriptor, size)
        except BaseException:
            os.close(descriptor)
            path.unlink(missing_ok=True)
            raise
        number.add(size)
        return Draft(path, descriptor, size, number.evictions)


def _tidy() -> None:
    """Remove what killed processes have left."""
    with _number():
        for path in _files(arriving()):
            try:
                descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                Path(path).unlink(missing_ok=True)
            except BlockingIOError:
                # Somebody writes it, or has just moved it to its place.
                pass
            finally:
                os.close(descriptor)


def _limit(value: int) -> int:
    disk = os.statvfs(places.cache())
    left = disk.f_bavail * disk.f_frsize - settings.CACHE_KEEP_FREE
    return min(settings.CACHE_SIZE, value + left)


def _evict(size: int) -> bool:
    """Count, and make room for so many bytes and some more. False when nothing can go."""
    _tidy()
    with _number() as number:
        before = number.value
    census = _Census()
    with _number() as number:
        # What others set aside in the meantime may be counted twice, but never not at all.
        number.add(census.total - before)
        limit = _limit(number.value)
        excess = number.value + size - limit
    if excess > 0:
        spare = int(limit * AT_ONCE) // BLOCK_SIZE * BLOCK_SIZE
        _remove(census.oldest, excess + max(spare, 0))
    return bool(census.oldest)


def _remove(oldest: list[_Found], excess: int) -> None:
    freed = 0
    for block in oldest:
        if freed >= excess:
            break
        try:
            Path(block.path).unlink()
        except FileNotFoundError:
            # Of an erased film. It was counted.
            pass
        else:
            counters.evictions += 1
        freed += block.size
    with _number() as number:
        number.evictions += 1
        number.add(-freed)
    log.info("Evicted %s bytes of blocks that nobody watched lately", f"{freed:,}")


class _Census:
    """
    Every file there is, those that are arriving first: so none is missed on its way. Of the
    blocks only the oldest are remembered, because a large cache has a million.
    """

    def __init__(self) -> None:
        self.total = 0
        self._arriving: set[int] = set()
        self._arriving = {block.inode for block in self._counted(_files(arriving()))}
        self.oldest = heapq.nsmallest(_REMEMBERED, self._counted(_blocks()))

    def _counted(self, paths: Iterator[str]) -> Iterator[_Found]:
        for path in paths:
            try:
                status = os.lstat(path)
            except FileNotFoundError:
                continue
            if status.st_ino not in self._arriving:
                self.total += status.st_size
            yield _Found(status.st_atime_ns, status.st_size, path, status.st_ino)


def _files(folder: Path | str) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            yield from [entry.path for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return


def _blocks() -> Iterator[str]:
    for folder in _files(places.cached_blocks()):
        for film in _files(folder):
            yield from _files(film)


class _Number:
    """`evictions` tells everybody that files which they may have open are gone."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        match = _WRITTEN.fullmatch(os.pread(descriptor, 64, 0))
        if match is not None:
            self.value, self.evictions = map(int, match.groups())
        else:
            # Somebody removed it, or what is in it is no number.
            self.value, self.evictions = _Census().total, 0
            self.add(0)

    def add(self, size: int) -> None:
        self.value = max(self.value + size, 0)
        written = f"{self.value:018d} {self.evictions:018d}\n".encode()
        os.pwrite(self._descriptor, written, 0)


@contextmanager
def _number() -> Iterator[_Number]:
    with _locked("size") as descriptor:
        yield _Number(descriptor)


@contextmanager
def _locked(name: str) -> Iterator[int]:
    descriptor = _opened(places.cache() / name)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _opened(path: Path, how: int = 0) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | how
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, flags, 0o600)
