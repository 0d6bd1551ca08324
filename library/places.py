"""
Which file holds what, under the data folder.

    secrets/filmedia_library_key   keeps the keys of films, where it is not given otherwise
    secrets/previous_library_keys/<id>
    secrets/filecoin_session_key   signs for the owner's account, where no other is given
    staging/<upload id>/000000     pieces as they arrive      (stored bytes)
    staging/<upload id>/roots      the roots of their blocks  (32 bytes each)
    pieces/<..>/<PieceCID>         the `local` network's pieces
    films/<video id>/roots         a stored film's block roots
    films/<video id>/poster.jpg    (sealed where the film is encrypted)
    films/<video id>/storyboard.jpg  (the same)
    cache/blocks/<..>/<film's PieceCID>/<index>  blocks from elsewhere (stored bytes)

Names are made from our own ids and from PieceCIDs, never from anything a person typed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from django.conf import settings

_OURS = re.compile(r"[a-z0-9_]{1,100}")


def _safe(name: str) -> str:
    if not _OURS.fullmatch(name):
        raise ValueError(f"{name!r} is not a name that filmedia makes.")
    return name


def data() -> Path:
    return Path(settings.FILMEDIA_DATA)


def library_key() -> Path:
    return data() / "secrets" / "filmedia_library_key"


def previous_library_keys() -> Path:
    return data() / "secrets" / "previous_library_keys"


def session_key() -> Path:
    return data() / "secrets" / "filecoin_session_key"


def staging(upload_id: str) -> Path:
    return data() / "staging" / _safe(upload_id)


def staged_piece(upload_id: str, index: int) -> Path:
    return staging(upload_id) / f"{index:06d}"


def staged_roots(upload_id: str) -> Path:
    return staging(upload_id) / "roots"


def shelf() -> Path:
    return data() / "pieces"


def shelved_piece(piece_cid: str) -> Path:
    # PieceCIDs share their first characters; the last ones spread over the folders.
    return shelf() / _safe(piece_cid)[-2:] / piece_cid


def film(video_id: str) -> Path:
    return data() / "films" / _safe(video_id)


def roots(video_id: str) -> Path:
    return film(video_id) / "roots"


def poster(video_id: str) -> Path:
    return film(video_id) / "poster.jpg"


def storyboard(video_id: str) -> Path:
    return film(video_id) / "storyboard.jpg"


def cache() -> Path:
    return data() / "cache"


def cached_blocks() -> Path:
    return cache() / "blocks"


def cached_film(film_cid: str) -> Path:
    return cached_blocks() / _safe(film_cid)[-2:] / film_cid


def cached_block(film_cid: str, index: int) -> Path:
    return cached_film(film_cid) / str(index)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power cut; syncing a file does not do that."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> Path:
    """Make `folder` and its parents, durably. Nothing happens if it is there."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)
    return folder
