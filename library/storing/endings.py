"""
Does a file end before the film in it does? Pure: a way to read in, missing bytes out.

Containers say at their beginning how long their parts are, so a copy that was cut short
can be told from a whole one without decoding it. Sources: ISO/IEC 14496-12 (boxes of MP4
and MOV), RFC 8794 (elements of Matroska and WebM).
"""

from __future__ import annotations

from collections.abc import Callable

Read = Callable[[int, int], bytes]

# Boxes at the top level; a file with more is read no further.
_MOST_BOXES = 10_000
_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"moof", b"mfra", b"sidx"} | {
    b"ssix", b"styp", b"meta", b"uuid", b"pdin", b"prft", b"emsg", b"udta"
}  # fmt: skip
_EBML, _SEGMENT = b"\x1aE\xdf\xa3", b"\x18S\x80g"


def missing(read: Read, size: int) -> int:
    """How many bytes a file of `size` bytes lacks at its end; 0 also where nothing tells."""
    head = read(0, 12)
    if head[4:8] == b"ftyp":
        return _missing_of_boxes(read, size)
    if head[:4] == _EBML:
        return _missing_of_matroska(read, size)
    return 0


def _missing_of_boxes(read: Read, size: int) -> int:
    position = 0
    for _ in range(_MOST_BOXES):
        head = read(position, 16)
        if len(head) < 8:
            break
        length = int.from_bytes(head[:4], "big")
        if length == 1 and len(head) == 16:
            length = int.from_bytes(head[8:], "big")
        if length < 8 or head[4:8] not in _BOXES:
            # 0 is "to the end of the file"; anything else is no box, but what somebody
            # left behind a film that is whole.
            return 0
        position += length
        if position >= size:
            break
    return max(position - size, 0)


def _missing_of_matroska(read: Read, size: int) -> int:
    length, after = _number(read(4, 8))
    start = 4 + after + (length or 0)
    if length is None or read(start, 4) != _SEGMENT:
        return 0
    length, after = _number(read(start + 4, 8))
    return 0 if length is None else max(start + 4 + after + length - size, 0)


def _number(data: bytes) -> tuple[int | None, int]:
    """A length as EBML writes it, and how many bytes it takes; None where it is unknown."""
    if not data or not data[0]:
        return None, 0
    width = 9 - data[0].bit_length()
    if len(data) < width:
        return None, 0
    bits = int.from_bytes(data[:width], "big") & (1 << 7 * width) - 1
    return (None if bits == (1 << 7 * width) - 1 else bits), width
