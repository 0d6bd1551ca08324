"""
A library from its recovery kit and its pieces.

Each film comes in as an upload does: its pieces are copied into staging, compared with
their PieceCIDs while they are, and only then a film's rows are written, in one
transaction. After that the ordinary steps go on with it: check, store, verify. So what a
crash interrupts is an unfinished upload, and the same command brings what is missing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from filmedia.filecoin import piece as pieces
from filmedia.filecoin.piece import MIN_PIECE_SIZE, PieceCid, PieceHasher
from library import encryption, events, search
from library.errors import Refusal
from library.keys import films, keyring, startup
from library.keys.kit import FACTS, BadKit, Kit, key_of
from library.keys.wrapping import LibraryKey
from library.models import Piece, RecoveryKit, Step, Upload, User, Video
from library.storing import steps
from library.uploads import receiving, space
from library.uploads.staging import Staging

READ_SIZE = 4 * pieces.BLOCK_SIZE


class LeftOut(Exception):
    """Why a film was not restored, as a sentence."""


@dataclass
class Restored:
    """Titles by what became of them; a film that was left out comes with the reason."""

    brought: list[str] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Copied:
    """What was read, while it was copied: the roots of all blocks, and the film's SHA-256."""

    roots: bytes
    sha256: str


def install(key: LibraryKey) -> None:
    """
    Make the printed key one of this library's own.

    Raises BadKit where another key is in use, or is given by the environment.
    """
    if any(known.id == key.id for known in keyring.known()):
        return
    if startup.wrapped_by():
        raise BadKit(
            "This library has a key of its own that films are encrypted with. Restore into an "
            f"empty one, or give the printed key in {keyring.GIVEN}_PREVIOUS."
        )
    if keyring.key_file() is None:
        raise BadKit(
            f"{keyring.GIVEN} is another key than the printed one. Set it to the printed key, "
            "or leave it out."
        )
    keyring.replace(key)


def restore(
    kit: Kit, folder: Path, owner: User, report: Callable[[str], None] = lambda title: None
) -> Restored:
    """
    Bring every film of the kit whose pieces lie below `folder`, under names that are their
    PieceCIDs. Films of people who have no account here become `owner`'s.
    """
    found = _pieces_below(folder)
    restored = Restored()
    # Their keys are in this kit, from here on as before.
    told = {"library_key": kit.library_key, "films": kit.keys}
    RecoveryKit.objects.get_or_create(made_at=kit.made_at, defaults=told)
    for film in kit.films:
        report(film["title"])
        if Video.objects.filter(pk=film["id"]).exists():
            restored.there.append(film["title"])
            continue
        try:
            _bring(film, found, owner)
        except (LeftOut, Refusal, OSError) as error:
            restored.left_out.append((film["title"], str(error)))
        else:
            restored.brought.append(film["title"])
    return restored


def _bring(film: dict[str, Any], found: dict[str, list[Path]], owner: User) -> None:
    for index, _, _, cid in film["pieces"]:
        if cid not in found:
            raise LeftOut(f"Piece {index} ({cid}) is not there.")
    upload = _begin(film, User.objects.filter(username=film["owner"]).first() or owner)
    try:
        with Staging(upload.pk, upload.piece_size) as staging:
            copied = _copy(film, found, staging)
            staging.write_roots(0, copied.roots)
            staging.sync()
        _make_sure(film, copied)
        _complete(film, upload)
    except BaseException:
        receiving.cancel(upload)
        raise


def _begin(film: dict[str, Any], owner: User) -> Upload:
    """An upload, so that its staged bytes are somebody's and their room is set aside."""
    key = key_of(film)
    with transaction.atomic():
        space.claim(film["size"])
        return Upload.objects.create(
            owner=owner,
            title=film["title"],
            filename=film["filename"],
            visibility=film["visibility"],
            encrypted=key is not None,
            key=films.keep(key, datetime.fromisoformat(film["created_at"])) if key else None,
            length=film["size"],
            reserved=film["size"],
            piece_size=film["pieces"][0][2] if len(film["pieces"]) > 1 else settings.PIECE_SIZE,
        )


