"""What this process has sent since it began, for whoever watches over it: plain additions."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import Any

from streaming.doors.crowd import Crowd, crowd

# Seconds from a request that may come in to its first byte, waiting for a place included.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 1.0, 2.5, 5.0, 10.0)


class Figures:
    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        # Bytes by where they were read from.
        self.sent: Counter[str] = Counter()
        # How many first bytes came within each of BOUNDS, and later than all.
        self.first_bytes = [0] * (len(BOUNDS) + 1)
        self.first_byte_seconds = 0.0
        # Answers that could not be begun, or not be brought to their end.
        self.unavailable = 0

    def began_after(self, seconds: float) -> None:
        self.first_bytes[bisect_left(BOUNDS, seconds)] += 1
        self.first_byte_seconds += seconds

    def counters(self) -> dict[str, Any]:
        """All that only grows."""
        return {
            "sent": dict(self.sent),
            "first_bytes": list(self.first_bytes),
            "first_byte_seconds": round(self.first_byte_seconds, 6),
            "unavailable": self.unavailable,
            "refused": self._crowd.refused,
        }

    def gauges(self) -> dict[str, Any]:
        """How things are at this moment."""
        return {"open": self._crowd.open, "waiting": self._crowd.waiting}


figures = Figures(crowd)
