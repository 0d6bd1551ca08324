"""Fetching blocks of a piece, each verified, from whichever source has it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from weakref import WeakKeyDictionary

import httpx

from streaming.sources.holders import Holders
from streaming.sources.relay import Means, Relay
from streaming.sources.remote import Fetched, RemotePiece
from streaming.sources.reports import Reports
from streaming.sources.runs import WAITS

__all__ = ["Fetched", "Fetcher", "RemotePiece", "fetcher"]


class Fetcher:
    """One for each event loop: its connections belong to the loop. See `fetcher`."""

    def __init__(self, holders: Holders | None = None, waits: httpx.Timeout = WAITS) -> None:
        self.holders, self.reports = holders or Holders(), Reports()
        self.means = Means(self.holders, self.reports.wrong, waits=waits)

    async def blocks(
        self, piece: RemotePiece, first: int, count: int
    ) -> AsyncGenerator[Fetched, None]:
        """
        The blocks in order, each verified, each from whichever source has it. Raises
        BytesUnavailable when no source has the next one. Close it: that ends what is under way.
        """
        stop = min(first + count, piece.blocks)
        relay = Relay(piece, first, stop, self.means)
        try:
            for _ in range(first, stop):
                yield await relay.next()
        finally:
            await relay.aclose()

    async def aclose(self) -> None:
        """End every connection, once what is to be reported is written."""
        await self.reports.settled()
        await self.holders.aclose()


_fetchers: WeakKeyDictionary[asyncio.AbstractEventLoop, Fetcher] = WeakKeyDictionary()


def fetcher() -> Fetcher:
    """The fetcher of this process; one for each event loop, of which a server has one."""
    loop = asyncio.get_running_loop()
    if loop not in _fetchers:
        _fetchers[loop] = Fetcher()
    return _fetchers[loop]


def counts() -> Counter[tuple[str, str]]:
    """What each source did since this process began: by its name and what it was."""
    total: Counter[tuple[str, str]] = Counter()
    for one in list(_fetchers.values()):
        total.update(dict(one.means.counts))
    return total
