"""
The recovery kit: one half to print, the library key, and one half to save, the keys and
descriptions of all films, sealed under it. Neither half opens anything alone.

With both, and the pieces from wherever they are kept, the library can be built again.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.template import Context, Template
from django.utils import timezone

from library import encryption, places
from library.errors import Refusal
from library.keys import films, keyring, printed
from library.keys.wrapping import Damaged, LibraryKey
from library.models import FilmKey, Piece, RecoveryKit, Video

FORMAT, VERSION = "filmedia recovery kit", 1
# Not a page of the site: a file that stands alone, with its style inside.
_PAGE = Path(__file__).with_name("recovery_kit.html")
_GROUP = re.compile(r"<code[^>]*>([^<]+)</code>")
_PURPOSE = "recovery kit"
_WORDS = ("id", "title", "description", "filename", "visibility", "size", "sha256", "piece_cid")
FACTS = (
    "kind",
    "media_type",
    "container",
    "duration",
    "width",
    "height",
    "frame_rate",
    "streams",
)


class BadKit(Refusal):
    """The text is a sentence for the operator."""

    code, title = "bad-kit", "This recovery kit cannot be used"


@dataclass(frozen=True)
class Kit:
    """What is in a kit. `films` are as `_film` spells them."""

    made_at: datetime
    library_key: str
    films: list[dict[str, Any]]

    @property
    def keys(self) -> int:
        return sum(film["key"] is not None for film in self.films)


@dataclass(frozen=True)
class Made:
    to_print: Path
    to_save: Path
    kit: Kit


def make(folder: Path) -> Made:
    """
    Write both halves into `folder`, read them back, and remember that there is a kit.

    Raises KeyUnavailable where a film's key cannot be opened, and BadKit where what was
    read back is not what was written: then the files are removed again.
    """
    key = keyring.current()
    now = timezone.now()
    kit = Kit(now, key.id, list(_films()))
    name = f"filmedia-{now:%Y-%m-%d-%H%M%S}-{key.id[:8]}"
    to_print, to_save = folder / f"{name}-print.html", folder / f"{name}-save.kit"
    places.make_folder(folder)
    written: list[Path] = []
    try:
        for path, data in (
            (to_save, _sealed(kit, key)),
            (to_print, _page(kit, key, to_save.name).encode()),
        ):
            _write(path, data)
            written.append(path)
        places.sync_folder(folder)
        _check(kit, to_print, to_save)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    RecoveryKit.objects.create(made_at=now, library_key=key.id, films=kit.keys)
    return Made(to_print, to_save, kit)


def read(path: Path, key: LibraryKey) -> Kit:
    """What is in the saved half. Raises BadKit."""
    head = header(path)
    if head["library_key"] != key.id:
        raise BadKit(
            f"This kit is opened by the library key {head['library_key']}, and the key given is "
            f"{key.id}. Is a group missing, or is it the printed page of another kit?"
        )
    try:
        payload = key.unseal(_PURPOSE, b64decode(head["sealed"], validate=True))
        inside = json.loads(zlib.decompress(payload))
    except (Damaged, ValueError, zlib.error):
        raise BadKit(f"{path} is damaged: it was not written like this.") from None
    return Kit(datetime.fromisoformat(inside["made_at"]), key.id, inside["films"])


def header(path: Path) -> dict[str, Any]:
    """What the saved half says of itself without a key. Raises BadKit."""
    try:
        head = json.loads(path.read_bytes())
        known = head["format"] == FORMAT and isinstance(head["sealed"], str)
        version = head["version"]
    except OSError as error:
        raise BadKit(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError):
        known, version = False, None
    if not known:
        raise BadKit(f"{path} is not the saved half of a recovery kit, or is damaged.")
    if version != VERSION:
        raise BadKit(f"{path} was made by another version of filmedia.")
    return dict(head)


def key_of(film: dict[str, Any]) -> encryption.Key | None:
    """The key of one of a kit's films, None for one that is stored open."""
    if film["key"] is None:
        return None
    parts = tuple((start, epoch) for start, epoch in film["key"]["parts"])
    return encryption.Key(bytes.fromhex(film["key"]["secret"]), parts)


def missing_keys() -> int:
    """How many films got their key after the last kit was made, or were still arriving then."""
    last = RecoveryKit.objects.first()
    keys = FilmKey.objects.exclude(video=None)
    if last is not None:
        at = last.made_at
        keys = keys.filter(Q(created_at__gt=at) | Q(video__created_at__gt=at))
    return keys.count()


def _films() -> Iterator[dict[str, Any]]:
    """Every film whose bytes are all here; also in the trash, from where it may come back."""
    with transaction.atomic():
        pieces: dict[str, list[list[Any]]] = {}
        rows = Piece.objects.order_by("video", "index")
        for video_id, *piece in rows.values_list("video", "index", "offset", "size", "piece_cid"):
            pieces.setdefault(video_id, []).append(piece)
        # Renditions are left out: they can be made anew of what comes back.
        originals = Video.objects.filter(rendition_of=None)
        videos = originals.select_related("owner", "key").order_by("created_at", "pk")
        for video in videos:
            yield _film(video, pieces.get(video.pk, []))


def _film(video: Video, pieces: list[list[Any]]) -> dict[str, Any]:
    key = films.of(video)
    return {
        **{name: getattr(video, name) for name in (*_WORDS, *FACTS)},
        "owner": video.owner.get_username(),
        "created_at": video.created_at.isoformat(),
        "trashed_at": video.trashed_at and video.trashed_at.isoformat(),
        "pieces": pieces,
        "key": key and {"secret": key.secret.hex(), "parts": [list(part) for part in key.parts]},
    }


def _sealed(kit: Kit, key: LibraryKey) -> bytes:
    inside = {"made_at": kit.made_at.isoformat(), "films": kit.films}
    payload = key.seal(_PURPOSE, zlib.compress(json.dumps(inside).encode()))
    head = {
        "format": FORMAT,
        "version": VERSION,
        "library_key": key.id,
        "made_at": kit.made_at.isoformat(),
        "films": len(kit.films),
        "keys": kit.keys,
        "sealed": b64encode(payload).decode(),
    }
    return json.dumps(head, indent=1).encode() + b"\n"


def _page(kit: Kit, key: LibraryKey, saved: str) -> str:
    *groups, check = printed.spelled(key)
    context = {"kit": kit, "groups": groups, "check": check, "saved": saved}
    return Template(_PAGE.read_text()).render(Context(context))


def _check(kit: Kit, to_print: Path, to_save: Path) -> None:
    """Open what lies on the disk as somebody would who has nothing else."""
    shown = to_print.read_text().partition('<p id="key">')[2].partition("</p>")[0]
    groups = [unescape(group) for group in _GROUP.findall(shown)]
    again = read(to_save, printed.read(" ".join(groups)))
    if again != kit:
        raise BadKit("What was read back from the disk is not what was written to it.")
    for film in again.films:
        key_of(film)


def _write(path: Path, data: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BadKit(f"{path} is there already, and is not replaced.") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
