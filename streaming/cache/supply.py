"""
Blocks of films that do not lie on this machine: from the cache, or else from elsewhere, by
one fetch however many viewers wait for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from weakref import WeakKeyDictionary

from django.conf import settings

from streaming.cache.ahead import ReadAhead
from streaming.cache.blocks import Block, BlockInMemory, BlockOnDisk
from streaming.cache.films import Film
from streaming.cache.flights import MOST_AHEAD, Flight, Traffic
from streaming.cache.opened import Key, Opened
from streaming.cache.runs import Fetches, Means, Run, in_background
from streaming.cache.store import TOUCH_EVERY, Store
from streaming.errors import BytesUnavailable
from streaming.sources.fetching import fetcher

__all__ = ["Block", "Film", "ReadAhead", "Supply", "supply"]


class Supply:
    """One for each event loop. See `supply`."""

    def __init__(self, fetches: Fetches | None = None) -> None:
        self._store = Store()
        self._flights: dict[Key, Flight] = {}
        self._means = Means(self._store, fetches or fetcher(), Traffic(), self._flights)
        in_background(self._store.begin)

    async def block(self, film: Film, index: int, ahead: ReadAhead | None = None) -> Block:
        """
        The block, right. Raises BytesUnavailable when nobody has it. Whoever is cancelled
        leaves its flight to the others who wait.
        """
        if ahead is not None:
            ahead.at(index)
        while True:
            block = self._at_hand(film, index)
            self._set_out(film, index, ahead, is_here=block is not None)
            if block is None:
                block = await self._landed(film, self._flights[(film.cid, index)])
            if block is not None:
                if ahead is not None:
                    ahead.given()
                return block

    async def aclose(self) -> None:
        """End every fetch, and let go of every file."""
        runs = {flight.run for flight in self._flights.values()}
        await asyncio.gather(*(run.aclose() for run in runs))
        self._store.pool.close()

    def _at_hand(self, film: Film, index: int) -> Block | None:
        """The block if it can be had without waiting."""
        key = (film.cid, index)
        opened = None if settings.STREAM_VERIFY_ALWAYS else self._store.pool.take(key)
        if opened is not None:
            self._touch(opened)
            return self._on_disk(film, index, opened)
        passed = self._store.passing.get(key)
        return BlockInMemory(*passed) if passed else None

    async def _landed(self, film: Film, flight: Flight) -> Block | None:
        """What a flight has brought, or None: then look again."""
        await flight.wait()
        try:
            if flight.opened is not None:
                opened = self._store.pool.use(flight.opened)
                return self._on_disk(film, flight.index, opened)
            if flight.memory is not None:
                return BlockInMemory(*flight.memory)
            if flight.error is not None and flight.film != film.id:
                # Another film has the same bytes, and was not given them; this one may be.
                return None
            if isinstance(flight.error, BytesUnavailable):
                # One of its own: many may be told.
                raise BytesUnavailable(flight.error.piece) from flight.error
            if flight.error is not None:
                raise flight.error
            return None
        finally:
            flight.leave()

    def _on_disk(self, film: Film, index: int, opened: Opened) -> Block:
        piece = film.piece(index).index
        return BlockOnDisk(opened, self._store.pool, piece, self._store.doubt)

    def _touch(self, opened: Opened) -> None:
        now = time.monotonic()
        if now - opened.touched_at > TOUCH_EVERY:
            opened.touched_at = now
            in_background(self._store.touch, self._store.pool.use(opened))

    def _room_ahead(self) -> int:
        room = max(MOST_AHEAD - len(self._flights), 0)
        # What is not kept on disk has to wait in memory.
        return room if self._store.takes else min(room, 2)

    # --- setting out --------------------------------------------------------------------

    def _set_out(self, film: Film, index: int, ahead: ReadAhead | None, is_here: bool) -> None:
        """Have the block on its way, if it is not here, and what should be read ahead."""
        due = ahead.due() if ahead is not None else range(0)
        due = due[: self._room_ahead()]
        missing = [one for one in due if not self._store.is_known((film.cid, one))]
        for first, stop in list(self._runs(film, missing if is_here else [index, *missing])):
            Run(film, first, stop, self._means).start()
        if ahead is not None and due:
            on_their_way = {
                one: self._flights[(film.cid, one)]
                for one in missing
                if (film.cid, one) in self._flights
            }
            ahead.set_out(due.stop, on_their_way)

    def _runs(self, film: Film, indexes: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Those of the blocks that are not on their way, as ranges that lie in one piece each."""
        first = stop = -1
        for index in indexes:
            if (film.cid, index) in self._flights:
                continue
            if index != stop or film.piece(index) is not film.piece(first):
                if stop > first:
                    yield first, stop
                first = index
            stop = index + 1
        if stop > first:
            yield first, stop


_supplies: WeakKeyDictionary[asyncio.AbstractEventLoop, Supply] = WeakKeyDictionary()


def supply() -> Supply:
    """The supply of this process; one for each event loop, of which a server has one."""
    loop = asyncio.get_running_loop()
    if loop not in _supplies:
        _supplies[loop] = Supply()
    return _supplies[loop]
