"""
Where the fragments of an MP4 lie, found while its bytes pass by. Pure.

It reads what a program made that may have been misled by a film, so every length is
looked at before it is believed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

# Fragments of four seconds need a few hundred bytes for each sample that they list.
_MOST_HEAD = 1024 * 1024
_MOST_FRAGMENTS = 100_000
_PLAIN_BOXES = {b"ftyp", b"styp", b"free", b"mdat"}
_READ_BOXES = {b"moov", b"moof"}


class NotFragments(ValueError):
    """It is not a fragmented MP4 of the kind that is made here."""


@dataclass
class Fragments:
    """Give it all bytes in order by `add`, then ask `index`."""

    position: int = 0
    _box: bytes = b""
    _began: int = 0
    _rest: int = 0
    _kept: bytearray = field(default_factory=bytearray)
    _keeps: bool = False
    _head: int = 0
    _codecs: list[str] = field(default_factory=list)
    _track: int = 0
    _clock: int = 0
    # Of each fragment: where it begins, its first moment, and its length as it says itself.
    _found: list[tuple[int, int, int]] = field(default_factory=list)

    def add(self, data: bytes) -> None:
        """Raises NotFragments."""
        view = memoryview(data)
        while view:
            taken = self._header(view) if self._rest == 0 else self._content(view)
            self.position += taken
            view = view[taken:]

    @property
    def seconds(self) -> float:
        """How far the picture has come."""
        return sum(self._found[-1][1:]) / self._clock if self._found else 0.0

    def index(self) -> dict[str, Any]:
        """
        `head` bytes to begin with, `codecs`, and `fragments`: offset, size and seconds of
        each. Raises NotFragments where the bytes do not end where a box does.
        """
        if self._rest or self._kept or not self._head or not self._found:
            raise NotFragments("It ends in the middle.")
        ends = [*(began for began, _, _ in self._found[1:]), self.position]
        first = [moment for _, moment, _ in self._found]
        last = first[-1] + self._found[-1][2]
        lengths = [after - at for at, after in zip(first, [*first[1:], last], strict=True)]
        if min(lengths) <= 0:
            raise NotFragments("Its moments do not rise.")
        rows = zip(self._found, ends, lengths, strict=True)
        return {
            "head": self._head,
            "codecs": self._codecs,
            "fragments": [
                [began, end - began, round(length / self._clock, 6)]
                for (began, _, _), end, length in rows
            ],
        }

    def _header(self, view: memoryview) -> int:
        taken = min(8 - len(self._kept), len(view))
        self._kept += view[:taken]
        if len(self._kept) < 8:
            return taken
        size, self._box = struct.unpack(">I4s", self._kept)
        self._kept.clear()
        self._began = self.position + taken - 8
        self._keeps = self._box in _READ_BOXES
        if self._box not in _PLAIN_BOXES | _READ_BOXES or size <= 8:
            raise NotFragments("It has a box that is not expected.")
        if self._keeps and size > _MOST_HEAD:
            raise NotFragments("One of its heads is too large.")
        self._rest = size - 8
        return taken

    def _content(self, view: memoryview) -> int:
        taken = min(self._rest, len(view))
        if self._keeps:
            self._kept += view[:taken]
        self._rest -= taken
        if self._rest == 0 and self._keeps:
            body = bytes(self._kept)
            self._kept.clear()
            try:
                self._read(body, self.position + taken)
            except (struct.error, IndexError, KeyError) as error:
                raise NotFragments("One of its heads cannot be read.") from error
        return taken

    def _read(self, body: bytes, end: int) -> None:
        if self._box == b"moov":
            if self._head:
                raise NotFragments("It begins twice.")
            self._head = end
            self._begin(body)
        elif not self._head or len(self._found) >= _MOST_FRAGMENTS:
            raise NotFragments("It has a fragment that is not expected.")
        else:
            self._found.append((self._began, *self._of_picture(body)))

    def _begin(self, moov: bytes) -> None:
        for track in _all(moov, b"trak"):
            header = _one(track, b"tkhd")
            media = _one(track, b"mdia")
            kind = _one(media, b"hdlr")[8:12]
            description = _one(media, b"minf", b"stbl", b"stsd")
            if kind == b"vide":
                (self._track,) = struct.unpack_from(">I", header, 20 if header[0] else 12)
                clock = _one(media, b"mdhd")
                (self._clock,) = struct.unpack_from(">I", clock, 20 if clock[0] else 12)
                at = description.index(b"avcC") + 5
                self._codecs.insert(0, f"avc1.{description[at : at + 3].hex()}")
            elif kind == b"soun":
                # What is made here is always AAC-LC.
                self._codecs.append("mp4a.40.2")
        if not self._clock:
            raise NotFragments("It has no picture.")

    def _of_picture(self, moof: bytes) -> tuple[int, int]:
        """The picture's first moment in the fragment, and how long its samples last."""
        for part in _all(moof, b"traf"):
            header = _one(part, b"tfhd")
            flags, track = struct.unpack_from(">II", header)
            if track != self._track:
                continue
            at = 8 + 8 * bool(flags & 0x1) + 4 * bool(flags & 0x2)
            usual = struct.unpack_from(">I", header, at)[0] if flags & 0x8 else 0
            moment = _one(part, b"tfdt")
            (first,) = struct.unpack_from(">Q" if moment[0] else ">I", moment, 4)
            return first, sum(_length(run, usual) for run in _all(part, b"trun"))
        raise NotFragments("It has a fragment without a picture.")


def _length(run: bytes, usual: int) -> int:
    flags, count = struct.unpack_from(">II", run)
    flags &= 0xFFFFFF
    if not flags & 0x100:
        return usual * count
    at = 8 + 4 * bool(flags & 0x1) + 4 * bool(flags & 0x4)
    step = 4 * (flags >> 8 & 0xF).bit_count()
    if at + step * count > len(run):
        raise NotFragments("A list of its samples is cut off.")
    return sum(struct.unpack_from(">I", run, at + step * number)[0] for number in range(count))


def _all(data: bytes, name: bytes) -> Iterator[bytes]:
    at = 0
    while at + 8 <= len(data):
        size, found = struct.unpack_from(">I4s", data, at)
        if size < 8 or at + size > len(data):
            raise NotFragments("A box is larger than what holds it.")
        if found == name:
            yield data[at + 8 : at + size]
        at += size


def _one(data: bytes, *names: bytes) -> bytes:
    for name in names:
        found = next(_all(data, name), None)
        if found is None:
            raise NotFragments(f"It has no {name.decode()}.")
        data = found
    return data
