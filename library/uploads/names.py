"""
What people and browsers call their files, made safe to keep and to show.

A file name is not the person's mistake, so it is mended; a title they typed is theirs,
so a wrong one is refused. Neither ever reaches the file system.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

from library.errors import Invalid

FILENAME_LIMIT = 255
TITLE_LIMIT = 300
_FOLDERS = re.compile(r"[/\\]")


def filename(given: str) -> str:
    """The last part of a path, without control characters, at most 255 characters long."""
    name = _printable(_FOLDERS.split(given)[-1]).strip()
    if name in {".", ".."}:
        return ""
    if len(name) <= FILENAME_LIMIT:
        return name
    ending = PurePosixPath(name).suffix[:20]
    return name[: FILENAME_LIMIT - len(ending)] + ending


def title(given: str, file: str = "") -> str:
    """A title as typed, or one made from the file's name, or "Untitled"."""
    if given:
        cleaned = given.strip()
        if cleaned != _printable(cleaned):
            raise Invalid("A title has no control characters.", field="title")
        if len(cleaned) > TITLE_LIMIT:
            raise Invalid(
                f"A title has at most {TITLE_LIMIT} characters; this one has {len(cleaned)}.",
                field="title",
            )
        if cleaned:
            return cleaned
    stem = PurePosixPath(file).stem.replace("_", " ").strip()
    return stem[:TITLE_LIMIT] or "Untitled"


def _printable(text: str) -> str:
    """Without control characters (Cc) and lone surrogates (Cs), which no database takes."""
    return "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cs"})


def short(given: str, limit: int) -> str:
    """A text that only helps, cut to what the database keeps."""
    return _printable(given)[:limit]
