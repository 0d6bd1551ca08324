"""The little of HTTP that a provider needs, on a plain ASGI application in uvicorn."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
_READ_AHEAD = 1 << 20
_LONGEST_JSON = 1 << 20


class Protocol(HttpToolsProtocol):
    """Reads a MiB ahead, and lets the application cut the connection."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        # Raising would not do: uvicorn then answers 500, and an answer is what must be lost.
        self.scope["transport"] = self.transport

    def on_body(self, body: bytes) -> None:
        if len(self.cycle.body) + len(body) > _READ_AHEAD:
            super().on_body(body)
        elif not (self.parser.should_upgrade() or self.cycle.response_complete):
            self.cycle.body += body
            self.cycle.message_event.set()


class Answer(Exception):
    """An answer, wherever it is known: raise it."""

    def __init__(self, status: int, body: bytes | str = b"", **headers: str) -> None:
        self.status = status
        self.body = body.encode() if isinstance(body, str) else body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(status)


class Hangup(Exception):
    """The connection ends without an answer."""


class Gone(Exception):
    """Whoever asked has left."""


def words(status: int, text: str, **headers: str) -> Answer:
    """As Curio says what is wrong: plain text with an id to ask after."""
    body = f"{text} [eid: {uuid.uuid4()}]\n"
    return Answer(status, body, Content_Type="text/plain; charset=utf-8", **headers)


def told(body: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(body), Content_Type="application/json")


class Request:
    def __init__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        self.method, self.path = scope["method"], scope["path"]
        self.query = scope["query_string"].decode("latin-1")
        self.client = (scope.get("client") or ("",))[0]
        self.headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope["headers"]
        }
        self._receive, self._send = receive, send
        self._transport = scope.get("transport")

    async def body(self) -> AsyncIterator[bytes]:
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Gone
            if message.get("body"):
                yield message["body"]
            if not message.get("more_body"):
                return

    async def json(self) -> dict[str, Any]:
        data = bytearray()
        async for portion in self.body():
            data += portion
            if len(data) > _LONGEST_JSON:
                raise words(413, "Request body too large")
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise words(400, "Content-Type must be application/json")
        try:
            found = json.loads(data)
        except (ValueError, RecursionError):
            raise words(400, "Invalid JSON in request body") from None
        if not isinstance(found, dict):
            raise words(400, "Invalid request body")
        return found

    async def answer(self, answer: Answer) -> None:
        headers = answer.headers
        if answer.status not in (204, 304):
            headers = {"Content-Length": str(len(answer.body))} | headers
        await self.start(answer.status, headers)
        await self.more(b"" if self.method == "HEAD" else answer.body, last=True)

    async def start(self, status: int, headers: dict[str, str]) -> None:
        given = _CORS | headers
        pairs = [(name.encode(), value.encode("latin-1")) for name, value in given.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": pairs})

    async def more(self, data: bytes, *, last: bool = False) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": not last})

    async def until_gone(self) -> None:
        """Until whoever asks has had enough."""
        while (await self._receive())["type"] != "http.disconnect":
            await asyncio.sleep(0)

    async def until_gone_unread(self) -> None:
        """Likewise, while nothing more is taken of what is sent."""
        while self._transport is not None and not self._transport.is_closing():
            await asyncio.sleep(0.05)

    async def cut(self) -> None:
        """End the connection as it is, as a process does that dies."""
        if self._transport is not None:
            self._transport.abort()
        await self.until_gone()


_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Content-Type, Authorization, Accept, Accept-Encoding",
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS, HEAD",
    "Access-Control-Expose-Headers": "Location",
}
