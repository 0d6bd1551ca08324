"""
Django for the addresses that give bytes: the same view, request and response as anywhere, and
around them only what such an address needs.

A viewer makes many small requests. Most of what one costs in Django is the way between event
loop and threads: each of its middlewares goes it twice, and every request begins a thread and
a connection to the database of its own. Here a request goes that way once, to one of a few
threads that keep their connection.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from importlib import import_module
from io import BytesIO
from typing import Any, cast

from asgiref.sync import SyncToAsync, ThreadSensitiveContext
from django.conf import settings
from django.contrib import auth
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.urls import set_script_prefix
from django.utils.functional import SimpleLazyObject

from library.tracing import name_requests

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
View = Callable[[HttpRequest], Awaitable[HttpResponseBase]]

# Threads that ask the database for these addresses, each with a connection that it keeps.
LANES = 4
_BYTES = re.compile(r"/stream/[^/]+/|/piece/[^/]+|/pull/[^/]+/piece/[^/]+")


class Lane(ThreadSensitiveContext):
    """A thread for what is asked of the database, used by many requests one after another."""


class ByteHandler(ASGIHandler):
    """Answers for the addresses that give bytes; everything else goes on to `site`."""

    # How large the parts are in which a streamed response is sent.
    chunk_size = 256 * 1024

    def __init__(self, site: Application) -> None:
        super().__init__()
        self._site = site
        self._lanes = itertools.cycle([Lane() for _ in range(LANES)])

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        view = _caught(self._get_response_async)  # type: ignore[attr-defined]
        self._middleware_chain = _caught(name_requests(_caught(_around(view))))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in {"GET", "HEAD"} or not _BYTES.fullmatch(scope["path"]):
            await self._site(scope, receive, send)
            return
        lane = SyncToAsync.thread_sensitive_context.set(next(self._lanes))
        try:
            await self.handle(scope, receive, send)
        finally:
            SyncToAsync.thread_sensitive_context.reset(lane)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        set_script_prefix(get_script_prefix(scope))
        # Nobody reads a body here.
        request, refused = self.create_request(scope, BytesIO())
        if request is None:
            assert refused is not None
            await self.send_response(refused, send)
            return
        answering = asyncio.create_task(self._answer(request, send))
        leaving = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            answering.cancel()
            with suppress(asyncio.CancelledError):
                await answering

    async def _answer(self, request: HttpRequest, send: Send) -> None:
        response = await self.get_response_async(request)
        await self.send_response(response, send)


def _caught(view: Any) -> Any:
    """With what it raises made an answer, as Django does around each of its middlewares."""
    return convert_exception_to_response(view)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _around(view: View) -> View:
    """
    What of the site's middleware such an address needs. None of it waits for anything: session
    and user are looked up where they are asked for, in a thread.
    """
    security: Any = SecurityMiddleware(HttpResponse)
    sessions = import_module(settings.SESSION_ENGINE).SessionStore

    async def answer(request: Any) -> HttpResponseBase:
        # Raises DisallowedHost.
        request.get_host()
        if (elsewhere := security.process_request(request)) is not None:
            return cast(HttpResponseBase, elsewhere)
        request.session = sessions(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        request.user = SimpleLazyObject(partial(auth.get_user, request))
        request.auser = partial(auth.aget_user, request)
        response: HttpResponseBase = security.process_response(request, await view(request))
        return response

    return answer


def keeps_its_connection() -> bool:
    """Whether the database is asked in a thread that goes on asking."""
    return isinstance(SyncToAsync.thread_sensitive_context.get(None), Lane)
