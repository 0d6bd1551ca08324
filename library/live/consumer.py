"""
One websocket: it lets in whom it may, and then has one writer that tells what there is.

Whatever is said goes through that writer, so that messages keep their order; what the
client sends is only noted for it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer, AsyncWebsocketConsumer

from library.live import asked, visitors
from library.live.allowance import Allowance
from library.live.feed import RESET, Feed, Message, SignedOut
from library.live.mailbox import Mail, Mailbox
from library.live.reader import reader
from library.live.visitors import CloseCode, Refused

log = logging.getLogger(__name__)

# Every socket asks at least so often whether its viewer is still signed in.
CHECK_EVERY = 3.0
# Proxies and browsers take a connection that says nothing for much longer as dead.
PING_EVERY = 25.0
# A client that takes nothing for so long is given up.
SEND_WITHIN = 30.0
# How often those who want to know are told who watches.
STREAMS_EVERY = 2.0
MESSAGES_AT_ONCE, MESSAGES_A_SECOND = 20, 1.0

_P = ParamSpec("_P")
_T = TypeVar("_T")


class NoSuchSocket(AsyncWebsocketConsumer):
    """Every other path: the handshake is refused."""

    async def connect(self) -> None:
        await self.close()


class EventsConsumer(AsyncJsonWebsocketConsumer):
    """`/ws/events/`: a snapshot, then events with their numbers, and how far things are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._mailbox = Mailbox()
        self._allowance = Allowance(MESSAGES_AT_ONCE, MESSAGES_A_SECOND)
        self._writer: asyncio.Task[None] | None = None
        # When streams are told of next.
        self._streams_at = float("inf")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            # However the connection ends, also when the server is shutting down.
            if self._writer is not None:
                self._writer.cancel()

    async def connect(self) -> None:
        # Accepted before it may be closed: a browser tells a page the code of a socket
        # that was open, and nothing at all of a handshake that was refused.
        await self.accept()
        try:
            sign_in = await _read(visitors.identify, self.scope["headers"])
        except Refused as refused:
            await self.close(refused.code)
            return
        self._writer = asyncio.create_task(self._write(Feed(sign_in)), name="live writer")

    # --- What the client says ---------------------------------------------------------

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any
    ) -> None:
        if self._writer is None:
            return
        if not self._allowance.take():
            self._writer.cancel()
            self._writer = None
            await self.close(CloseCode.TOO_MUCH)
            return
        match asked.understand(text_data):
            case asked.Resume(seq):
                self._mailbox.ask(seq)
            case asked.Watch(streams):
                self._mailbox.watch(streams)
            case asked.Nonsense(detail):
                self._mailbox.complain(detail)

    # --- What it is told --------------------------------------------------------------

    async def _write(self, feed: Feed) -> None:
        try:
            await self._follow(feed)
        except SignedOut:
            await self.close(CloseCode.SIGN_IN)
        except TimeoutError:
            await self._give_up()
        except OSError:
            # The client has gone; the server says so by its own way.
            pass
        except Exception:
            log.exception("A websocket broke.")
            await self.close(CloseCode.BROKEN)

    async def _follow(self, feed: Feed) -> None:
        viewer = await _read(feed.viewer)
        self._mailbox.owner = viewer.pk
        # Followed before it is read: what happens in between is told.
        with reader().filling(self._mailbox):
            await self._tell(await _read(feed.snapshot))
            checked = pinged = time.monotonic()
            while True:
                due = min(checked + CHECK_EVERY, pinged + PING_EVERY, self._streams_at)
                await self._mailbox.wait(due - time.monotonic())
                mail = self._mailbox.take()
                await self._answer(feed, mail)
                if time.monotonic() >= self._streams_at:
                    await self._tell_streams(feed)
                if mail.has_news:
                    await self._bring(feed, mail)
                    checked = time.monotonic()
                elif time.monotonic() >= checked + CHECK_EVERY:
                    await _read(feed.viewer)
                    checked = time.monotonic()
                if time.monotonic() >= pinged + PING_EVERY:
                    await self._tell({"type": "ping"})
                    pinged = time.monotonic()

    async def _answer(self, feed: Feed, mail: Mail) -> None:
        for detail in mail.errors:
            await self._tell({"type": "error", "detail": detail})
        if mail.watch is not None:
            self._streams_at = time.monotonic() if mail.watch else float("inf")
        if mail.resume is None:
            return
        if await _read(feed.rewind, mail.resume):
            await self._replay(feed)
        else:
            await self._tell(RESET)

    async def _tell_streams(self, feed: Feed) -> None:
        message = await _read(feed.streams)
        # Whoever may not know is told once.
        again = message["type"] == "streams"
        self._streams_at = time.monotonic() + STREAMS_EVERY if again else float("inf")
        await self._tell(message)

    async def _replay(self, feed: Feed) -> None:
        more = True
        while more:
            told, more = await _read(feed.replay)
            await self._tell(*told)

    async def _bring(self, feed: Feed, mail: Mail) -> None:
        if mail.lost:
            await self._tell(RESET)
        told, more = await _read(feed.news, mail)
        await self._tell(*told)
        if more:
            await self._replay(feed)

    async def _tell(self, *messages: Message) -> None:
        for message in messages:
            async with asyncio.timeout(SEND_WITHIN):
                await self.send_json(message)

    async def _give_up(self) -> None:
        log.info("A websocket's client takes nothing any more.")
        try:
            async with asyncio.timeout(1):
                await self.close(CloseCode.TOO_MUCH)
        except (TimeoutError, OSError):
            # Nor that; the server's own pings will find it dead.
            pass


async def _read(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Ask the database, in a thread."""
    answer: _T = await database_sync_to_async(function)(*args, **kwargs)
    return answer
