"""Byte ranges as Go's net/http reads them."""

from __future__ import annotations

import re

_ONE = re.compile(r"\s*(\d*)\s*-\s*(\d*)\s*")


class Unsatisfiable(Exception):
    """416; `overlap` is False where the header itself is wrong."""

    def __init__(self, text: str, *, overlap: bool) -> None:
        self.overlap = overlap
        super().__init__(text)


def parse(header: str, size: int) -> list[tuple[int, int]]:
    """(start, stop) of each range; none for all of it."""
    if not header:
        return []
    if not header.startswith("bytes="):
        raise Unsatisfiable("invalid range", overlap=False)
    found, past = [], False
    for text in header.removeprefix("bytes=").split(","):
        if not text.strip():
            continue
        match = _ONE.fullmatch(text)
        if match is None or match.groups() == ("", ""):
            raise Unsatisfiable("invalid range", overlap=False)
        first, last = match.groups()
        if not first:
            found.append((max(size - int(last), 0), size))
            continue
        if last and int(last) < int(first):
            raise Unsatisfiable("invalid range", overlap=False)
        if int(first) >= size:
            past = True
            continue
        found.append((int(first), min(int(last) + 1, size) if last else size))
    if past and not found:
        raise Unsatisfiable("invalid range: failed to overlap", overlap=True)
    # More than there is would be a way to be sent it many times over.
    return [] if sum(stop - start for start, stop in found) > size else found
