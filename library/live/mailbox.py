"""
What one socket has still to be told of: numbers and ids, never the words themselves.

The words are read from the tables when they are told, so a socket that falls behind
costs no more than its ids, hears the newest of what it missed, and never hears what its
viewer may no longer see.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field

# Films and uploads that can wait for one socket. Beyond it, it has lost the thread.
MOST = 1000


@dataclass(frozen=True)
class Notice:
    """What one look at the tables has found: the newest event, and whose rows have moved."""

    newest: int
    uploads: Mapping[str, int | None] = field(default_factory=dict)
    videos: Set[str] = frozenset()


@dataclass
class Mail:
    newest: int = 0
    uploads: set[str] = field(default_factory=set)
    videos: set[str] = field(default_factory=set)
    lost: bool = False
    resume: int | None = None
    watch: bool | None = None
    errors: list[str] = field(default_factory=list)

    @property
    def has_news(self) -> bool:
        return bool(self.newest or self.uploads or self.videos or self.lost)


class Mailbox:
    """Filled by the reader and by what the client asks; emptied by the socket's one writer."""

    def __init__(self) -> None:
        self.owner: int | None = None
        self._told = 0
        self._mail = Mail()
        self._filled = asyncio.Event()

    def tell(self, notice: Notice) -> None:
        mail = self._mail
        uploads = {pk for pk, owner in notice.uploads.items() if owner == self.owner}
        if notice.newest > self._told:
            self._told = mail.newest = notice.newest
        elif not (uploads or notice.videos):
            return
        mail.uploads |= uploads
        mail.videos |= notice.videos
        if len(mail.uploads) + len(mail.videos) > MOST:
            mail.uploads, mail.videos, mail.lost = set(), set(), True
        self._filled.set()

    def ask(self, seq: int) -> None:
        """The client wants to hear what came after `seq`; asked twice, the last one counts."""
        self._mail.resume = seq
        self._filled.set()

    def watch(self, streams: bool) -> None:
        """The client wants to be told of streams from now on, or no longer."""
        self._mail.watch = streams
        self._filled.set()

    def complain(self, detail: str) -> None:
        """The client has sent something that cannot be read."""
        self._mail.errors.append(detail)
        self._filled.set()

    async def wait(self, seconds: float) -> None:
        """Until there is mail, or the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0)):
                await self._filled.wait()

    def take(self) -> Mail:
        self._filled.clear()
        taken, self._mail = self._mail, Mail()
        return taken
