"""
A new library key for all film keys.

Each row is changed by one UPDATE, and every key that wraps anything lies on disk at every
moment, so this can be killed anywhere and run again: whoever finds film keys that an
earlier library key still wraps goes on with those, and makes no further key.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils import timezone

from library.errors import KeyUnavailable
from library.keys import keyring
from library.keys.wrapping import Damaged, LibraryKey
from library.models import FilmKey


@dataclass
class Rotation:
    """What became of it: the key that wraps now, how many rows changed, which stayed closed."""

    key: LibraryKey
    is_new: bool
    changed: int = 0
    closed: list[str] = field(default_factory=list)


def rotate(report: Callable[[int], None] = lambda changed: None) -> Rotation:
    """
    Wrap every film key with the current library key; with a new one if all are already.

    Raises KeyUnavailable where the current key cannot be had. A film key that cannot be
    opened is left as it is, and named in what is returned.
    """
    current = keyring.current()
    is_new = keyring.key_file() is not None and not _others(current).exists()
    if is_new:
        current = LibraryKey(secrets.token_hex(32))
        keyring.replace(current)
    rotation = Rotation(current, is_new)
    for id in list(_others(current).values_list("pk", flat=True)):
        key = FilmKey.objects.filter(pk=id).first()
        if key is not None:
            _rewrap(rotation, key)
            report(rotation.changed)
    return rotation


def _rewrap(rotation: Rotation, key: FilmKey) -> None:
    try:
        secret = keyring.find(key.library_key).unwrap(key.id, bytes(key.wrapped))
    except (KeyUnavailable, Damaged) as error:
        rotation.closed.append(f"{key.id}: {error}")
        return
    unchanged = FilmKey.objects.filter(pk=key.pk, library_key=key.library_key)
    rotation.changed += unchanged.update(
        wrapped=rotation.key.wrap(key.id, secret),
        library_key=rotation.key.id,
        wrapped_at=timezone.now(),
    )


def _others(current: LibraryKey):  # type: ignore[no-untyped-def]  # a queryset of FilmKey
    return FilmKey.objects.exclude(library_key=current.id).order_by("pk")
