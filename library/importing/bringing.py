"""
A file of this machine into the library, by the way that uploads take. It is only ever read.

The file's SHA-256 comes first: it tells whether the film is here already, whether an earlier
run got half-way, and, at the end, that what arrived is what was read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from library.errors import Refusal
from library.importing.folders import Found
from library.models import Upload, User, Video
from library.uploads import arrival, receiving

_READ = 1024 * 1024


class Became(StrEnum):
    RECEIVED = "received"
    THERE = "there"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True)
class Wish:
    """For whom, and what is said of each film."""

    owner: User
    visibility: str = ""
    collection: str = ""
    by_folder: bool = False

    def collection_of(self, file: Found) -> str:
        return file.folder if self.by_folder else self.collection


@dataclass(frozen=True)
class Brought:
    became: Became
    video: Video | None = None
    sha256: str = ""
    resumed_at: int = 0
    problem: str = ""


@dataclass(frozen=True)
class Watch:
    """How the one who asked follows a file; `go_on` raises where it should be left."""

    reading: Callable[[int], object] = lambda position: None
    sending: Callable[[int], object] = lambda position: None
    go_on: Callable[[], object] = lambda: None


class FileChanged(Refusal):
    code, title = "file-changed", "The file changed"


def digest(file: Found, watch: Watch) -> str:
    """Of all its bytes. Raises FileChanged where they are not as many as were found."""
    summed, position = hashlib.sha256(), 0
    with file.path.open("rb", buffering=0) as opened:
        while data := opened.read(_READ):
            watch.go_on()
            summed.update(data)
            position += len(data)
            watch.reading(position)
    if position != file.size:
        raise FileChanged(f"{file.path} changed while it was read. Run the import once more.")
    return summed.hexdigest()


def standing(owner: User, file: Found, sha256: str) -> Brought | None:
    """What has become of these bytes already; None for those that are still to come."""
    seen = Video.objects.visible_to(owner).filter(sha256=sha256, size=file.size)
    if there := seen.order_by("created_at").first():
        return Brought(Became.THERE, there, sha256)
    refused = owner.uploads.filter(declared_sha256=sha256, state=Upload.State.REFUSED)
    last = refused.exclude(problem=arrival.CHANGED).first()
    return Brought(Became.REFUSED, None, sha256, problem=last.problem) if last else None


def bring(wish: Wish, file: Found, sha256: str, watch: Watch) -> Brought:
    """
    Send the bytes, from where an earlier run got to. Raises Refusal or OSError; what has
    arrived by then stays, and the next run goes on from it.
    """
    upload = _begun_before(wish.owner, file, sha256) or receiving.begin(
        wish.owner,
        length=file.size,
        filename=_as_text(file.path.name),
        visibility=wish.visibility,
        sha256=sha256,
        collection=_as_text(wish.collection_of(file)),
    )
    resumed_at = upload.offset
    if upload.state == Upload.State.RECEIVING:
        upload = _send(upload, file, watch)
    if upload.state == Upload.State.REFUSED:
        if upload.problem == arrival.CHANGED:
            raise FileChanged(f"{file.path} changed while it was read. Run the import once more.")
        return Brought(Became.REFUSED, None, sha256, resumed_at, upload.problem)
    return Brought(Became.RECEIVED, upload.video, sha256, resumed_at)


def _begun_before(owner: User, file: Found, sha256: str) -> Upload | None:
    begun = owner.uploads.filter(state=Upload.State.RECEIVING, imported=None)
    return begun.filter(declared_sha256=sha256, length=file.size).order_by("-offset").first()


def _send(upload: Upload, file: Found, watch: Watch) -> Upload:
    if upload.is_complete:
        return receiving.finish(upload)
    with file.path.open("rb") as opened:
        opened.seek(upload.offset)
        source = _Watched(opened, watch)
        rest = file.size - upload.offset
        upload = receiving.receive(upload, source, offset=upload.offset, announced=rest)
    if upload.state == Upload.State.RECEIVING:
        raise FileChanged(f"{file.path} became shorter while it was read.")
    return upload


class _Watched:
    """A file as a `Source` of uploads."""

    def __init__(self, file: BinaryIO, watch: Watch) -> None:
        self._file, self._watch = file, watch

    def read(self, size: int, /) -> bytes:
        self._watch.go_on()
        data = self._file.read(size)
        self._watch.sending(self._file.tell())
        return data


def _as_text(name: str) -> str:
    """A name that is none in UTF-8 has its odd bytes replaced."""
    return name.encode("utf-8", "replace").decode()
