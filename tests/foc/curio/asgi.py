"""The little of HTTP that a provider needs, as a plain ASGI application has it."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Answer(Exception):
    """An answer, wherever it is known: raise it."""

    def __init__(self, status: int, body: bytes | str = b"", **headers: str) -> None:
        self.status = status
        self.body = body.encode() if isinstance(body, str) else body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(status)


def words(status: int, text: str, **headers: str) -> Answer:
    """As Curio says what is wrong: plain text with an id to ask after."""
    return Answer(status, f"{text} [eid: {uuid.uuid4()}]\n", Content_Type="text/plain", **headers)


def told(body: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(body), Content_Type="application/json")


class Hangup(Exception):
    """The connection ends without an answer."""


class Request:
    def __init__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        self.method, self.path = scope["method"], scope["path"]
        self.query = scope["query_string"].decode()
        self.headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        self._receive, self._send = receive, send

    async def body(self) -> AsyncIterator[bytes]:
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Hangup
            if message.get("body"):
                yield message["body"]
            if not message.get("more_body"):
                return

    async def json(self, most: int = 1 << 20) -> dict[str, Any]:
        data = bytearray()
        async for portion in self.body():
            data += portion
            if len(data) > most:
                raise words(413, "Request body too large")
        if not self.headers.get("content-type", "").startswith("application/json"):
            raise words(400, "Content-Type must be application/json")
        try:
            found = json.loads(data)
        except ValueError:
            raise words(400, "Invalid JSON in request body") from None
        if not isinstance(found, dict):
            raise words(400, "Invalid request body")
        return found

    async def answer(self, answer: Answer) -> None:
        headers = {"Access-Control-Allow-Origin": "*", "Content-Length": str(len(answer.body))}
        await self.start(answer.status, headers | answer.headers)
        await self.more(b"" if self.method == "HEAD" else answer.body, last=True)

    async def start(self, status: int, headers: dict[str, str]) -> None:
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": pairs})

    async def more(self, data: bytes, *, last: bool = False) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": not last})

    async def until_gone(self) -> None:
        """Until whoever asks has had enough."""
        while (await self._receive())["type"] != "http.disconnect":
            await asyncio.sleep(0)
