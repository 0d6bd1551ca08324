"""How much a client may send: some at once, then so many a second."""

from __future__ import annotations

import time


class Allowance:
    def __init__(self, most: int, a_second: float) -> None:
        self._most, self._a_second = most, a_second
        self._left, self._at = float(most), time.monotonic()

    def take(self) -> bool:
        """Use one up; False when none is left."""
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._at) * self._a_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
