"""
The Range header, turned into half-open windows of bytes (RFC 9110, section 14).

HTTP counts the last byte in ("bytes=0-0" is one byte). Everything past this file
counts it out, as slices do; only `content_range` turns it back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# A player asks for one range, a reader of an index for a few. More than this many, or a
# header longer than this, is not a viewer.
MAX_RANGES = 32
MAX_HEADER = 4096

_OWS = " \t"
_SPEC = re.compile(r"([0-9]*)-([0-9]*)")


class Unsatisfiable(Exception):
    """Nothing of what was asked for can be sent: a 416, which tells the size."""

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"No range that was asked for can be sent of {size} bytes.")

    @property
    def content_range(self) -> str:
        return f"bytes */{self.size}"


@dataclass(frozen=True, slots=True)
class Window:
    """The bytes from `start` up to, not including, `stop`."""

    start: int
    stop: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.stop:
            raise ValueError(f"No window reaches from {self.start} to {self.stop}.")

    @property
    def length(self) -> int:
        return self.stop - self.start

    def content_range(self, size: int) -> str:
        if self.start == self.stop:
            raise ValueError("HTTP has no words for a range without bytes.")
        return f"bytes {self.start}-{self.stop - 1}/{size}"

    def capped(self, limit: int) -> Window:
        return Window(self.start, min(self.stop, self.start + limit))


def parse(header: str | None, size: int) -> list[Window] | None:
    """
    Return the windows asked for, in the order asked, or None when the whole body should be sent.

    None of them is empty, and all lie inside the body. A header we cannot read is ignored
    rather than refused, as HTTP lets a server do. So is a set that adds up to more than the
    body: windows that overlap so much save nobody anything. Unsatisfiable is raised when no
    byte is left of what was asked, and for a set too large to be meant.
    """
    header = (header or "").strip(_OWS)
    unit, equals, ranges = header.partition("=")
    if not equals or unit.lower() != "bytes":
        return None
    if len(header) > MAX_HEADER:
        raise Unsatisfiable(size)

    # An empty member of a list counts for nothing ("bytes=,0-1, ,").
    specs = [spec for member in ranges.split(",") if (spec := member.strip(_OWS))]
    pairs = [(match[1], match[2]) for spec in specs if (match := _SPEC.fullmatch(spec))]
    if not specs or len(pairs) < len(specs):
        return None
    if not all(_valid(first, last) for first, last in pairs):
        return None
    if len(pairs) > MAX_RANGES:
        raise Unsatisfiable(size)

    windows = [window for first, last in pairs if (window := _window(first, last, size))]
    if not windows:
        raise Unsatisfiable(size)
    if sum(window.length for window in windows) > size:
        return None
    return windows


def _valid(first: str, last: str) -> bool:
    """Is this a range at all: an open end, a suffix, or a last not before its first?"""
    if not first or not last:
        return bool(first or last)
    width = max(len(first), len(last))
    return first.zfill(width) <= last.zfill(width)


def _window(first: str, last: str, size: int) -> Window | None:
    """The part of the body that a valid range names, or None when it names none."""
    if not first:
        start, stop = size - _up_to(size, last), size
    else:
        start, stop = _up_to(size, first), min(_up_to(size, last) + 1, size) if last else size
    return Window(start, stop) if start < stop else None


def _up_to(size: int, digits: str) -> int:
    """
    The number these digits spell, or `size` if that is less.

    Counted first: Python refuses to read numbers of some thousand digits.
    """
    digits = digits.lstrip("0") or "0"
    return size if len(digits) > len(str(size)) else min(int(digits), size)
