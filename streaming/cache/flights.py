"""A block that is on its way, for whoever waits for it; and how many there are at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Protocol

from streaming.cache.counters import counters
from streaming.cache.opened import Opened, Pool
from streaming.cache.passing import Passed

# Blocks that a process fetches at once, and so about its MiB of memory for them; read-ahead
# leaves the other half to those who wait.
MOST_IN_FLIGHT = 64
MOST_AHEAD = MOST_IN_FLIGHT // 2
# And so many more, one of each film that has none under way.
MOST_BEYOND = 16


class Carrier(Protocol):
    """Who brings a block, as far as that concerns this file."""

    async def aclose(self) -> None: ...

    def reconsider(self) -> None: ...


class Flight:
    """
    Of one block, for the film with this id. When `landed` is set it is `opened` or in
    `memory`, or there is an `error`; with none of these whoever waits should look again.
    """

    def __init__(self, run: Carrier, film: str, index: int, pool: Pool) -> None:
        self.run, self.film, self.index, self._pool = run, film, index, pool
        self.landed = asyncio.Event()
        self.opened: Opened | None = None
        self.memory: Passed | None = None
        self.error: Exception | None = None
        self.waiters = 0
        self.wanted_by: set[object] = set()

    @property
    def is_wanted(self) -> bool:
        return bool(self.waiters or self.wanted_by)

    async def wait(self) -> None:
        """Until it has landed; then `leave` when it has been taken over."""
        self.waiters += 1
        try:
            await self.landed.wait()
        except asyncio.CancelledError:
            self.leave()
            raise

    def leave(self) -> None:
        self.waiters -= 1
        self._let_go()

    def land(self) -> None:
        self.landed.set()
        self._let_go()

    def forget(self, who: object) -> None:
        self.wanted_by.discard(who)
        self._let_go()

    def _let_go(self) -> None:
        if self.waiters:
            return
        if self.landed.is_set():
            opened, self.opened = self.opened, None
            if opened is not None:
                self._pool.release(opened)
        else:
            self.run.reconsider()


class Traffic:
    """How much is fetched at once in this process, of which films by their PieceCIDs."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self._of: Counter[str] = Counter()
        self.blocks = 0

    async def enter(self, film: str, wanted: int) -> int:
        """
        Returns how many blocks of the film may be fetched now, at least one. Where others fill
        the bound, whoever has those may hang: so a film may have one under way all the same.
        """
        while self.blocks >= MOST_IN_FLIGHT + (0 if self._of[film] else MOST_BEYOND):
            self._changed.clear()
            await self._changed.wait()
        count = min(wanted, max(MOST_IN_FLIGHT - self.blocks, 1))
        self.change(film, count)
        return count

    def change(self, film: str, count: int) -> None:
        self._of[film] += count
        if not self._of[film]:
            del self._of[film]
        self.blocks += count
        counters.in_flight += count
        self._changed.set()
