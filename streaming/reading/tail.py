"""
Where the index of a film lies, by its first bytes. Pure.

A player that finds no index at the beginning asks for the end before it shows a picture. Where
the end has to come from far away, it is better on its way by then.
"""

from __future__ import annotations

from streaming.http.ranges import Window

_MATROSKA = b"\x1a\x45\xdf\xa3"
# What a player needs is there; no index is longer than a small part of its film.
_FROM_THE_END = 512 * 1024
_MOST_BOXES = 32


def tail_of(begin: bytes | memoryview, size: int) -> Window | None:
    """
    The bytes from the index on, of a film of `size` bytes that begins so and has its index
    behind its pictures. None where it is in front, or where these bytes do not tell.
    """
    begin = bytes(begin[:4096])
    if begin.startswith(_MATROSKA):
        # Its cues are behind the pictures, wherever it has any.
        return Window(max(size - _FROM_THE_END, 0), size)
    if begin[4:8] != b"ftyp":
        return None
    position = 0
    for _ in range(_MOST_BOXES):
        header = begin[position : position + 16]
        if len(header) < 16:
            return None
        length, kind = int.from_bytes(header[:4], "big"), header[4:8]
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        if kind in {b"moov", b"moof"} or length < 8:
            return None
        position += length
        if kind == b"mdat":
            return Window(position, size) if position < size else None
    return None
