"""What one viewer may have a second: requests for next to nothing, and bytes where that is set."""

from __future__ import annotations

import asyncio
import time

from django.conf import settings

from streaming.errors import TooManyRequests

# A request that is sent so much is a part of a film, and costs nothing; below it, in proportion.
ENOUGH = 64 * 1024
# Whoever asks too quickly is made to wait this long at most, then refused.
WAIT_SECONDS = 5.0
# What a viewer has not used of their bytes a second is kept for so many seconds.
KEPT_SECONDS = 1.0


class Requests:
    """Of one viewer: some at once, then so many a second."""

    def __init__(self) -> None:
        # When all of them are there again.
        self._all_at = 0.0

    def take(self) -> float:
        """How long this one has to wait. Raises TooManyRequests, which costs nothing."""
        a_second = settings.STREAM_REQUESTS
        if not a_second:
            return 0.0
        now = time.monotonic()
        all_at = max(self._all_at, now) + 1 / a_second
        wait = all_at - now - settings.STREAM_REQUESTS_AT_ONCE / a_second
        if wait > WAIT_SECONDS:
            raise TooManyRequests(wait)
        self._all_at = all_at
        return max(wait, 0.0)

    def came_to(self, size: int) -> None:
        """What was sent for one that was taken."""
        if a_second := settings.STREAM_REQUESTS:
            self._all_at -= min(size / ENOUGH, 1.0) / a_second

    @property
    def are_all_there(self) -> bool:
        return self._all_at <= time.monotonic()


class Pace:
    """The bytes a second of one viewer, over all of their answers."""

    def __init__(self) -> None:
        self._free_at = 0.0

    def spend(self, size: int) -> None:
        if rate := settings.STREAM_RATE:
            kept = time.monotonic() - KEPT_SECONDS
            self._free_at = max(self._free_at, kept) + size / rate

    async def wait(self) -> None:
        """Until what was spent is earned."""
        while (wait := self._free_at - time.monotonic()) > 0:
            await asyncio.sleep(wait)
