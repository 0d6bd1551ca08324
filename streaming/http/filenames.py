"""
What a film is called where it leaves the library: in a header, and on somebody's disk.

A name is shown, never trusted: it was typed by whoever brought the film.
"""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import quote

from library.models import Video

# Most file systems take 255 bytes; some stay free for what is put behind a name.
_LONGEST = 200
# Folders, and what Windows has no room for in a name.
_NOT_ON_DISK = re.compile(r'[/\\<>:"|?*]')
# These turn the direction of writing around: "exe.film" could be shown as "mlif.exe".
_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# As RFC 8187 has it, attr-char without what `quote` never touches.
_ATTR_CHARS = "!#$&+^`|"


def of(video: Video) -> str:
    """The name of the file it came in, or one made from its title and type."""
    name = _printable(video.filename)
    if name:
        return name
    return (_printable(video.title) or video.pk) + (_ending(video.media_type))


def disposition(name: str, *, attachment: bool) -> str:
    """
    The value of Content-Disposition (RFC 6266).

    Every client gets a plain name; those that read `filename*` get the right one.
    """
    kind = "attachment" if attachment else "inline"
    name = _printable(name)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r'[\\"%/]', "_", plain).strip() or "film"
    if plain == name:
        return f'{kind}; filename="{plain}"'
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=_ATTR_CHARS)}"


def on_disk(video: Video) -> str:
    """A name that stays in its folder and that any file system takes."""
    name = _NOT_ON_DISK.sub("_", unicodedata.normalize("NFC", of(video))).strip(" .")
    if not name:
        return video.pk
    ending = PurePosixPath(name).suffix[:20]
    stem = name.removesuffix(ending).encode()[: _LONGEST - len(ending.encode())]
    return (stem.decode(errors="ignore") + ending).rstrip(" .")


def _printable(text: str) -> str:
    text = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cs", "Zl", "Zp"})
    return _DIRECTIONS.sub("", text).strip()


def _ending(media_type: str) -> str:
    if media_type == "application/octet-stream":
        return ""
    return mimetypes.guess_extension(media_type) or ""
