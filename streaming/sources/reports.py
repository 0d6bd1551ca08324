"""
Telling the library of a source that sent wrong bytes: its copy is doubted, so that another
is made. In a thread, and once, however many viewers have met it.
"""

from __future__ import annotations

import asyncio
import logging

from channels.db import database_sync_to_async
from django.db import transaction

from library.models import Copy
from library.network import reading_back
from streaming.sources.holders import Source
from streaming.sources.remote import RemotePiece

log = logging.getLogger(__name__)

# Seconds until the same copy may be told of again: it may have been found right meanwhile.
ONCE_IN = 60.0


class Reports:
    """One for each event loop."""

    def __init__(self) -> None:
        self._told: dict[int, float] = {}
        self._under_way: set[asyncio.Task[None]] = set()

    def wrong(self, source: Source, piece: RemotePiece, block: int) -> None:
        """The source sent something else than this block."""
        now = asyncio.get_running_loop().time()
        if source.copy is None or now < self._told.get(source.copy, 0.0) + ONCE_IN:
            return
        self._told = {copy: at for copy, at in self._told.items() if now < at + ONCE_IN}
        self._told[source.copy] = now
        what = f"A viewer was to get block {block} from {source.name}, and it was wrong."
        task = asyncio.create_task(self._tell(source.copy, what))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def settled(self) -> None:
        """Until all that was told is written."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def _tell(self, copy: int, what: str) -> None:
        try:
            await database_sync_to_async(_doubt, thread_sensitive=False)(copy, what)
        except Exception:
            # Nobody waits for this, and it comes again with the next wrong block.
            self._told.pop(copy, None)
            log.exception("It could not be written down that a copy is wrong: %s", what)


def _doubt(pk: int, what: str) -> None:
    with transaction.atomic():
        copy = Copy.objects.filter(pk=pk, state=Copy.State.COMMITTED).first()
        if copy is not None:
            reading_back.lose(copy, copy.piece.video, what, doubt=True)
