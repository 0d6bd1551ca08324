"""The files that a person wants to upload: which ones, how they are known again, their bytes."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from filmedia.client.errors import BadArguments, FileChanged

NAME_LIMIT = 150
_READ = 1024 * 1024
_SAMPLE = re.compile("~[0-9a-f]+$")
_LONE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class LocalFile:
    """A file as it was when it was chosen."""

    path: Path
    size: int
    modified_ns: int

    @classmethod
    def at(cls, path: Path) -> LocalFile:
        found = path.stat()
        return cls(path, found.st_size, found.st_mtime_ns)

    @property
    def name(self) -> str:
        """As text that can be sent: a name that is none in UTF-8 has its odd bytes replaced."""
        return _LONE.sub("\ufffd", self.path.name)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.name, self.size, self.modified_ns // 1_000_000)


def fingerprint(name: str, size: int, modified_ms: int) -> str:
    """
    How a file is known again. static/js/matching.js makes the same, so that a browser can go
    on with what this client began, and the other way round.
    """
    written = quote(_LONE.sub("\ufffd", name), safe="-_.!~*'()")
    return f"{size}-{modified_ms}-{written[:NAME_LIMIT]}"


def same_file(one: str, other: str) -> bool:
    """
    Whether two fingerprints are of one file. A browser writes behind a tilde what it read of
    the bytes; we look at all of them while we send, so that what is before it is enough.
    """
    return bool(one) and _SAMPLE.sub("", one) == _SAMPLE.sub("", other)


def chosen(paths: Iterable[Path]) -> list[LocalFile]:
    """
    These files, and those in these folders, each once. Hidden ones are left out of folders.

    BadArguments names a path that is not there, before anything is sent.
    """
    found: dict[Path, LocalFile] = {}
    for path in paths:
        for file in _files(path):
            found.setdefault(file.resolve(), _readable(file))
    if not found:
        raise BadArguments("There are no files to upload here.")
    return list(found.values())


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        yield from _inside(path)
    elif path.exists():
        raise BadArguments(f"{path} is neither a file nor a folder.")
    else:
        raise BadArguments(f"{path} is not there.")


def _inside(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder, onerror=_unreadable):
        # Changed in place: this is where the walk goes on.
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(where, name)
            if not name.startswith(".") and file.is_file():
                yield file


def _readable(path: Path) -> LocalFile:
    if not os.access(path, os.R_OK):
        raise BadArguments(f"{path} cannot be read: you have no permission.")
    return LocalFile.at(path)


def _unreadable(error: OSError) -> None:
    raise BadArguments(f"{error.filename} cannot be read: {error.strerror}.")


class Source:
    """The bytes of a file while it is sent, and the SHA-256 of those that have arrived."""

    def __init__(self, file: LocalFile) -> None:
        self.file = file
        try:
            self._open = file.path.open("rb", buffering=0)
        except OSError as error:
            raise FileChanged(f"{file.path} cannot be read: {error.strerror}.") from error
        self._start()

    def _start(self) -> None:
        self._hash, self._hashed = hashlib.sha256(), 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def chunk(self, offset: int, size: int) -> bytes:
        """Exactly the bytes there, up to the file's end. FileChanged where it is another now."""
        wanted = min(size, self.file.size - offset)
        data = self._read(offset, wanted)
        self._make_sure()
        if len(data) != wanted:
            raise self._changed()
        return data

    def sha256_up_to(self, offset: int) -> Iterator[int]:
        """Hash what is not hashed yet, telling now and then how far that is."""
        if offset < self._hashed:
            self._start()
        while self._hashed < offset:
            data = self._read(self._hashed, min(_READ, offset - self._hashed))
            if not data:
                raise self._changed()
            self._hash.update(data)
            self._hashed += len(data)
            yield self._hashed

    @property
    def hashed(self) -> int:
        return self._hashed

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def _read(self, offset: int, size: int) -> bytes:
        data = bytearray()
        try:
            self._open.seek(offset)
            while len(data) < size and (portion := self._open.read(size - len(data))):
                data += portion
        except OSError as error:
            raise FileChanged(f"{self.file.path} cannot be read: {error.strerror}.") from error
        return bytes(data)

    def _make_sure(self) -> None:
        try:
            same = LocalFile.at(self.file.path) == self.file
        except OSError:
            same = False
        if not same:
            raise self._changed()

    def _changed(self) -> FileChanged:
        return FileChanged(
            f"{self.file.path} changed while it was being sent. What the library has of it is "
            "of no use; the same command uploads it as it is now."
        )
