"""The key that blinds words to be searched: one for the library, kept as the films' keys are."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from library import encryption
from library.errors import KeyUnavailable
from library.keys import films, keyring
from library.models import SearchKey


def found() -> encryption.Key | None:
    """None where nothing was ever blinded, and where the library key is missing."""
    row = SearchKey.objects.select_related("key").first()
    try:
        return films.opened(row.key) if row is not None else None
    except KeyUnavailable:
        # `opened` has told it to whoever runs the library; other words are found without it.
        return None


def needed() -> encryption.Key:
    """The same, made now if there is none. Raises KeyUnavailable."""
    row = SearchKey.objects.select_related("key").first()
    return films.opened(row.key if row is not None else _made().key)


def renew() -> None:
    """
    Let a key go that cannot be opened, if another one can be made. Only for whoever blinds all
    words anew.
    """
    with transaction.atomic():
        row = SearchKey.objects.select_for_update(of=("self",)).select_related("key").first()
        if row is None or found() is not None or not _can_be_made():
            return
        row.delete()
        films.delete(row.key_id)


def _can_be_made() -> bool:
    try:
        keyring.current()
    except KeyUnavailable:
        return False
    return True


def _made() -> SearchKey:
    try:
        with transaction.atomic():
            return SearchKey.objects.create(key=films.create())
    except IntegrityError:
        # Somebody else was quicker, and then theirs is the library's.
        return SearchKey.objects.select_related("key").get()
