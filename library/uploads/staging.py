"""
The staged bytes of one upload on disk: a file per piece, and the roots of their blocks.

Knows files and positions; never sees a row. Bytes past the acknowledged offset may be
there after a crash: they are overwritten, and cut off at the end.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from library import places

ROOT_SIZE = 32


@dataclass(frozen=True)
class Unsynced:
    """Open files, and perhaps a folder, whose contents may still be in memory only."""

    files: list[int]
    folder: Path | None


class Staging:
    """
    The files of an upload, open for writing in order. Close it when done.

    One thread writes; `flush` alone may run in another one meanwhile.
    """

    def __init__(self, upload_id: str, piece_size: int) -> None:
        self.upload_id, self.piece_size = upload_id, piece_size
        self._files: dict[Path, int] = {}
        self._unsynced: set[Path] = set()
        self._new_names = False
        self._current: Path | None = None

    def __enter__(self) -> Staging:
        places.make_folder(places.staging(self.upload_id))
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._files.values():
            os.close(descriptor)
        self._files.clear()

    def write(self, position: int, data: bytes | memoryview) -> None:
        """Write stored bytes that begin at `position` of the film, across piece borders."""
        rest = memoryview(data)
        while rest:
            index, start = divmod(position, self.piece_size)
            part = rest[: self.piece_size - start]
            self._current = places.staged_piece(self.upload_id, index)
            self._write(self._current, start, part)
            position, rest = position + len(part), rest[len(part) :]

    def write_roots(self, first: int, roots: bytes) -> None:
        """Write the roots of blocks `first` and following."""
        if roots:
            self._write(places.staged_roots(self.upload_id), first * ROOT_SIZE, memoryview(roots))

    def roots(self, count: int) -> bytes:
        """The first `count` roots that were written."""
        if count == 0:
            return b""
        with places.staged_roots(self.upload_id).open("rb") as file:
            return file.read(count * ROOT_SIZE)

    def sync(self) -> None:
        """Return when all that was written would survive a power cut."""
        self.flush(self.written())
        self.close_finished()

    def written(self) -> Unsynced:
        """What was written since the last call, for `flush`."""
        files = [self._files[path] for path in self._unsynced]
        folder = places.staging(self.upload_id) if self._new_names else None
        self._unsynced.clear()
        self._new_names = False
        return Unsynced(files, folder)

    @staticmethod
    def flush(unsynced: Unsynced) -> None:
        for descriptor in unsynced.files:
            os.fdatasync(descriptor)
        if unsynced.folder is not None:
            places.sync_folder(unsynced.folder)

    def close_finished(self) -> None:
        """Let go of pieces that are full and flushed; a long film has thousands."""
        for path in list(self._files):
            if path.name.isdecimal() and path != self._current and path not in self._unsynced:
                os.close(self._files.pop(path))

    def reaches_past(self, size: int) -> bool:
        """Whether there are bytes from `size` on: nobody was promised them."""
        last, rest = divmod(size, self.piece_size)
        for path in places.staging(self.upload_id).glob("[0-9]*"):
            if int(path.name) > last or (int(path.name) == last and path.stat().st_size > rest):
                return True
        return False

    def cut(self, size: int, roots: int) -> None:
        """Drop every byte from `size` on and all roots but the first `roots`: nobody was
        promised them."""
        path = places.staged_roots(self.upload_id)
        if path.exists():
            os.truncate(path, min(path.stat().st_size, roots * ROOT_SIZE))
        last, rest = divmod(size, self.piece_size)
        for path in places.staging(self.upload_id).glob("[0-9]*"):
            index = int(path.name)
            if index > last or (index == last and rest == 0):
                self._forget(path)
            elif index == last and path.stat().st_size > rest:
                os.truncate(path, rest)

    def _write(self, path: Path, start: int, data: memoryview) -> None:
        descriptor = self._files.get(path)
        if descriptor is None:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._files[path] = descriptor
            self._new_names = True
        self._unsynced.add(path)
        while data:
            written = os.pwrite(descriptor, data, start)
            start, data = start + written, data[written:]

    def _forget(self, path: Path) -> None:
        if (descriptor := self._files.pop(path, None)) is not None:
            os.close(descriptor)
        self._unsynced.discard(path)
        path.unlink(missing_ok=True)


def remove(upload_id: str) -> None:
    """Delete all staged bytes of an upload. Nothing happens if there are none."""
    shutil.rmtree(places.staging(upload_id), ignore_errors=True)
