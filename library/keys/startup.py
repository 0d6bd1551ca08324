"""What must be right with the keys before anything is served."""

from __future__ import annotations

from django.db.models import Count

from library import places
from library.errors import KeyUnavailable
from library.keys import keyring
from library.models import FilmKey


def check() -> str:
    """
    Make the library key of a new library. A sentence to warn with, or no words.

    Raises KeyUnavailable where films are encrypted and no key is there that opens any, or
    none that new films could be encrypted with: nothing is made or overwritten then.
    """
    wrapped = wrapped_by()
    if not wrapped:
        keyring.current()
        return ""
    known = {key.id for key in keyring.known()}
    closed = {id: count for id, count in wrapped.items() if id not in known}
    total = sum(closed.values())
    if len(closed) == len(wrapped):
        raise KeyUnavailable(
            f"The library key is missing or not the right one: {_films(total)} can be opened by "
            f"{_named(closed)} only. It was looked for in {_looked()}. Put it back, or restore "
            "it from the recovery kit (docs/recovery.md); nothing was changed."
        )
    keyring.current()
    if closed:
        return (
            f"{_films(total)} cannot be opened: {_named(closed)} is missing. Give it in "
            f"{keyring.GIVEN}_PREVIOUS, or put it into {places.previous_library_keys()}."
        )
    return ""


def wrapped_by() -> dict[str, int]:
    """How many film keys each library key wraps, by its id."""
    counted = FilmKey.objects.order_by().values_list("library_key")
    return dict(counted.annotate(Count("pk")))


def _looked() -> str:
    where = keyring.key_file()
    return f"the setting {keyring.GIVEN}" if where is None else str(where)


def _named(closed: dict[str, int]) -> str:
    names = " or ".join(sorted(closed))
    return f"the library key {names}"


def _films(count: int) -> str:
    return "one encrypted film" if count == 1 else f"{count:,} encrypted films"
