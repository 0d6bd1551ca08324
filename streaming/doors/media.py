"""
Door two: films at signed addresses, as a plain ASGI application in front of Django.

No session, no middleware, no query: what an address grants is known to the process, and what
follows the header is the same as in door one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from django.contrib.auth.models import AnonymousUser

from library.api import problems
from library.errors import Refusal
from streaming.doors import answers, plain, viewers
from streaming.doors.answers import Answer, Asked
from streaming.doors.delivery import Delivery, deliver
from streaming.doors.grants import Grants, grants
from streaming.doors.signing import Right
from streaming.doors.viewers import Watcher
from streaming.errors import NotThisMethod

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

PREFIX = "/media/"
METHODS = ("GET", "HEAD")


class Media:
    """Answers for signed addresses; everything else goes on to `site`."""

    def __init__(self, site: Application, known: Grants = grants) -> None:
        self._site, self._grants = site, known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if not path.startswith(PREFIX):
            await self._site(scope, receive, send)
            return
        try:
            if scope["method"] not in METHODS:
                raise NotThisMethod(scope["method"], METHODS)
            right = await self._grants.right(path[len(PREFIX) :])
            answer, delivery = await self._begin(right, scope)
        except Refusal as refusal:
            await _refuse(refusal, send)
            return
        await _start(send, answer.status, answer.headers)
        if delivery is None:
            await send({"type": "http.response.body", "body": b""})
        else:
            await self._send_body(right, delivery, send)

    async def _begin(self, right: Right, scope: Scope) -> tuple[Answer, Delivery | None]:
        body = right.body
        assert body is not None
        if b"download=1" in scope["query_string"].split(b"&"):
            body = replace(body, attachment=True)
        headers = Headers(scope["headers"])
        answer = plain.answer(scope["method"], headers, body)
        if answer is None:
            answer = answers.answer(Asked(scope["method"], headers), body)
        if answer.opening is None:
            return answer, None
        return answer, await deliver(answer, _watcher(right, scope, headers), right.grant.video)

    async def _send_body(self, right: Right, delivery: Delivery, send: Send) -> None:
        stream = Stream()
        self._grants.run(right, stream.end)
        delivery.ends_by(stream.end)
        try:
            async with aclosing(delivery):
                async for part in delivery:
                    if not await self._may_go_on(right):
                        return
                    if part and right.is_used_up:
                        return
                    if right.grant.budget:
                        part = part[: right.grant.budget - right.spent]
                    right.spent += len(part)
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
        except asyncio.CancelledError:
            # Ended by us: the server ends the connection, short of what was announced.
            if not stream.is_over:
                raise
        finally:
            self._grants.leave(stream.end)

    async def _may_go_on(self, right: Right) -> bool:
        while not self._grants.is_sure:
            await asyncio.sleep(0.2)
        return right.body is not None


class Stream:
    """An answer that is being sent, and how it is ended from another thread."""

    def __init__(self) -> None:
        self.is_over = False
        self._task = asyncio.current_task()
        self._loop = asyncio.get_running_loop()

    def end(self) -> None:
        self.is_over = True
        if self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)


class Headers(Mapping[str, str]):
    """The headers of a request, by names in any case. One sent twice is one list."""

    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
        self._values: dict[str, str] = {}
        for name, value in raw:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            before = self._values.get(key)
            self._values[key] = text if before is None else f"{before},{text}"

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def get(self, name: str, default: Any = None) -> Any:
        return self._values.get(name.lower(), default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def _watcher(right: Right, scope: Scope, headers: Headers) -> Watcher:
    if user := right.grant.user:
        return Watcher(f"user:{user}", user)
    address = (scope.get("client") or ("",))[0]
    return viewers.watcher(AnonymousUser(), address, headers.get("user-agent", ""))


async def _start(send: Send, status: int, headers: Mapping[str, str]) -> None:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": int(status), "headers": raw})


async def _refuse(refusal: Refusal, send: Send) -> None:
    # Without the address: a problem may be shown to others, and kept in logs.
    told = problems.problem(
        refusal.status, refusal.code, refusal.title, refusal.detail, PREFIX, **refusal.facts
    )
    body = json.dumps(told).encode()
    headers = {
        "Content-Type": problems.MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **refusal.headers,
    }
    await _start(send, HTTPStatus(refusal.status), headers)
    await send({"type": "http.response.body", "body": body})
