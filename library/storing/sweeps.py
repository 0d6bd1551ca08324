"""
Tidying up what nobody will come back for.

A file belongs to somebody as long as a row says so; files are made after their rows, and
removed after them. So the files are listed first, and a file whose row is missing after
that is an orphan: what a crash left between the two.
"""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

from django.db import transaction

from library import places, search
from library.catalogue import playlists, tags
from library.models import (
    Budget,
    IdempotencyKey,
    Piece,
    Revocation,
    ServerReport,
    Step,
    Stream,
    Upload,
    Video,
)
from library.storing import cached, shelf, trash

log = logging.getLogger(__name__)

_STAGING = re.compile(r"upl_[a-z0-9]+|anew_[0-9]+_[0-9]+(_[0-9]+)?")
# The last number is a rendition's quality.
_ANEW = re.compile(r"anew_([0-9]+)_([0-9]+)(?:_[0-9]+)?")
_VIDEO = re.compile(r"vid_[a-z0-9]+")
_PART = re.compile(r"\.(\d+)-(\d+)\.part")
_AT_ONCE = 500
_T = TypeVar("_T")


def overdue() -> None:
    """What has waited long enough: unfinished uploads, films in the trash, kept answers."""
    # Uploads know their own end.
    from library.uploads import expiry

    expiry.sweep()
    if trash.empty():
        tags.forget_unused()
        playlists.close_up()
        search.index.tidy()
    playlists.forget_deleted()
    IdempotencyKey.objects.expired().delete()
    Revocation.objects.outlived().delete()
    Budget.objects.outlived().delete()
    # Of processes that were killed: those that live remove their own.
    Stream.objects.silent().delete()
    ServerReport.objects.fold()


def orphans() -> None:
    """What a crash has left. Safe beside running steps, uploads and other workers."""
    staged = _folders(places.data() / "staging", _STAGING)
    _remove(staged, _needed_staging, "staged bytes")
    _remove(_folders(places.data() / "films", _VIDEO), _existing_films, "files of a film")
    _remove_parts([*places.shelf().glob(".*.part"), *places.data().glob("films/*/.*.part")])
    for cid in _unnamed_pieces():
        with transaction.atomic():
            # Asked once more under the lock: it may have found a film since.
            if shelf.let_go(cid):
                log.info("Swept piece %s, which no film has", cid)
    for some in _portions(cached.kept()):
        for cid in set(some) - cached.needed(some):
            # A viewer may have had it fetched while the film was being erased.
            if cached.let_go(cid):
                log.info("Swept the cached blocks of %s, which no film has", cid)


def _folders(parent: Path, name: re.Pattern[str]) -> list[Path]:
    if not parent.is_dir():
        return []
    return [path for path in parent.iterdir() if name.fullmatch(path.name)]


def _remove(folders: Iterable[Path], needed: Callable[[list[str]], set[str]], what: str) -> None:
    for some in _portions(folders):
        kept = needed([folder.name for folder in some])
        for folder in some:
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)
                log.info("Swept %s: %s", what, folder.name)


def _needed_staging(names: list[str]) -> set[str]:
    """Of uploads that go on, of films that are stored anew, and of those not yet verified."""
    # In this order: an upload that becomes a film between the two is seen as the one, or
    # as both, but never as neither.
    receiving = set(Upload.objects.receiving().filter(pk__in=names).values_list("pk", flat=True))
    receiving.update(name for name in names if _is_filled(_ANEW.fullmatch(name)))
    staged = Video.objects.filter(staging__in=names).values_list("staging", flat=True)
    return receiving.union(staged)


def _is_filled(match: re.Match[str] | None) -> bool:
    return match is not None and _is_running(match)


def _is_running(match: re.Match[str]) -> bool:
    """Whether the step and the lease that a name tells are at work."""
    step, lease = int(match[1]), int(match[2])
    return Step.objects.filter(pk=step, lease=lease, state=Step.State.RUNNING).exists()


def _existing_films(names: list[str]) -> set[str]:
    return set(Video.objects.filter(pk__in=names).values_list("pk", flat=True))


def _remove_parts(paths: Iterable[Path]) -> None:
    """Files in the making, of steps that nobody makes them for any more."""
    for path in paths:
        match = _PART.fullmatch(path.name)
        if match is not None and not _is_running(match):
            path.unlink(missing_ok=True)
            log.info("Swept an unfinished file: %s", path.name)


def _unnamed_pieces() -> Iterator[str]:
    shelved = (path.name for path in places.shelf().glob("??/bafkzcib*"))
    for some in _portions(shelved):
        named = Piece.objects.filter(piece_cid__in=some).values_list("piece_cid", flat=True)
        yield from set(some) - set(named)


def _portions(found: Iterable[_T]) -> Iterator[list[_T]]:
    """In lists of what one query takes."""
    rest = iter(found)
    while portion := list(islice(rest, _AT_ONCE)):
        yield portion
