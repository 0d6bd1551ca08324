"""
Does anything of a film lie somewhere in clear?

A run of 64 bytes of the film holds one of its 32-byte windows that begin at a multiple of
32, wherever the run begins. So those windows are known, and looked for at every position.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

WINDOW = 32
# Windows of hardly more than one byte (zeros, filling) are in every database.
_LEAST_VARIED = 12
_BITS = 24
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def runs_in_clear(film: bytes, folder: Path) -> list[str]:
    """The files below `folder`, with a position each, that hold a run of the film."""
    windows = _windows(film)
    seen = np.zeros(1 << _BITS, np.bool_)
    seen[_hashed(np.frombuffer(b"".join(window[:8] for window in windows), "<u8"))] = True
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (at := _first(path.read_bytes(), windows, seen)) is not None:
            found.append(f"{path.relative_to(folder)} at {at}")
    return found


def _windows(film: bytes) -> set[bytes]:
    every = (film[at : at + WINDOW] for at in range(0, len(film) - WINDOW + 1, WINDOW))
    return {window for window in every if len(set(window)) >= _LEAST_VARIED}


def _first(data: bytes, windows: set[bytes], seen: np.ndarray) -> int | None:
    for shift in range(8):
        count = (len(data) - shift) // 8
        if count <= 0:
            break
        words = np.frombuffer(data, "<u8", count, shift)
        for word in np.flatnonzero(seen[_hashed(words)]):
            at = int(word) * 8 + shift
            if data[at : at + WINDOW] in windows:
                return at
    return None


def _hashed(words: np.ndarray) -> np.ndarray:
    return (words * _FACTOR) >> np.uint64(64 - _BITS)
