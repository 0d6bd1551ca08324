"""
A run: blocks from one source by one request, each held against its root while the next one
is being received.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx

from filmedia.filecoin.errors import ProviderUnreachable, WrongAnswer
from filmedia.filecoin.provider.incoming import Incoming
from streaming.sources.holders import Source
from streaming.sources.ranking import Records
from streaming.sources.remote import Fetched, RemotePiece

WAITS = httpx.Timeout(connect=3.0, read=5.0, write=5.0, pool=5.0)
# Connecting, TLS and the first byte, also where each goes on for ever in drops.
OPENING_SECONDS = 10.0
# Blocks that were received, or are being received, and are not taken yet.
AHEAD = 3
# Seconds after which a sender may leave that is not let send.
HELD_UP = 5.0

# More of them than cores would only take turns.
_hashers = ThreadPoolExecutor(min(os.cpu_count() or 1, 4), thread_name_prefix="block-hasher")


class WrongBlock(WrongAnswer):
    """These are bytes, and not the ones that the film's PieceCID names."""


@dataclass
class _Received:
    block: int
    data: bytearray
    is_right: asyncio.Future[bool]


class Run:
    """
    Blocks `first` up to `stop`, in order. `head` is the next one: wait for it, then `take` it.
    In the end `cancel` it, also after its last block.
    """

    def __init__(
        self,
        source: Source,
        piece: RemotePiece,
        first: int,
        stop: int,
        records: Records,
        waits: httpx.Timeout = WAITS,
    ) -> None:
        self.source, self.piece, self.first, self.stop = source, piece, first, stop
        self._records, self._waits = records, waits
        self._loop = asyncio.get_running_loop()
        self.began = self._loop.time()
        # The block that is being received, and since when.
        self.receiving, self.since = first, self.began
        # Whether nobody took what came for so long that its end proves nothing.
        self.was_held_up = False
        self._incoming: Incoming | None = None
        self._room = asyncio.Semaphore(AHEAD)
        self._come: asyncio.Queue[_Received | Exception] = asyncio.Queue()
        self._task = asyncio.create_task(self._receive(), name=f"blocks of {source.name}")
        self.head = self._expect()

    @property
    def moved(self) -> float:
        """When anything came last."""
        return self._incoming.moved if self._incoming else self.began

    def take(self) -> Fetched:
        """The block that `head` has; from now on that is the next one. Raises what went wrong."""
        fetched = self.head.result()
        self._room.release()
        self.head = self._expect()
        return fetched

    def cancel(self) -> None:
        """End its request; nobody wants `head` any more."""
        self._task.cancel()
        self.head.cancel()

    async def ended(self) -> None:
        """Until that has happened."""
        await asyncio.wait([self._task, self.head])

    # --- receiving --------------------------------------------------------------------

    async def _receive(self) -> None:
        try:
            async with AsyncExitStack() as stack:
                incoming = await self._opened(stack)
                for block in range(self.first, self.stop):
                    await self._fill(incoming, block)
        except Exception as error:
            # Whoever waits for the next block is told, after those that came before.
            self._come.put_nowait(error)

    async def _opened(self, stack: AsyncExitStack) -> Incoming:
        start, stop = self.piece.start(self.first), self.piece.start(self.stop)
        asked = self.source.client.opened(self.piece.cid, start, stop, self._waits)
        try:
            async with asyncio.timeout(OPENING_SECONDS):
                incoming = self._incoming = await stack.enter_async_context(asked)
        except TimeoutError:
            raise ProviderUnreachable(self.source.name, "it does not answer in time") from None
        now = self._loop.time()
        self._records.answered(self.source, now - self.began)
        if incoming.ignores_range:
            self._records.ignores_ranges(self.source, now)
        elif start:
            self._records.takes_ranges(self.source)
        return incoming

    async def _fill(self, incoming: Incoming, block: int) -> None:
        asked, waits = self._loop.time(), self._room.locked()
        await self._room.acquire()
        self.receiving, self.since = block, self._loop.time()
        self.was_held_up |= self.since - asked > HELD_UP
        data = bytearray(self.piece.length(block))
        await incoming.fill(memoryview(data))
        if not waits:
            self._records.received(self.source, len(data), self._loop.time() - self.since)
        self.receiving = block + 1
        right = self._loop.run_in_executor(_hashers, self.piece.is_right, block, data)
        self._come.put_nowait(_Received(block, data, right))

    def _expect(self) -> asyncio.Task[Fetched]:
        head = asyncio.create_task(self._next())
        # What went wrong is looked at by whoever takes it, and else concerns nobody.
        head.add_done_callback(lambda done: done.cancelled() or done.exception())
        return head

    async def _next(self) -> Fetched:
        come = await self._come.get()
        if isinstance(come, Exception):
            raise come
        if not await come.is_right:
            what = f"block {come.block} of {self.piece.cid} is wrong"
            raise WrongBlock(self.source.name, 206, what)
        return Fetched(come.data, self.source.name, self.piece.roots is not None)
