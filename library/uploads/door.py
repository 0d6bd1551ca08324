"""
The way in for bodies of any size: Django's ASGI handler, without its spooling.

Django under ASGI writes a whole body to disk before a view runs, and throws it away when
the client drops. Here the view runs at once, in its thread, and reads the body while it
arrives. Everything else (middleware, host, sign-in, CSRF, permissions, throttles) is
Django's own and the same for every request.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from django.core.handlers.asgi import ASGIHandler

from library.uploads.sources import ARRIVING, ClientGone

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

# What is received ahead of the view; beyond it the client has to wait.
AHEAD = 4 * 1024 * 1024
# No form and no JSON document of ours is larger; what is would only fill the disk.
SMALL_BODY = 8 * 1024 * 1024
# A connection that sends nothing for so long is given up.
GIVE_UP_SECONDS = 300
# How long bytes are still taken, and dropped, after an answer that came before their end.
LINGER_SECONDS = 5
_PAUSE_SECONDS = 1.0

# Bytes of films; what else is sent below /uploads/ are small documents.
_STREAMED = re.compile(r"/(api/v1/uploads/(?!(?:order|check)/)(?:[^/]+/?)?|upload/)")


class Door(ASGIHandler):
    """Django, reading the bodies of uploads as they arrive."""

    # How large the parts are in which a streamed response is sent.
    chunk_size = 256 * 1024

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in {"POST", "PATCH"} and _STREAMED.fullmatch(scope["path"]):
            await self._stream(scope, receive, send)
        elif _announced(scope) > SMALL_BODY:
            await _too_large(scope, send)
        else:
            try:
                await super().__call__(scope, _limited(receive), send)
            except _TooLarge:
                await _too_large(scope, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = ArrivingBody(receive)
        pump = asyncio.create_task(body.pump())
        try:
            answer = _ending(body, send)
            await super().__call__({**scope, ARRIVING: Pausing(body)}, body.never, answer)
        finally:
            # Also when the server is shutting down: the view's thread must not wait on.
            body.end()
            pump.cancel()

    async def read_body(self, receive: Any) -> Any:
        owner = getattr(receive, "__self__", None)
        return owner if isinstance(owner, ArrivingBody) else await super().read_body(receive)


class ArrivingBody:
    """A body that the event loop receives and a view's thread reads, as a file."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._parts: deque[bytes] = deque()
        self._held = self._pauses = 0
        self._complete = self._gone = self._unwanted = False
        self._changed = threading.Condition()
        self._over = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    async def pump(self) -> None:
        """Receive until the body is complete or the client has gone."""
        while not (self._complete or self._gone):
            await self._room.wait()
            message = await self._receive()
            with self._changed:
                if message["type"] == "http.disconnect":
                    self._gone = True
                else:
                    self._add(message.get("body", b""))
                    self._complete = not message.get("more_body", False)
                self._changed.notify()
        self._over.set()

    @property
    def is_complete(self) -> bool:
        return self._complete

    async def drop_rest(self, seconds: float) -> None:
        """Nobody reads it any more: throw away what still comes, for at most so long."""
        self._unwanted = True
        self._room.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)

    async def never(self) -> dict[str, Any]:
        """
        In place of `receive`, for Django to listen for a disconnect: none is told.

        Cancelling the view would leave its thread at work; it learns of the disconnect
        from `read`, keeps what has come, and returns.
        """
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    def end(self) -> None:
        with self._changed:
            self._gone = not self._complete
            self._changed.notify()

    def read(self, size: int = -1, /) -> bytes:
        """Wait for at most `size` bytes; b"" at the end. Raises ClientGone."""
        while (data := self.read_or_pause(AHEAD if size < 0 else size)) is None:
            pass
        return data

    def readline(self, size: int = -1, /) -> bytes:
        """What Django empties the rest of a form with; parts do for it as well as lines."""
        return self.read(size)

    def read_or_pause(self, size: int) -> bytes | None:
        """As `Source.read` promises."""
        with self._changed:
            if not self._wait(size):
                return None
            data = self._take(size)
            has_room = self._held < AHEAD
        # Not after every read: what comes in answer to one may be more than it took.
        if has_room:
            self._loop.call_soon_threadsafe(self._room.set)
        return data

    def close(self) -> None:
        """Django closes request bodies; this one ends with its connection."""

    def _add(self, part: bytes) -> None:
        if part and not self._unwanted:
            self._parts.append(part)
            self._held += len(part)
        if self._held >= AHEAD and not self._unwanted:
            self._room.clear()

    def _wait(self, size: int) -> bool:
        """Until `size` bytes are here, or the end, or a pause; False when nothing came."""
        self._changed.wait_for(
            lambda: self._held >= min(size, AHEAD // 2) or self._complete or self._gone,
            _PAUSE_SECONDS,
        )
        if self._held or self._complete:
            self._pauses = 0
            return True
        self._pauses += 1
        if self._gone or self._pauses * _PAUSE_SECONDS > GIVE_UP_SECONDS:
            raise ClientGone
        return False

    def _take(self, size: int) -> bytes:
        taken: list[bytes] = []
        missing = size
        while self._parts and missing:
            part = self._parts.popleft()
            if len(part) > missing:
                self._parts.appendleft(part[missing:])
                part = part[:missing]
            taken.append(part)
            missing -= len(part)
        self._held -= size - missing
        return b"".join(taken)


class Pausing:
    """An arriving body as a `Source`."""

    def __init__(self, body: ArrivingBody) -> None:
        self.read = body.read_or_pause


def _ending(body: ArrivingBody, send: Send) -> Send:
    """
    `send`; an answer that comes before the end of the body also ends the connection.

    What still arrives could not be told from a next request, and some clients stop in the
    middle of a body once they are answered: such a connection would stay for ever. It is
    read on for a moment, since a socket that is closed with bytes unread is reset, and the
    answer would be lost on its way.
    """
    early = False

    async def answer(message: Mapping[str, Any]) -> None:
        nonlocal early
        if message["type"] == "http.response.start" and not body.is_complete:
            early = True
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        elif early and not message.get("more_body", False):
            await send({**message, "more_body": True})
            await body.drop_rest(LINGER_SECONDS)
            message = {"type": "http.response.body", "body": b""}
        await send(message)

    return answer


class _TooLarge(Exception):
    """A body without a length has grown past what we read of it."""


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _limited(receive: Receive) -> Receive:
    """`receive`, cutting off a body without a length that grows past `SMALL_BODY`."""
    received = 0

    async def counted() -> Mapping[str, Any]:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > SMALL_BODY:
            raise _TooLarge
        return message

    return counted


async def _too_large(scope: Scope, send: Send) -> None:
    problem = {
        "type": "/api/v1/problems/too-large/",
        "title": "Too large",
        "status": 413,
        "code": "too-large",
        "instance": scope["path"],
        "detail": f"A request here has at most {SMALL_BODY:,} bytes. Films go to /api/v1/uploads/.",
    }
    headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(problem).encode()})
