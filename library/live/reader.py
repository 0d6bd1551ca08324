"""
The one reader of a server process: it looks at the tables while anybody listens.

Whichever process made a change, the tables tell of it; so any number of servers and
workers need nothing between them but the database.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async

from library.live.changes import Changes
from library.live.mailbox import Mailbox

log = logging.getLogger(__name__)

LOOK_EVERY = 0.25
# After an error, so that a database that is down is not asked four times a second.
REST = 1.0


class Reader:
    def __init__(self) -> None:
        self._mailboxes: set[Mailbox] = set()
        self._looking: asyncio.Task[None] | None = None

    @contextmanager
    def filling(self, mailbox: Mailbox) -> Iterator[None]:
        """Tell `mailbox` of every change while the block runs."""
        self._mailboxes.add(mailbox)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), name="live reader")
        try:
            yield
        finally:
            self._mailboxes.discard(mailbox)
            if not self._mailboxes and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def _look(self) -> None:
        changes = Changes()
        while True:
            try:
                notice = await database_sync_to_async(changes.look)()
            except Exception:
                # Were it to end, every socket would fall silent without a word.
                log.exception("The tables could not be read for the websockets.")
                await asyncio.sleep(REST)
                continue
            for mailbox in self._mailboxes:
                mailbox.tell(notice)
            await asyncio.sleep(LOOK_EVERY)


_readers: WeakKeyDictionary[asyncio.AbstractEventLoop, Reader] = WeakKeyDictionary()


def reader() -> Reader:
    """The reader of this process; one for each event loop, of which a server has one."""
    return _readers.setdefault(asyncio.get_running_loop(), Reader())
