"""How long to wait before another try, and when trying again has gone on for long enough."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from filmedia.client.errors import ClientError

FIRST, LONGEST = 0.5, 30.0
# A library that is restarted or moved is back by then.
PATIENCE = 600.0


def delay(
    failures: int,
    retry_after: float | None = None,
    chance: Callable[[], float] = random.random,
) -> float:
    """
    Seconds before try number `failures` + 1: doubling, up to half a minute, and never the
    same for two clients. What the library asks for is the least.
    """
    most = min(FIRST * 2.0 ** min(failures - 1, 10), LONGEST)
    ours = most / 2 + chance() * most / 2
    return max(retry_after or 0.0, ours)


class Patience:
    """
    Waits after each failure, and raises it once nothing has got on for `limit` seconds.

    `wait` does the waiting; it may raise when the one who asked does not want to wait.
    """

    def __init__(
        self,
        wait: Callable[[float], object] = time.sleep,
        limit: float = PATIENCE,
        tell: Callable[[ClientError, float], object] = lambda error, seconds: None,
    ) -> None:
        self._wait, self._limit, self._tell = wait, limit, tell
        self.got_on()

    def got_on(self) -> None:
        self._failures, self._waited = 0, 0.0

    def after(self, error: ClientError) -> None:
        """Wait before another try, or raise `error` when another would not help."""
        self._failures += 1
        seconds = delay(self._failures, error.retry_after)
        if not error.retryable or self._waited + seconds > self._limit:
            raise error
        self._tell(error, seconds)
        self._waited += seconds
        self._wait(seconds)
