"""
Blocks that follow each other, brought by one request as long as one source has them.

A run goes on while anybody waits for one of its blocks, or a read-ahead wants one; with the
last of these it is cancelled. Of several processes one at a time fetches a block; the others
wait until it is on disk.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing
from typing import NamedTuple, Protocol, TypeVar

from filmedia.filecoin.piece import BLOCK_SIZE
from streaming.cache.claims import Claims
from streaming.cache.counters import counters
from streaming.cache.films import Film
from streaming.cache.flights import Flight, Traffic
from streaming.cache.opened import Key, Opened
from streaming.cache.store import Store
from streaming.errors import BytesUnavailable
from streaming.sources.remote import Fetched, RemotePiece

log = logging.getLogger(__name__)

# Seconds between two looks whether another process has the block, at first and at most; and
# until we do not wait for it any more.
LOOK_AGAIN, LOOK_AGAIN_AT_MOST, PATIENCE = 0.01, 0.1, 10.0

# Who looks is never held up by whoever makes room.
looking = ThreadPoolExecutor(4, thread_name_prefix="cache-look")
writing = ThreadPoolExecutor(2, thread_name_prefix="cache-write")
_T = TypeVar("_T")


def in_background(function: Callable[..., None], *arguments: object) -> None:
    """In a thread, where nobody waits for it."""

    def do() -> None:
        try:
            function(*arguments)
        except Exception:
            log.exception("The cache could not be looked after")

    writing.submit(do)


class Fetches(Protocol):
    """As far as the fetcher of `streaming.sources.fetching` concerns this file."""

    def blocks(
        self, piece: RemotePiece, first: int, count: int
    ) -> AsyncGenerator[Fetched, None]: ...


class Means(NamedTuple):
    """What all runs of an event loop share."""

    store: Store
    fetches: Fetches
    traffic: Traffic
    flights: dict[Key, Flight]


class Run:
    """Blocks `first` up to `stop` of one piece."""

    def __init__(self, film: Film, first: int, stop: int, means: Means) -> None:
        self.film = film
        self._stop, self._position = stop, first
        self.store, self._fetches, self._traffic, self._flights = means
        self._claims = Claims()
        self.own = {
            index: Flight(self, film.id, index, self.store.pool) for index in range(first, stop)
        }
        self._flights.update({(film.cid, index): flight for index, flight in self.own.items()})
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """After somebody waits for one of its flights, or wants one."""
        self._task = asyncio.create_task(self._go(), name=f"blocks of {self.film.id}")
        # Also of a task that is cancelled before it has begun.
        self._task.add_done_callback(lambda _: self._over())

    async def aclose(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def reconsider(self) -> None:
        if self._task is not None and not self._is_wanted():
            self._task.cancel()

    def _is_wanted(self) -> bool:
        return any(flight.is_wanted for flight in self.own.values())

    def _land(self, index: int) -> None:
        flight = self.own.pop(index, None)
        if flight is not None:
            if self._flights.get((self.film.cid, index)) is flight:
                del self._flights[(self.film.cid, index)]
            flight.land()

    async def _go(self) -> None:
        try:
            while self.own and self._is_wanted():
                await self._next()
        except Exception as error:
            if not isinstance(error, BytesUnavailable):
                log.exception("Blocks of film %s could not be had", self.film.id)
            # Only whoever waits for the block that is missing is told; the others try again.
            flight = self.own.get(self._position)
            if flight is not None:
                flight.error = error

    def _over(self) -> None:
        self._claims.close()
        for index in list(self.own):
            self._land(index)

    async def _next(self) -> None:
        """Find what is here of the next blocks, and fetch some that are not."""
        index = self._position
        flight = self.own[index]
        if flight.waiters:
            flight.opened = await self._looked_or_claimed(index)
            if flight.opened is not None:
                self._pass(index)
                return
            count = 1
            if index + 1 < self._stop:
                count += await self._in(looking, self._claim_all, index + 1)
        else:
            count = await self._in(looking, self._claim_all, index)
            if not count:
                self._pass(index)
                return
        await self._fetch(index, count)

    def _pass(self, index: int) -> None:
        self._position = index + 1
        self._land(index)

    # --- in this process and in others --------------------------------------------------

    async def _looked_or_claimed(self, index: int) -> Opened | None:
        """The block if it is here by now, or None as soon as it is for us to fetch it."""
        clock = asyncio.get_running_loop().time
        pause, end = LOOK_AGAIN, clock() + PATIENCE
        while True:
            opened, is_ours = await self._in(looking, self._look_or_claim, index)
            if opened is not None or is_ours or clock() > end:
                return opened
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LOOK_AGAIN_AT_MOST)

    def _look_or_claim(self, index: int) -> tuple[Opened | None, bool]:
        opened = self.store.look(self.film, index)
        if opened is not None or not self.store.takes:
            # Where nothing is kept there is nothing to have from other processes.
            return opened, True
        if not self._claim(index):
            return None, False
        # Whoever had the claim before may have brought it since we looked.
        opened = self.store.look(self.film, index)
        if opened is not None:
            self._claims.release(self.film.cid, index)
        return opened, True

    def _claim(self, index: int) -> bool:
        try:
            return self._claims.take(self.film.cid, index)
        except OSError as error:
            self.store.refused(error)
            return True

    def _claim_all(self, first: int) -> int:
        """Of those from `first` on, how many are for us to fetch until one is not."""
        for index in range(first, self._stop):
            if self.store.has(self.film, index):
                return index - first
            if self.store.takes:
                if not self._claim(index):
                    return index - first
                if self.store.has(self.film, index):
                    self._claims.release(self.film.cid, index)
                    return index - first
        return self._stop - first

    # --- from elsewhere -----------------------------------------------------------------

    async def _fetch(self, index: int, wanted: int) -> None:
        film = self.film.cid
        count = await self._traffic.enter(film, wanted)
        # The others are claimed for nothing: whoever wants them asks again.
        for other in range(index + count, index + wanted):
            self._claims.release(self.film.cid, other)
        left = count
        piece = self.film.piece(index)
        first = index - piece.offset // BLOCK_SIZE
        try:
            blocks = self._fetches.blocks(self.film.remote(piece), first, count)
            async with aclosing(blocks):
                async for fetched in blocks:
                    await self._arrived(self._position, fetched)
                    left -= 1
                    self._traffic.change(film, -1)
                    if not left or not self._is_wanted():
                        return
            raise BytesUnavailable(piece.index)
        finally:
            self._traffic.change(film, -left)

    async def _arrived(self, index: int, fetched: Fetched) -> None:
        data = memoryview(fetched.data)[: self.film.length(index)]
        counters.bytes_fetched += len(data)
        opened = await self._in(writing, self._keep, index, data, fetched)
        flight = self.own[index]
        if opened is not None:
            flight.opened = opened
            self.store.passing.clear()
        else:
            passed = self.store.passing.keep((self.film.cid, index), data, fetched.source)
            flight.memory = passed._replace(failed_over=fetched.failed_over)
        self._pass(index)

    def _keep(self, index: int, data: memoryview, fetched: Fetched) -> Opened | None:
        if not fetched.verified and not self.film.is_right(index, data):
            raise BytesUnavailable(self.film.piece(index).index)
        failed_over = fetched.failed_over
        opened = self.store.put(self.film, index, data, fetched.source, failed_over)
        self._claims.release(self.film.cid, index)
        return opened

    # --- threads ------------------------------------------------------------------------

    async def _in(
        self, threads: ThreadPoolExecutor, function: Callable[..., _T], *arguments: object
    ) -> _T:
        work = threads.submit(function, *arguments)
        try:
            return await asyncio.wrap_future(work)
        except asyncio.CancelledError:
            work.add_done_callback(self._unwanted)
            raise

    def _unwanted(self, work: Future[_T]) -> None:
        """Nobody takes what a thread has come to."""
        if work.cancelled() or work.exception() is not None:
            return
        result = work.result()
        opened = result[0] if isinstance(result, tuple) else result
        if isinstance(opened, Opened):
            self.store.pool.release(opened)
