"""
What a file is, by its first bytes, said as people say it. Pure.

A file's name and the type its sender gave are never asked: only bytes tell.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import NamedTuple

# So much of a file's beginning is enough to know what it is.
HEAD = 4096

EMPTY = "The file is empty."
UNKNOWN = "This is not a film in any format that this library knows."
NO_PICTURE = "This has sound but no picture, so it is not a film."
NO_FRAME = "This looks like a film, but not one picture of it can be read: it is damaged."
CUT_OFF = (
    "This film is damaged: it ends before its index, so no part of it can be played. "
    "Perhaps only a part of the file was copied."
)


def cut_short(missing: int) -> str:
    return (
        f"This film is damaged: its last {missing:,} bytes are missing. Perhaps only a part of "
        "the file was copied; please send the whole of it."
    )


class Container(NamedTuple):
    name: str
    media_type: str


# By the names that FFmpeg gives to the formats it reads. Playlists, which point at other
# files, pictures, raw streams and devices are left out on purpose.
FORMATS = {
    "mov,mp4,m4a,3gp,3g2,mj2": Container("mp4", "video/mp4"),
    "matroska,webm": Container("matroska", "video/x-matroska"),
    "avi": Container("avi", "video/x-msvideo"),
    "mpegts": Container("mpegts", "video/mp2t"),
    "mpeg": Container("mpeg", "video/mpeg"),
    "ogg": Container("ogg", "video/ogg"),
    "flv": Container("flv", "video/x-flv"),
    "asf": Container("asf", "video/x-ms-asf"),
    "mxf": Container("mxf", "application/mxf"),
}

_ARCHIVE, _PICTURE, _SOUND = "an archive of files", "a picture", "sound"
_BEGINNINGS: list[tuple[int, bytes, str]] = [
    (0, b"PK\x03\x04", "a ZIP archive (or an office document, which is one)"),
    (0, b"PK\x05\x06", "an empty ZIP archive"),
    (0, b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (0, b"Rar!\x1a\x07", _ARCHIVE),
    (0, b"\x1f\x8b\x08", "a compressed file (gzip)"),
    (0, b"BZh", "a compressed file (bzip2)"),
    (0, b"\xfd7zXZ\x00", "a compressed file (xz)"),
    (0, b"\x28\xb5\x2f\xfd", "a compressed file (zstd)"),
    (257, b"ustar", _ARCHIVE),
    (0, b"%PDF-", "a PDF document"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an office document"),
    (0, b"{\\rtf", "a text document"),
    (0, b"\x89PNG\r\n\x1a\n", _PICTURE),
    (0, b"\xff\xd8\xff", _PICTURE),
    (0, b"GIF87a", _PICTURE),
    (0, b"GIF89a", _PICTURE),
    (0, b"II*\x00", _PICTURE),
    (0, b"MM\x00*", _PICTURE),
    (8, b"WEBP", _PICTURE),
    (4, b"ftypavif", _PICTURE),
    (4, b"ftypheic", _PICTURE),
    (4, b"ftypheix", _PICTURE),
    (4, b"ftypmif1", _PICTURE),
    (0, b"8BPS", _PICTURE),
    (0, b"ID3", _SOUND),
    (0, b"fLaC", _SOUND),
    (8, b"WAVE", _SOUND),
    (8, b"AIFF", _SOUND),
    (0, b"MThd", _SOUND),
    (4, b"ftypM4A ", _SOUND),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ", "a program"),
    (0, b"SQLite format 3\x00", "a database"),
    (0, b"wOFF", "a font"),
    (0, b"wOF2", "a font"),
]

_HTML = re.compile(
    r"(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype html|html|head|body|script)\b", re.S
)
_SVG = re.compile(r"(?:<\?xml[^>]*>|<!doctype svg[^>]*>|<!--.*?-->|\s)*<svg\b", re.S)
_PLAYLISTS = ("#extm3u", "ffconcat version", "<mpd", "[playlist]", "<asx", "<smil")


def refusal(head: bytes) -> str | None:
    """A sentence on why a file that begins so is certainly no film; None when it may be."""
    if not head:
        return EMPTY
    for position, beginning, what in _BEGINNINGS:
        if head.startswith(beginning, position):
            return NO_PICTURE if what == _SOUND else f"This is {what}, not a film."
    text = _as_text(head)
    return None if text is None else _written(text.lower())


def _written(text: str) -> str:
    if _SVG.match(text):
        return "This is an SVG drawing, not a film."
    if _HTML.match(text):
        return "This is a web page, not a film."
    if any(mark in text[:1024] for mark in _PLAYLISTS):
        return "This is a playlist. It points at films that are elsewhere and holds none."
    if text.lstrip().startswith("<?xml"):
        return "This is an XML document, not a film."
    return "This is text, not a film."


def _as_text(head: bytes) -> str | None:
    """What is written there; None unless all of it can be read as text."""
    encoding = "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
    try:
        # The head may end in the middle of a letter.
        text = codecs.getincrementaldecoder(encoding)().decode(head).removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None
    control = sum(character < " " and character not in "\t\n\r\f" for character in text)
    return text if control == 0 else None


def container(format_name: str, head: bytes) -> Container:
    """The container by FFmpeg's name for it, told more closely by its first bytes."""
    found = FORMATS[format_name]
    if found.name == "mp4":
        return _mp4_or_relative(head)
    if found.name == "matroska" and b"\x42\x82" in head[:64] and b"webm" in head[:64]:
        return Container("webm", "video/webm")
    return found


def _mp4_or_relative(head: bytes) -> Container:
    brand = head[8:12] if head[4:8] == b"ftyp" else b"qt  "
    if brand == b"qt  ":
        return Container("mov", "video/quicktime")
    if brand.startswith((b"3gp", b"3g2")):
        return Container("3gp", "video/3gpp")
    return FORMATS["mov,mp4,m4a,3gp,3g2,mj2"]


def playable(head: bytes) -> str:
    """The type by which a browser may play what begins so, or "": nothing was looked into."""
    if head[4:8] == b"ftyp":
        return _mp4_or_relative(head).media_type
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return container("matroska,webm", head).media_type
    return ""


def unreadable(read: Callable[[int, int], bytes], size: int) -> str:
    """Why FFmpeg could not read a file that might have been a film."""
    head = read(0, min(HEAD, size))
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip"}:
        return "This film is damaged." if _has_index(read, size) else CUT_OFF
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "This Matroska or WebM film is damaged: its beginning cannot be read."
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "This AVI film is damaged: its beginning cannot be read."
    return UNKNOWN


def _has_index(read: Callable[[int, int], bytes], size: int) -> bool:
    """Whether an MP4 has a whole "moov" box. Boxes name their length, so few bytes are read."""
    position = 0
    for _ in range(1000):
        header = read(position, 16)
        if len(header) < 8:
            return False
        length, kind = int.from_bytes(header[:4], "big"), header[4:8]
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        if length == 0:
            length = size - position
        if kind == b"moov":
            return position + length <= size
        if length < 8:
            return False
        position += length
        if position >= size:
            return False
    return False
