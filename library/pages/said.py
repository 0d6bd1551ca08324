"""Messages to whoever did something: what became of it, and how to take it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest

_UNDO = "undo:"


def success(request: HttpRequest, words: str, *, undo: str = "") -> None:
    """`undo` is the address that a POST takes it back at."""
    messages.success(request, words, extra_tags=f"{_UNDO}{undo}" if undo else "")


def undo_of(tags: str | None) -> str:
    """The address in a message's tags, or no words."""
    return tags.removeprefix(_UNDO) if tags and tags.startswith(_UNDO) else ""
