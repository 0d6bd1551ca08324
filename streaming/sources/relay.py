"""
A relay: the blocks of a piece in order, passed on from source to source.

One source runs with the rest of the blocks. One that is wrong, short or gone is followed by
the next, from just that block on; beside one that is late the next begins to run as well,
and whoever has the block first goes on alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import httpx

from filmedia.filecoin.errors import FilecoinError, ProviderUnreachable
from streaming.errors import BytesUnavailable
from streaming.sources.holders import Holders, Source
from streaming.sources.ranking import Records, ranked
from streaming.sources.remote import Fetched, RemotePiece
from streaming.sources.runs import WAITS, Run, WrongBlock

log = logging.getLogger(__name__)

# So many are asked for one block at once.
MOST_AT_ONCE = 3
# A connection may break for no reason, so whoever could not be reached is asked once more.
TRIES = 2
# Seconds for which it is worth to wait when all that have the piece are too busy.
PATIENCE = 4.0
# From a source whose bytes came so lately more will come; then hedging is kept within bounds.
MOVING = 0.25
# Told of a block that was wrong.
Report = Callable[[Source, RemotePiece, int], None]


class Hedges:
    """How many ask twice at once in a process: a full line gets no faster by asking twice."""

    def __init__(self) -> None:
        self.relays = self.open = 0

    @property
    def may(self) -> bool:
        return self.open < max(2, self.relays // 4)


@dataclass
class Means:
    """What all relays of an event loop share."""

    holders: Holders
    report: Report
    records: Records = field(default_factory=Records)
    hedges: Hedges = field(default_factory=Hedges)
    # By the source's name and what it did: asked, blocks, bytes, late, failed, wrong.
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    waits: httpx.Timeout = field(default_factory=lambda: WAITS)


class Relay:
    """Blocks `first` up to `stop`. Close it: that ends what is under way."""

    def __init__(self, piece: RemotePiece, first: int, stop: int, means: Means) -> None:
        self._piece, self._block, self._stop, self._means = piece, first, stop, means
        self._records, self._hedges = means.records, means.hedges
        self._runs: list[Run] = []
        self._tries: Counter[str] = Counter()
        self._loop = asyncio.get_running_loop()
        self._asked = self._due = self._due_of_senders = self._loop.time()
        self._hedges.relays += 1

    async def next(self) -> Fetched:
        """The next block. Raises BytesUnavailable after every source was asked for it."""
        self._asked = self._loop.time()
        self._tries = Counter(run.source.key for run in self._runs)
        self._set_due()
        while True:
            if not self._runs and not await self._begin():
                raise BytesUnavailable(self._piece.index)
            found = await self._first_right()
            if found is not None:
                self._block += 1
                asked = sum(tries > 0 for tries in self._tries.values())
                return replace(found, failed_over=True) if asked > 1 else found
            if self._runs and self._loop.time() >= self._due:
                self._hedge()

    async def aclose(self) -> None:
        self._hedges.relays -= 1
        await self._leave(list(self._runs))

    # --- who runs ---------------------------------------------------------------------

    async def _begin(self) -> bool:
        """Whether somebody runs now; waits a little where all are too busy."""
        holders = self._means.holders
        sources = await holders.of(self._piece)
        while True:
            chosen, wait = self._choose(sources)
            if chosen is not None:
                self._run(chosen)
                return True
            if wait is not None and wait <= PATIENCE:
                await asyncio.sleep(wait)
                continue
            # Before it is given up, let the rows be new: another copy may have been made.
            before, sources = sources, await holders.anew(self._piece)
            if sources is before:
                return False

    def _choose(self, sources: Sequence[Source]) -> tuple[Source | None, float | None]:
        """Who is asked next; else the seconds until somebody may be, None where there is nobody."""
        piece, block, now = str(self._piece.cid), self._block, self._loop.time()
        running = {run.source.key for run in self._runs}
        able = [
            source
            for source in sources
            if source.key not in running and self._tries[source.key] < TRIES
        ]
        start, length = self._piece.start(block), self._piece.length(block)
        order = ranked(self._records, able, piece, start, length, now)
        # Everybody is asked before anybody is asked again.
        order.sort(key=lambda source: self._tries[source.key])
        waits = [self._records.busy_for(source, now) for source in order]
        free = [source for source, wait in zip(order, waits, strict=True) if not wait]
        return (free[0], None) if free else (None, min(waits, default=None))

    def _run(self, source: Source) -> None:
        self._tries[source.key] += 1
        if self._runs:
            self._hedges.open += 1
        means = self._means
        run = Run(source, self._piece, self._block, self._stop, means.records, means.waits)
        self._runs.append(run)
        self._count(run, "asked")
        self._set_due()

    def _hedge(self) -> None:
        lead, now = self._runs[-1], self._loop.time()
        self._due = now + MOVING
        is_here = any(run.receiving > self._block for run in self._runs)
        moves = now - lead.moved < MOVING
        waits = moves and (now < self._due_of_senders or not self._hedges.may)
        if is_here or len(self._runs) >= MOST_AT_ONCE or waits:
            # It is only not verified yet; or more of them would make it no faster.
            return
        # Nobody waits for the database here: the block may come at any moment.
        chosen, _ = self._choose(self._means.holders.at_hand(self._piece) or ())
        if chosen is not None:
            late, block = lead.source.name, self._block
            log.info("%s is late with block %s; %s runs, too", late, block, chosen.name)
            self._run(chosen)

    def _set_due(self) -> None:
        """When the latest of those who run is late."""
        if not self._runs:
            return
        run, now = self._runs[-1], self._loop.time()
        begins = run.first == self._block
        skipped, length = self._piece.start(self._block), self._piece.length(self._block)
        since = run.began if begins else max(self._asked, run.since)
        asked = run.source, skipped if begins else 0, length, now
        self._due = since + self._records.late_after(*asked)
        self._due_of_senders = since + self._records.late_though_sending(*asked)

    # --- what comes of it -------------------------------------------------------------

    async def _first_right(self) -> Fetched | None:
        """The block, where somebody has it before the next one is due."""
        wait = max(self._due - self._loop.time(), 0)
        heads = [run.head for run in self._runs]
        done, _ = await asyncio.wait(heads, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
        for run in [run for run in self._runs if run.head in done]:
            try:
                found = run.take()
            except FilecoinError as error:
                await self._failed(run, error)
            else:
                await self._won(run, len(found.data))
                return found
        return None

    async def _won(self, run: Run, length: int) -> None:
        now = self._loop.time()
        self._count(run, "blocks")
        self._count(run, "bytes", length)
        others = [other for other in self._runs if other is not run]
        for other in others:
            if other.began <= run.began:
                self._records.was_slow(other.source, now)
                self._count(other, "late")
        await self._leave(others)

    async def _failed(self, run: Run, error: FilecoinError) -> None:
        await self._leave([run])
        # Somebody else begins at once, whoever is running still.
        self._due = self._due_of_senders = self._loop.time()
        key, piece, now = run.source.key, str(self._piece.cid), self._loop.time()
        if run.was_held_up and isinstance(error, ProviderUnreachable):
            self._tries[key] = 0
            return
        level = logging.WARNING if isinstance(error, WrongBlock) else logging.INFO
        log.log(level, "Block %s of piece %s is fetched elsewhere: %s", self._block, piece, error)
        self._count(run, "wrong" if isinstance(error, WrongBlock) else "failed")
        if not error.retryable:
            self._tries[key] = TRIES
        self._records.failed(run.source, piece, error, now)
        if isinstance(error, WrongBlock):
            self._means.report(run.source, self._piece, self._block)

    def _count(self, run: Run, what: str, number: int = 1) -> None:
        self._means.counts[run.source.name, what] += number

    async def _leave(self, runs: list[Run]) -> None:
        for run in runs:
            # All of them at once: whoever waits here may be cancelled in the middle.
            run.cancel()
            self._runs.remove(run)
            if self._runs:
                self._hedges.open -= 1
        for run in runs:
            await run.ended()
