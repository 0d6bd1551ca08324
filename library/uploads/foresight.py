"""
What can be said of files before a byte of them is sent: whether they would be taken, and
whether they are here already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from library.errors import Refusal
from library.models import Upload, User, Video
from library.uploads import names, space


@dataclass(frozen=True)
class File:
    name: str
    size: int
    sha256: str = ""
    fingerprint: str = ""


@dataclass(frozen=True)
class Found:
    """
    `same` is a film that `owner` may see; `is_sure` where its bytes are known to be these,
    and not only its name and size. `waiting` is an upload that a file goes on with.
    """

    problem: str
    same: Video | None
    is_sure: bool
    waiting: Upload | None


def look(owner: User, files: Sequence[File]) -> list[Found]:
    """One answer for each file, in their order."""
    films = _candidates(owner, files)
    arriving = list(Upload.objects.writable_by(owner).receiving().exclude(fingerprint=""))
    room = space.available()
    found = []
    for file in files:
        problem = _problem(file, room)
        room -= 0 if problem else file.size
        same, is_sure = _same(file, films)
        found.append(Found(problem, same, is_sure, _waiting(file, arriving)))
    return found


def _candidates(owner: User, files: Sequence[File]) -> list[Video]:
    """Films of one of these sizes that also have the bytes, or the name, of one of the files."""
    alike = Q(sha256__in=[file.sha256 for file in files if file.sha256]) | Q(
        filename__in=[names.filename(file.name) for file in files if file.name]
    )
    sizes = {file.size for file in files if file.size}
    seen = Video.objects.visible_to(owner).filter(alike, size__in=sizes)
    return list(seen.order_by("created_at"))


def _same(file: File, films: list[Video]) -> tuple[Video | None, bool]:
    sized = [film for film in films if film.size == file.size]
    if file.sha256:
        return next((film for film in sized if film.sha256 == file.sha256), None), True
    named = names.filename(file.name)
    return next((film for film in sized if named and film.filename == named), None), False


def _waiting(file: File, arriving: list[Upload]) -> Upload | None:
    same = (one for one in arriving if file.fingerprint and one.fingerprint == file.fingerprint)
    return next(same, None)


def _problem(file: File, room: int) -> str:
    try:
        space.check_size(file.size)
    except Refusal as refusal:
        return refusal.detail
    if file.size > room:
        return f"The library has room for {max(room, 0):,} bytes more; this needs {file.size:,}."
    return ""
