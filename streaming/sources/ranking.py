"""
Which source is asked first, and when its block is late: what was seen of each lately. Pure:
times are given, on the clock of the event loop.

Speeds are averages in which the latest counts most. A fault costs a source a second of its
place and is forgotten within minutes; who does not do what was asked of a piece is set
aside for that piece for a while, which means: it is asked when nobody else has it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from filmedia.filecoin.errors import FilecoinError, NotThere, ProviderBusy, WrongAnswer

# Of a source that was never asked: seconds to its first byte, and bytes a second.
UNKNOWN_FIRST, UNKNOWN_RATE = 0.25, 8e6
# How much the latest measurement counts.
LATEST = 0.3
HALF_LIFE = 30.0
SET_ASIDE = 60.0
# Seconds to stay away from whoever is too busy and does not tell for how long.
BUSY, LONGEST_BUSY = 2.0, 60.0
# Whether it takes ranges may be otherwise another time: Beam does once it has the piece.
IGNORES_RANGES = 600.0
SOONEST_LATE, LATEST_LATE, TIMES_EXPECTED = 0.3, 3.0, 3.0
# From whoever still sends, as fast as they usually do, a block is waited for so long.
LATEST_OF_SENDERS = 15.0
_MOST_KEPT = 10_000


class Named(Protocol):
    """As far as a source concerns this file. `doubt`: seconds of its place that it is short of."""

    @property
    def key(self) -> str: ...

    @property
    def doubt(self) -> float: ...


_Source = TypeVar("_Source", bound=Named)


@dataclass
class Record:
    """What was seen of one source."""

    first: float = UNKNOWN_FIRST
    rate: float = UNKNOWN_RATE
    asked: int = 0
    faults: float = 0.0
    faults_at: float = 0.0
    busy_until: float = 0.0
    ignores_ranges_until: float = 0.0

    def fault_seconds(self, now: float) -> float:
        return self.faults * 0.5 ** ((now - self.faults_at) / HALF_LIFE) if self.faults else 0.0

    def expected(self, skipped: int, length: int, now: float) -> float:
        """Seconds until a block is here, when `skipped` bytes of the piece lie before it."""
        past = skipped if now < self.ignores_ranges_until else 0
        return self.first + (past + length) / self.rate


@dataclass
class Records:
    """Of all sources of a process. They are lost with it, which costs little."""

    _kept: dict[str, Record] = field(default_factory=dict)
    # When a source may be asked as usual again, by its key and the piece.
    _aside: OrderedDict[tuple[str, str], float] = field(default_factory=OrderedDict)

    def of(self, source: Named) -> Record:
        return self._kept.setdefault(source.key, Record())

    # --- what was seen ----------------------------------------------------------------

    def answered(self, source: Named, seconds: float) -> None:
        """The head of an answer came after so many seconds."""
        record = self.of(source)
        record.first = _averaged(record.first, seconds, record.asked)
        record.asked += 1

    def received(self, source: Named, length: int, seconds: float) -> None:
        record = self.of(source)
        # A block out of the system's buffers says nothing of the way here.
        rate = length / max(seconds, length / 2e9)
        record.rate = _averaged(record.rate, rate, record.asked - 1)

    def ignores_ranges(self, source: Named, now: float) -> None:
        self.of(source).ignores_ranges_until = now + IGNORES_RANGES

    def takes_ranges(self, source: Named) -> None:
        self.of(source).ignores_ranges_until = 0.0

    def failed(self, source: Named, piece: str, error: FilecoinError, now: float) -> None:
        record = self.of(source)
        if isinstance(error, ProviderBusy):
            wanted = BUSY if error.retry_after is None else error.retry_after
            record.busy_until = now + min(wanted, LONGEST_BUSY)
            return
        if isinstance(error, NotThere | WrongAnswer):
            self._put_aside((source.key, piece), now)
        if not isinstance(error, NotThere):
            record.faults = record.fault_seconds(now) + 1.0
            record.faults_at = now

    def _put_aside(self, what: tuple[str, str], now: float) -> None:
        self._aside[what] = now + SET_ASIDE
        self._aside.move_to_end(what)
        while len(self._aside) > _MOST_KEPT:
            self._aside.popitem(last=False)

    def was_slow(self, source: Named, now: float) -> None:
        """Another source had the block first."""
        record = self.of(source)
        record.faults, record.faults_at = record.fault_seconds(now) + 0.5, now

    # --- what follows from it ---------------------------------------------------------

    def is_aside(self, source: Named, piece: str, now: float) -> bool:
        return self._aside.get((source.key, piece), 0.0) > now

    def busy_for(self, source: Named, now: float) -> float:
        return max(self.of(source).busy_until - now, 0.0)

    def place(
        self, source: Named, piece: str, skipped: int, length: int, now: float
    ) -> tuple[bool, bool, float]:
        """What sources are sorted by, the first of them to be asked first."""
        record = self.of(source)
        cost = record.expected(skipped, length, now) + record.fault_seconds(now) + source.doubt
        busy = now < record.busy_until
        return busy, self.is_aside(source, piece, now), cost

    def late_after(self, source: Named, skipped: int, length: int, now: float) -> float:
        """Seconds after which another source is asked for the block, too."""
        return min(self.late_though_sending(source, skipped, length, now), LATEST_LATE)

    def late_though_sending(self, source: Named, skipped: int, length: int, now: float) -> float:
        """The same where it comes: on a slow line it gets no faster by asking twice."""
        expected = self.of(source).expected(skipped, length, now)
        return min(max(TIMES_EXPECTED * expected, SOONEST_LATE), LATEST_OF_SENDERS)


def ranked(
    records: Records, sources: Sequence[_Source], piece: str, skipped: int, length: int, now: float
) -> list[_Source]:
    """Sources in the order in which to ask them for the block after `skipped` bytes."""
    return sorted(sources, key=lambda source: records.place(source, piece, skipped, length, now))


def _averaged(before: float, latest: float, asked: int) -> float:
    return latest if asked <= 0 else before + LATEST * (latest - before)
