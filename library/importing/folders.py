"""Which files of this machine are to be imported. Reads names and first bytes, changes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from library import places
from library.errors import Invalid
from library.storing import kinds


@dataclass(frozen=True)
class Found:
    """A file as it was when it was found. `folder` is the name of the one it lies in."""

    path: Path
    size: int
    modified_ns: int
    folder: str

    @classmethod
    def at(cls, path: Path) -> Found:
        state = path.stat()
        return cls(path, state.st_size, state.st_mtime_ns, path.resolve().parent.name)


def find(paths: Iterable[Path], *, any_file: bool = False) -> Iterator[Found]:
    """
    These files, and the films in these folders and those below, each once, by name.

    What is named itself is taken whatever it is; in folders what is no film by its first
    bytes is passed by, unless `any_file`. Raises Invalid for a path that is not there.
    """
    seen: set[Path] = set()
    for path in paths:
        for file in _files(path, any_file):
            real = file.resolve()
            if real not in seen:
                seen.add(real)
                yield Found.at(file)


def check(paths: Iterable[Path]) -> None:
    """Raises Invalid for the first that is not there, before anything is read."""
    for path in paths:
        if not path.is_file() and not path.is_dir():
            what = "is neither a file nor a folder" if path.exists() else "is not there"
            raise Invalid(f"{path} {what}.")


def _files(path: Path, any_file: bool) -> Iterator[Path]:
    check([path])
    if path.is_file():
        yield path
        return
    for where, folders, names in os.walk(path, onerror=_unreadable):
        # Changed in place: this is where the walk goes on. Our own data is nobody's films.
        folders[:] = sorted(name for name in folders if not _is_left_out(Path(where, name)))
        for name in sorted(names):
            file = Path(where, name)
            if not name.startswith(".") and file.is_file() and (any_file or _is_film(file)):
                yield file


def _is_left_out(folder: Path) -> bool:
    return folder.name.startswith(".") or folder.resolve() == places.data().resolve()


def _is_film(path: Path) -> bool:
    """By its first bytes alone; one that cannot be read is told of when its turn comes."""
    try:
        with path.open("rb") as file:
            return kinds.refusal(file.read(kinds.HEAD)) is None
    except OSError:
        return True


def _unreadable(error: OSError) -> None:
    raise Invalid(f"{error.filename} cannot be read: {error.strerror}.")
