"""
Films from the library onto a disk, verified while they are read.

A block that is wrong is never written, and a file gets its name only when all of it is
right and durable. Until then it is a `.part`, from which the next try goes on.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO

from django.db.models import Q

from filmedia.filecoin.piece import BLOCK_SIZE
from library import encryption, places
from library.keys import films
from library.models import FilmKey, Video
from streaming.doors import bodies
from streaming.errors import DownloadFailed, InTheWay, Stopped, WrongBytes
from streaming.http import filenames
from streaming.reading.blocks import BlockReader, roots_of
from streaming.reading.layouts import Layout

_READ = 1024 * 1024


@dataclass(frozen=True)
class Download:
    """A film, where its bytes are, and the file that it shall be."""

    video: Video
    key: FilmKey | None
    layout: Layout
    target: Path
    # Where the target's name is another film's already.
    otherwise: Path


@dataclass(frozen=True)
class Watch:
    """How the one who asked follows a download, and ends it early."""

    report: Callable[[int], None] = lambda count: None
    stop: Callable[[], bool] = lambda: False


def find(names: Iterable[str]) -> list[Video]:
    """The films with these ids or PieceCIDs, each once. DownloadFailed names what is none."""
    films: dict[str, Video] = {}
    for name in names:
        named = Q(pk=name) | Q(piece_cid=name)
        video = Video.objects.filter(named, trashed_at=None).order_by("created_at").first()
        if video is None:
            raise DownloadFailed(f"No film of this library has the id or PieceCID {name!r}.")
        films[video.pk] = video
    return list(films.values())


def plan(videos: Iterable[Video], folder: Path) -> list[Download]:
    """Give each film a file of its own in `folder`. Reads rows; the rest can run anywhere."""
    taken: set[str] = set()
    downloads = []
    for video in videos:
        name = filenames.on_disk(video)
        own = _with_id(name, video)
        target = own if name.casefold() in taken else name
        taken.add(target.casefold())
        where = bodies.layout(video)
        downloads.append(Download(video, video.key, where, folder / target, folder / own))
    return downloads


def fetch(download: Download, watch: Watch | None = None) -> Path:
    """
    Have the film on disk and return its file; one that is there already is left alone.

    `watch.report` is told of bytes that are verified, those of an earlier try included.
    """
    watch = watch or Watch()
    for target in dict.fromkeys([download.target, download.otherwise]):
        if not target.exists():
            return _fetch(download, target, watch)
        if _is_film(target, download.video, watch):
            return target
    raise InTheWay(f"{download.otherwise} is in the way: it is not this film.")


def _fetch(download: Download, target: Path, watch: Watch) -> Path:
    video = download.video
    part = target.with_name(f"{target.name}.part")
    key = films.opened(download.key) if download.key else None
    roots = roots_of(video, download.layout)
    with _alone(part) as file, BlockReader(download.layout, video.size, roots) as blocks:
        sha256 = hashlib.sha256()
        begin = _kept(file, video, key, blocks, sha256.update, watch)
        for index in range(begin, len(blocks)):
            _stop_if_asked(watch)
            data = encryption.turn(key, blocks.read(index), index * BLOCK_SIZE)
            file.write(data)
            sha256.update(data)
            watch.report(len(data))
        file.flush()
        if sha256.hexdigest() != video.sha256:
            # Each block is what was stored, so it was not this film that was stored.
            part.unlink()
            raise WrongBytes("The SHA-256 of the whole film", [])
        os.fsync(file.fileno())
        part.replace(target)
    places.sync_folder(target.parent)
    return target


def _kept(
    file: BinaryIO,
    video: Video,
    key: encryption.Key | None,
    blocks: BlockReader,
    hash: Callable[..., None],
    watch: Watch,
) -> int:
    """How many blocks of an earlier try are right; what follows them is cut off."""
    index = 0
    while index < len(blocks):
        _stop_if_asked(watch)
        position = index * BLOCK_SIZE
        wanted = min(BLOCK_SIZE, video.size - position)
        data = file.read(wanted)
        stored = encryption.turn(key, data, position)
        if len(data) < wanted or not blocks.is_right(index, bytes(stored)):
            break
        hash(data)
        watch.report(len(data))
        index += 1
    end = min(index * BLOCK_SIZE, video.size)
    file.truncate(end)
    file.seek(end)
    return index


def _is_film(path: Path, video: Video, watch: Watch) -> bool:
    """Whether this file is the film already."""
    if not path.is_file() or path.stat().st_size != video.size:
        return False
    sha256 = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(_READ):
            _stop_if_asked(watch)
            sha256.update(data)
    if sha256.hexdigest() != video.sha256:
        return False
    watch.report(video.size)
    return True


@contextmanager
def _alone(part: Path) -> Iterator[BinaryIO]:
    """The file of an earlier try, or a new one, as long as nobody else writes it."""
    part.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    with os.fdopen(descriptor, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever had the lock until now may have given the file its final name.
            is_ours = part.stat().st_ino == os.fstat(descriptor).st_ino
        except (BlockingIOError, FileNotFoundError):
            is_ours = False
        if not is_ours:
            raise InTheWay(f"Another download is writing {part}.")
        yield file


def _stop_if_asked(watch: Watch) -> None:
    if watch.stop():
        raise Stopped


def _with_id(name: str, video: Video) -> str:
    path = PurePath(name)
    return f"{path.stem} {video.pk}{path.suffix}"
