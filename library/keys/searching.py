"""The key that blinds words to be searched: one for the library, kept as the films' keys are."""

from __future__ import annotations

from time import monotonic
from typing import TypeVar

from django.db import IntegrityError, transaction

from library import encryption
from library.errors import KeyUnavailable
from library.keys import films, keyring
from library.models import FilmKey, SearchKey

# So long a process does not ask again which key it is. It is asked for with every search and
# hardly ever changes; what is remembered is wrapped, and opened each time.
REMEMBERED_SECONDS = 10
_Row = TypeVar("_Row", FilmKey, FilmKey | None)
_remembered: tuple[float, FilmKey | None] | None = None


def found() -> encryption.Key | None:
    """None where nothing was ever blinded, and where the library key is missing."""
    last = _remembered
    if last is not None and monotonic() - last[0] < REMEMBERED_SECONDS:
        return _opened(last[1])
    return _opened(_remember(_kept()))


def needed() -> encryption.Key:
    """The same, made now if there is none. Raises KeyUnavailable."""
    return films.opened(_remember(_kept() or _made()))


def renew() -> None:
    """
    Let a key go that cannot be opened, if another one can be made. Only for whoever blinds all
    words anew.
    """
    with transaction.atomic():
        row = SearchKey.objects.select_for_update(of=("self",)).select_related("key").first()
        if row is not None and _opened(row.key) is None and _can_be_made():
            row.delete()
            films.delete(row.key_id)
            forget()


def _kept() -> FilmKey | None:
    row = SearchKey.objects.select_related("key").first()
    return row.key if row is not None else None


def _made() -> FilmKey:
    try:
        with transaction.atomic():
            return SearchKey.objects.create(key=films.create()).key
    except IntegrityError:
        # Somebody else was quicker, and then theirs is the library's.
        return SearchKey.objects.select_related("key").get().key


def forget() -> None:
    """Ask again which key it is."""
    global _remembered
    _remembered = None


def _remember(key: _Row) -> _Row:
    global _remembered
    _remembered = (monotonic(), key)
    return key


def _opened(key: FilmKey | None) -> encryption.Key | None:
    try:
        return films.opened(key) if key is not None else None
    except KeyUnavailable:
        # `opened` has told it to whoever runs the library; other words are found without it.
        return None


def _can_be_made() -> bool:
    try:
        keyring.current()
    except KeyUnavailable:
        return False
    return True
