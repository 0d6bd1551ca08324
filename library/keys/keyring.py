"""
Which library keys there are, and where they lie.

The current one wraps new film keys: it is given by FILMEDIA_LIBRARY_KEY, or lies in the
data folder, where it is made when it is first needed. Previous ones only open what they
wrapped. Nothing is remembered between two questions, so that a key that was put in place
by a command is known to every running process at once.
"""

from __future__ import annotations

import os
import secrets
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from library import places
from library.errors import KeyUnavailable
from library.keys.wrapping import LibraryKey
from library.models import FilmKey

GIVEN = "FILMEDIA_LIBRARY_KEY"


def current() -> LibraryKey:
    """
    The library key that wraps new film keys, made now if this library has never had one.

    Raises KeyUnavailable where films are encrypted already and the key is not there: a
    new one could open none of them.
    """
    key = _current()
    if key is None:
        if FilmKey.objects.exists():
            raise KeyUnavailable(
                f"The library key is missing: it is not in {places.library_key()}. Films are "
                "encrypted with it already, so no new one is made."
            )
        _make(places.library_key())
        key = _current()
    elif _opens_nothing():
        raise KeyUnavailable(
            "The library key is not the one that films are encrypted with: none of their keys "
            "can be opened. Nothing is encrypted with it, so that putting the right one back "
            "mends everything."
        )
    assert key is not None
    return key


def find(id: str) -> LibraryKey:
    """The library key of that id, the current or a previous one. Raises KeyUnavailable."""
    for key in _candidates(id):
        if key.id == id:
            return key
    raise KeyUnavailable(f"The library key {id} is missing.")


def known() -> list[LibraryKey]:
    """All library keys that can be found, the current one first, each once."""
    keys = [_current(), *_given_previous(), *map(_read, _previous_files())]
    return list(dict.fromkeys(key for key in keys if key is not None))


def key_file() -> Path | None:
    """The file of the current key; None where the key is given by the environment."""
    return None if settings.FILMEDIA_LIBRARY_KEY else places.library_key()


def replace(new: LibraryKey) -> None:
    """
    Make `new` the current key. The one before is kept among the previous ones first, so
    that at every moment each key that wraps anything is on disk.
    """
    path = key_file()
    if path is None:
        raise KeyUnavailable(f"The library key is given by {GIVEN}: it is replaced there.")
    before = _current()
    if before is not None:
        _keep(places.previous_library_keys() / before.id, before.text)
    _keep(path, new.text)


def _opens_nothing() -> bool:
    """Whether there are film keys, and all of them are wrapped by keys that are not here."""
    if not FilmKey.objects.exists():
        return False
    return not FilmKey.objects.filter(library_key__in=[key.id for key in known()]).exists()


def _current() -> LibraryKey | None:
    if settings.FILMEDIA_LIBRARY_KEY:
        return _key(settings.FILMEDIA_LIBRARY_KEY)
    return _read(places.library_key())


def _candidates(id: str) -> list[LibraryKey]:
    keys = [_current(), *_given_previous()]
    path = places.previous_library_keys() / id
    if id.isalnum() and path.is_file():
        keys.append(_read(path))
    return [key for key in keys if key is not None]


def _given_previous() -> list[LibraryKey]:
    return [_key(text) for text in settings.FILMEDIA_LIBRARY_KEY_PREVIOUS]


def _previous_files() -> list[Path]:
    folder = places.previous_library_keys()
    return sorted(path for path in folder.glob("[0-9a-f]*") if path.name.isalnum())


def _read(path: Path) -> LibraryKey | None:
    """None where there is no such file."""
    try:
        text = path.read_text().strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise KeyUnavailable(f"The library key in {path} cannot be read: {error}.") from None
    try:
        return _key(text)
    except ValueError:
        raise KeyUnavailable(
            f"The library key in {path} is damaged: it is too short to be one."
        ) from None


# Finding a key's id takes longer than reading its file.
@lru_cache(maxsize=32)
def _key(text: str) -> LibraryKey:
    return LibraryKey(text)


def _make(path: Path) -> None:
    draft = _draft(path, secrets.token_hex(32))
    # Server and worker may both be starting for the first time: a link refuses to
    # replace, so whoever comes second takes the first one's key.
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    places.sync_folder(path.parent)


def _keep(path: Path, text: str) -> None:
    """Have `text` at `path`, readable by its owner alone; the old or the new, never less."""
    _draft(path, text).replace(path)
    places.sync_folder(path.parent)


def _draft(path: Path, text: str) -> Path:
    places.make_folder(path.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return draft
