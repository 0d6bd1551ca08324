"""
Door two: films at signed addresses, as a plain ASGI application in front of Django.

No session, no middleware, no query: what an address grants is known to the process, and what
follows the header is the same as in door one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from library.api import problems
from library.errors import Refusal
from streaming.doors import accel, answers, plain, secure, told, viewers
from streaming.doors.answers import Answer, Asked
from streaming.doors.delivery import Delivery, deliver, hand_over
from streaming.doors.grants import Grants, grants
from streaming.doors.plain import Plain
from streaming.doors.signing import Right
from streaming.doors.viewers import Watcher
from streaming.errors import BudgetUsed, NotSure, NotThisMethod

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

PREFIX = "/media/"
METHODS = ("GET", "HEAD")
_NOTHING_YET = {"type": "http.response.body", "body": b"", "more_body": True}


class Media:
    """Answers for signed addresses; everything else goes on to `site`."""

    def __init__(self, site: Application, known: Grants = grants) -> None:
        self._site, self._grants = site, known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if not path.startswith(PREFIX) or secure.must_go_elsewhere(scope):
            await self._site(scope, receive, send)
            return
        send = secure.remembered(scope, send)
        with Stream(receive) as stream:
            try:
                if scope["method"] not in METHODS:
                    raise NotThisMethod(scope["method"], METHODS)
                right = await self._grants.right(path[len(PREFIX) :])
                answer, delivery = await self._begin(right, scope, stream)
            except Refusal as refusal:
                await _refuse(refusal, send)
                return
            if delivery is None:
                await _start(send, answer)
                await send({"type": "http.response.body", "body": b""})
            else:
                await self._send_body(right, answer, delivery, stream, send)

    async def _begin(
        self, right: Right, scope: Scope, stream: Stream
    ) -> tuple[Answer, Delivery | None]:
        body = right.body
        assert body is not None
        answer: Answer | None = None
        if scope["query_string"]:
            if b"download=1" in scope["query_string"].split(b"&"):
                body = replace(body, attachment=True)
        elif scope["method"] == "GET" and not settings.X_ACCEL_LOCATION:
            answer = plain.answer(scope["headers"], body)
        if answer is None:
            answer = answers.answer(Asked(scope["method"], Headers(scope["headers"])), body)
        if answer.opening is None:
            return answer, None
        # What nginx sends cannot be counted.
        if not right.grant.budget and (by_nginx := await accel.handed(answer, body)):
            await hand_over(by_nginx, _watcher(right, scope), right.grant.video)
            headers = by_nginx.answer.headers | _told(right, by_nginx.source)
            return replace(by_nginx.answer, headers=headers), None
        # Before there is a first part: to have it may take long.
        stream.end_when_gone()
        watcher = _watcher(right, scope)
        return answer, await deliver(answer, watcher, right.grant.video, right.spending)

    async def _send_body(
        self, right: Right, answer: Answer, delivery: Delivery, stream: Stream, send: Send
    ) -> None:
        self._grants.run(right, stream.end)
        delivery.ends_by(stream.end)
        try:
            await _start(send, answer, _raw(_told(right, delivery.source)))
            await self._send_parts(right, delivery, send)
        finally:
            self._grants.leave(stream.end)
            await delivery.aclose()

    async def _send_parts(self, right: Right, delivery: Delivery, send: Send) -> None:
        is_over = False
        while not is_over:
            part = delivery.now()
            if part is None:
                try:
                    part = await anext(delivery, None)
                except (BudgetUsed, NotSure):
                    return
            while not self._grants.is_sure:
                await asyncio.sleep(0.2)
            if right.body is None:
                return
            # What is known to be the last is sent as the last.
            is_over = part is None or (delivery.is_over)
            await send(
                {"type": "http.response.body", "body": part or b"", "more_body": not is_over}
            )
            if part and not is_over:
                # Let go before more is read: only then is its memory free for others.
                del part
                # Taken only when the viewer has taken what came before.
                await send(_NOTHING_YET)


class Stream:
    """
    An answer on its way, and how it is ended: by another thread, or by a viewer who leaves.
    The server then ends the connection, short of what was announced.
    """

    def __init__(self, receive: Receive) -> None:
        self._is_over = False
        self._receive = receive
        self._leaving: asyncio.Task[None] | None = None
        self._task = asyncio.current_task()
        self._loop = asyncio.get_running_loop()

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        if self._leaving is not None:
            self._leaving.cancel()
        return self._is_over and kind is asyncio.CancelledError

    def end(self) -> None:
        self._is_over = True
        if self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)

    def end_when_gone(self) -> None:
        """A server takes what is sent to a viewer who has gone as if there were one."""
        self._leaving = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.end()


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


def _watcher(right: Right, scope: Scope) -> Watcher:
    if user := right.grant.user:
        return Watcher(f"user:{user}", user)
    address = (scope.get("client") or ("",))[0]
    agent = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
    return viewers.watcher(AnonymousUser(), address, agent.decode("latin-1"))


def _told(right: Right, source: str) -> dict[str, str]:
    """What whoever may change the film is told besides."""
    body, grant = right.body, right.grant
    if body is None or not grant.user or not body.is_changed_by(grant.user, grant.as_staff):
        return {}
    return told.headers(source)


async def _start(send: Send, answer: Answer, more: Sequence[tuple[bytes, bytes]] = ()) -> None:
    raw = answer.raw if isinstance(answer, Plain) else _raw(answer.headers)
    if more:
        raw = [*raw, *more]
    await send({"type": "http.response.start", "status": int(answer.status), "headers": raw})


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]


async def _refuse(refusal: Refusal, send: Send) -> None:
    # Without the address: a problem may be shown to others, and kept in logs.
    problem = problems.problem(
        refusal.status, refusal.code, refusal.title, refusal.detail, PREFIX, **refusal.facts
    )
    body = json.dumps(problem).encode()
    headers = {
        "Content-Type": problems.MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **refusal.headers,
    }
    await _start(send, Answer(refusal.status, headers))
    await send({"type": "http.response.body", "body": body})
