"""
What a film's file is called on this disk. Pure.

The name was typed by whoever brought the film, and is told by a server: it is never a path.
"""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from pathlib import PurePosixPath
from typing import Any

from filmedia.client import words

# Most file systems take 255 bytes; ".part.json" has to fit behind it.
_LONGEST = 200
_NOT_ON_DISK = re.compile(r'[/\\<>:"|?*\x00-\x1f]')
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def of(film: dict[str, Any]) -> str:
    """The name of the file it came in, or one made from its title and type."""
    name = safe(str(film.get("filename") or ""))
    if name:
        return name
    ending = mimetypes.guess_extension(str(film.get("media_type", ""))) or ""
    return (safe(str(film.get("title") or "")) or safe(str(film["id"])) or "film") + ending


def safe(text: str) -> str:
    """The same as a name that stays in its folder and that any disk takes; "" if none is left."""
    name = unicodedata.normalize("NFC", words.printable(text))
    # No hidden file, no parent folder, no option of a command.
    name = _NOT_ON_DISK.sub("_", name).strip(" .").lstrip("-~")
    if _DEVICES.fullmatch(name):
        name = f"_{name}"
    ending = PurePosixPath(name).suffix[:20]
    stem = name.removesuffix(ending).encode()[: _LONGEST - len(ending.encode())]
    return (stem.decode(errors="ignore") + ending).strip(" .")
