"""
A download that is not whole yet: `PATH.part`, and beside it what it is a part of.

Only one process writes it, and it gets its final name when all of it is right.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from filmedia.client import words
from filmedia.client.errors import DiskFull, InTheWay
from filmedia.client.sums import Sums

_READ = 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT}
# What a file system says that knows no second name for a file.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}


@dataclass(frozen=True)
class Origin:
    """What a part is of. The ETag is that of the bytes which are in it."""

    library: str
    film: str
    sha256: str
    etag: str = ""

    def is_of_same_film(self, other: Origin) -> bool:
        return (self.library, self.film) == (other.library, other.film)


class Part:
    def __init__(self, target: Path, origin: Origin, file: IO[bytes], sums: Sums) -> None:
        self.target, self.origin, self.sums = target, origin, sums
        self.path, self._about = paths(target)
        self._file = file

    @property
    def position(self) -> int:
        return self._file.tell()

    def go_on(self, size: int, at: Callable[[int], object]) -> None:
        """Stand behind what an earlier try left, hashed; at the beginning if it is of no use."""
        kept = _read(self._about)
        if kept is None or kept.sha256 != self.origin.sha256 or not kept.etag:
            self.begin_anew()
            return
        self.origin = kept
        self._file.seek(0)
        while data := self._file.read(_READ):
            self.sums.update(data)
            at(self._file.tell())
        if self._file.tell() > size:
            self.begin_anew()

    def begin_anew(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self.sums.begin_anew()

    def is_of(self, etag: str) -> None:
        """Remember of which bytes it is, before the first of them is kept."""
        if etag != self.origin.etag or not self._about.exists():
            self.origin = Origin(**{**asdict(self.origin), "etag": etag})
            self._about.write_text(json.dumps(asdict(self.origin)), encoding="utf-8")

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self.sums.update(data)

    def finish(self, *, force: bool) -> None:
        """Give it its name, durably. Without `force` a file that is there meanwhile stays."""
        self._file.flush()
        os.fsync(self._file.fileno())
        if force:
            self.path.replace(self.target)
        else:
            _name(self.path, self.target)
        self._about.unlink(missing_ok=True)
        _sync_folder(self.target.parent)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        self._about.unlink(missing_ok=True)


def paths(target: Path) -> tuple[Path, Path]:
    return target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.part.json")


@contextmanager
def opened(target: Path, origin: Origin, size: int, sums: Sums, *, force: bool) -> Iterator[Part]:
    """The part of an earlier try, or a new one, as long as nobody else writes it."""
    path, about = paths(target)
    kept = _read(about)
    foreign = path.exists() and (kept is None or not kept.is_of_same_film(origin))
    if foreign and path.lstat().st_size and not force:
        raise InTheWay(
            f"{path} is in the way: it is not a part of this film. Move it away, or say --force."
        )
    _check_room(target.parent, size - (path.stat().st_size if path.exists() else 0))
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    with full_disk_is_told(path), os.fdopen(os.open(path, flags, 0o666), "r+b") as file:
        _lock(file, path)
        yield Part(target, origin, file, sums)


@contextmanager
def full_disk_is_told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise DiskFull(
            f"The disk is full. {path} is kept; make room, and the same command goes on."
        ) from error


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DiskFull(
            f"{folder} has {words.size(free)} free, and the film needs {words.size(needed)} more."
        )


def _lock(file: IO[bytes], path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever had the lock until now may have given the file its final name.
        is_ours = path.stat().st_ino == os.fstat(file.fileno()).st_ino
    except (BlockingIOError, FileNotFoundError):
        is_ours = False
    if not is_ours:
        raise InTheWay(f"Another download is writing {path}.")


def _read(about: Path) -> Origin | None:
    try:
        return Origin(**json.loads(about.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _name(path: Path, target: Path) -> None:
    """Rename, unless there is a file of that name: no rename can promise that, a link can."""
    try:
        os.link(path, target)
    except FileExistsError:
        raise exists(target) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if target.exists():
            raise exists(target) from None
        path.rename(target)
    else:
        path.unlink()


def exists(target: Path) -> InTheWay:
    return InTheWay(f"{target} is there already. It is left as it is; --force overwrites it.")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # Some network file systems have nothing to sync in a folder.
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
