"""
The key of a film: made when its upload begins, opened where its bytes are needed.

Closed by default: a film whose key cannot be opened gives nothing, and its stored bytes
are never taken for the film's.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import connection, transaction

from library import encryption
from library.errors import KeyUnavailable
from library.keys import keyring
from library.keys.wrapping import Damaged
from library.models import FilmKey, Upload, Video

log = logging.getLogger(__name__)


def make() -> FilmKey:
    """
    A new key for a film, wrapped but not saved. Raises KeyUnavailable.

    Save it in the transaction that gives it to its upload or film: keys that nobody has
    are swept away.
    """
    library_key = keyring.current()
    key = FilmKey(library_key=library_key.id)
    key.wrapped = library_key.wrap(key.id, encryption.new_secret())
    return key


def create() -> FilmKey:
    """A new key, wrapped and saved. Raises KeyUnavailable."""
    key = make()
    key.save(force_insert=True)
    return key


def keep(opened: encryption.Key, since: datetime | None = None) -> FilmKey:
    """A key that is there already, since then or since now, wrapped and saved."""
    library_key = keyring.current()
    key = FilmKey(library_key=library_key.id, parts=[list(part) for part in opened.parts])
    key.created_at = since or key.created_at
    key.wrapped = library_key.wrap(key.id, opened.secret)
    key.save(force_insert=True)
    return key


def of(holder: Video | Upload) -> encryption.Key | None:
    """The key of a film or an upload; None for one that is stored open."""
    return None if holder.key is None else opened(holder.key)


def opened(key: FilmKey) -> encryption.Key:
    """Raises KeyUnavailable, with a sentence that anybody may read."""
    try:
        secret = keyring.find(key.library_key).unwrap(key.id, bytes(key.wrapped))
        return encryption.Key(secret, tuple((start, epoch) for start, epoch in key.parts))
    except KeyUnavailable as error:
        log.error("Film key %s stays closed: %s", key.id, error.detail)
        raise KeyUnavailable(
            "This film is encrypted, and the library key that opens it is missing. Nothing is "
            "lost: whoever runs the library can put the key back."
        ) from None
    except (Damaged, ValueError, TypeError) as error:
        log.error("Film key %s stays closed: %s", key.id, error)
        raise KeyUnavailable(
            "This film is encrypted, and its own key is damaged. Whoever runs the library can "
            "bring it back from a recovery kit or a backup of the database."
        ) from None


def sweep() -> int:
    """Delete the keys that nobody has: an account was deleted, and its uploads with it."""
    return FilmKey.objects.filter(upload=None, video=None, search=None).delete()[0]


def delete(key_id: str | None) -> None:
    """Let a key go for good, once nothing has it any more. None is no key."""
    if key_id is not None:
        FilmKey.objects.filter(pk=key_id).delete()
        transaction.on_commit(clear_log)


def clear_log() -> None:
    """
    SQLite overwrites what is deleted in its file (PRAGMA secure_delete), but its log of
    changes still has the pages as they were. Where somebody reads it just now, the next
    time does it.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout")
            patience = cursor.fetchone()[0]
            cursor.execute("PRAGMA busy_timeout = 200")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.execute(f"PRAGMA busy_timeout = {patience:d}")
