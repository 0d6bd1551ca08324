"""How many requests may be made in a minute, however many ask."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol


class Pace(Protocol):
    """Shared by all who speak with one RPC node; `wait` returns when it is one's turn."""

    async def wait(self) -> None: ...


class TokenBucket:
    """
    At most `per_minute` requests in any minute, of which `burst` may come at once.

    Pure arithmetic on a clock: `take` says how long to wait before the request that was
    just counted. Threads and processes share one by keeping its two numbers together.
    """

    def __init__(self, per_minute: int, burst: int) -> None:
        # The bucket's content and what flows in meanwhile stay under the limit together.
        self.rate, self.burst = max(per_minute - burst, 1) / 60, burst

    def take(self, level: float, at: float, now: float) -> tuple[float, float]:
        """`level` tokens at `at` become this many at `now`, one taken; below 0, wait for it."""
        filled = min(level + max(now - at, 0.0) * self.rate, self.burst)
        return filled - 1, max(0.0, (1 - filled) / self.rate)


class OwnPace:
    """A pace for one process."""

    def __init__(
        self,
        per_minute: int = 90,
        burst: int = 20,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bucket = TokenBucket(per_minute, burst)
        self._level, self._at = float(burst), clock()
        self._clock, self._sleep = clock, sleep

    async def wait(self) -> None:
        now = self._clock()
        self._level, pause = self._bucket.take(self._level, self._at, now)
        self._at = now
        if pause:
            await self._sleep(pause)


class NoPace:
    async def wait(self) -> None:
        """A node of this machine takes any number of requests."""