def _copy(film: dict[str, Any], found: dict[str, list[Path]], staging: Staging) -> Copied:
    turn = encryption.Turning(key) if (key := key_of(film)) else None
    sha256, roots = hashlib.sha256(), bytearray()
    for index, offset, size, cid in film["pieces"]:
        path = _right_one(found[cid], cid)
        hasher = PieceHasher()
        position = offset
        for portion in _portions(path, size):
            staging.write(position, portion)
            hasher.update(portion)
            sha256.update(turn(portion, position) if turn else portion)
            position += len(portion)
        roots += pieces.complete_block_roots(hasher.take_block_roots(), hasher.tail())
        hasher.update(bytes(max(MIN_PIECE_SIZE - size, 0)))
        if str(hasher.finish()) != cid:
            raise LeftOut(f"Piece {index} ({cid}) is not what its name says.")
    return Copied(bytes(roots), sha256.hexdigest())


def _make_sure(film: dict[str, Any], copied: Copied) -> None:
    if not pieces.block_roots_match(copied.roots, PieceCid.parse(film["piece_cid"])):
        raise LeftOut("Its pieces are right one by one, but together they are not this film.")
    if copied.sha256 != film["sha256"]:
        raise LeftOut("Its key does not make this film of its pieces.")


def _complete(film: dict[str, Any], upload: Upload) -> None:
    with transaction.atomic():
        key_id = upload.key_id
        ended = Upload.objects.receiving().filter(pk=upload.pk)
        if not ended.update(
            state=Upload.State.RECEIVED, offset=film["size"], key=None, updated_at=timezone.now()
        ):
            raise LeftOut("It was cancelled while it was restored.")
        video = Video.objects.create(
            owner_id=upload.owner_id,
            key_id=key_id,
            staging=upload.pk,
            created_at=datetime.fromisoformat(film["created_at"]),
            trashed_at=film["trashed_at"] and datetime.fromisoformat(film["trashed_at"]),
            **{name: film[name] for name in _GIVEN},
        )
        Piece.objects.bulk_create(
            Piece(video=video, index=index, offset=offset, size=size, piece_cid=cid)
            for index, offset, size, cid in film["pieces"]
        )
        search.index.words([video.pk])
        Upload.objects.filter(pk=upload.pk).update(video=video)
        # A plain file was accepted once; whether it is a film is not asked again.
        is_file = video.kind == Video.Kind.FILE
        steps.enqueue(video, Step.Kind.STORE if is_file else Step.Kind.CHECK)
        events.record("video.recovered", video=video, upload=upload, size=video.size)


_GIVEN = (
    *("id", "title", "description", "filename", "visibility", "size", "sha256", "piece_cid"),
    *FACTS,
)


def _pieces_below(folder: Path) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            if name.startswith("bafkzcib"):
                found.setdefault(name, []).append(Path(parent, name))
    return found


def _right_one(paths: list[Path], cid: str) -> Path:
    """The first of these files that is the piece; the last where none is."""
    *others, last = paths
    for path in others:
        hasher = PieceHasher()
        for portion in _portions(path, path.stat().st_size):
            hasher.update(portion)
        if str(hasher.finish()) == cid:
            return path
    # Compared while it is copied, as any is.
    return last


def _portions(path: Path, size: int) -> Iterator[memoryview]:
    """The first `size` bytes of a file: a short piece is kept with zeros behind it."""
    buffer = bytearray(READ_SIZE)
    with path.open("rb", buffering=0) as file:
        while size and (count := file.readinto(memoryview(buffer)[: min(size, READ_SIZE)])):
            yield memoryview(buffer)[:count]
            size -= count
