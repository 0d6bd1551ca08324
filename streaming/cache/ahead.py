"""
How far a viewer is read ahead for: not at all after a jump, further with each block that
follows the one before, and never much further than what they watch in some seconds.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from streaming.cache.films import Film

# One request is for half of these. With 8 there were twice as many requests, and each MiB took
# a seventh more of the processor.
MOST = 16
# Blocks that are here should be enough for this long, at the pace at which the last was taken.
SECONDS = 8.0


class Wanted(Protocol):
    """As far as a flight concerns this file."""

    wanted_by: set[object]

    def forget(self, who: object) -> None: ...


class ReadAhead:
    """
    Of one stream. `last` is the last block that it can come to, where that is known. Close
    it: what nobody else wants is not fetched any more.
    """

    def __init__(self, film: Film, last: int | None = None) -> None:
        self._last = len(film) - 1 if last is None else min(last, len(film) - 1)
        self._position, self._reach, self._asked = -2, 0, 0
        self._given_at = time.monotonic()
        self._wanted: dict[int, Wanted] = {}

    def at(self, block: int) -> None:
        """The viewer is at this block now; told twice is no harm."""
        if block == self._position:
            return
        if block == self._position + 1:
            self._reach = self._longer()
        else:
            self._reach, self._asked = 0, block + 1
        self._position = block
        self._forget(lambda index: not block <= index <= block + MOST)

    def due(self) -> range:
        """
        The blocks that should be set out now. Several at once, so that one request can be
        for all of them.
        """
        first = max(self._asked, self._position + 1)
        stop = min(self._position + 1 + self._reach, self._last + 1)
        if first > self._position + 1 + self._reach // 2 or first >= stop:
            return range(0)
        return range(first, stop)

    def set_out(self, stop: int, flights: Mapping[int, Wanted]) -> None:
        """Those before `stop` are here or on their way, of which these are wanted from now on."""
        self._asked = max(self._asked, stop)
        for index, flight in flights.items():
            self._wanted[index] = flight
            flight.wanted_by.add(self)

    def given(self) -> None:
        """The viewer has the block where they are. How long they are busy with it counts."""
        self._given_at = time.monotonic()

    def close(self) -> None:
        self._forget(lambda index: True)
        self._reach, self._last = 0, -1

    def _longer(self) -> int:
        seconds = max(time.monotonic() - self._given_at, 0.001)
        return min(max(self._reach * 2, 2), MOST, math.ceil(SECONDS / seconds))

    def _forget(self, is_past: Callable[[int], bool]) -> None:
        for index in [index for index in self._wanted if is_past(index)]:
            self._wanted.pop(index).forget(self)
