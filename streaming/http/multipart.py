"""
Several windows in one body: multipart/byteranges (RFC 9110, section 14.6; RFC 2046, 5.1).

Only the framing is made here, so its length is known before a byte of the film is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from streaming.http.ranges import Window

_BOUNDARY = re.compile(r"[0-9A-Za-z]{1,70}")


@dataclass(frozen=True, slots=True)
class Layout:
    """Send each head, then the bytes of its window; after the last, the tail."""

    parts: tuple[tuple[bytes, Window], ...]
    tail: bytes
    content_type: str

    @property
    def length(self) -> int:
        return sum(len(head) + window.length for head, window in self.parts) + len(self.tail)


def layout(windows: Sequence[Window], size: int, media_type: str, boundary: str) -> Layout:
    """
    Frame these windows of a body of `size` bytes.

    `boundary` is letters and digits, and must be random: whoever can guess it could make a
    film that ends its own part. For a single range HTTP forbids this form.
    """
    if not windows:
        raise ValueError("A multipart body needs a part.")
    if not _BOUNDARY.fullmatch(boundary):
        raise ValueError(f"{boundary!r} cannot be a boundary.")
    # It may have come with an upload, and a line break in it would begin a header.
    if not (media_type.isascii() and media_type.isprintable()):
        raise ValueError(f"{media_type!r} cannot stand in a header.")

    parts = []
    opening = f"--{boundary}\r\n"
    for window in windows:
        content_range = window.content_range(size)
        head = f"{opening}Content-Type: {media_type}\r\nContent-Range: {content_range}\r\n\r\n"
        parts.append((head.encode(), window))
        # From the second on, the line break before the boundary belongs to the boundary.
        opening = f"\r\n--{boundary}\r\n"
    return Layout(
        parts=tuple(parts),
        tail=f"\r\n--{boundary}--\r\n".encode(),
        content_type=f"multipart/byteranges; boundary={boundary}",
    )
