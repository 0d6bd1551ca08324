"""
A body as the answer to a request: conditions, ranges, headers (RFC 9110).

Knows nothing of films. What cannot be given becomes an `application/problem+json`.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from http import HTTPStatus
from typing import Any, Protocol

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import http_date

from streaming.doors.bodies import Body
from streaming.errors import PreconditionFailed, RangeNotSatisfiable
from streaming.http import conditions, filenames, multipart, ranges
from streaming.http.conditions import Outcome
from streaming.http.ranges import Window
from streaming.reading.windows import Layout, open_window

# Bytes can never act as a page of this site, whatever a browser takes them for.
_NO_PAGE = "sandbox; default-src 'none'"


class Parts(Protocol):
    """What is sent, part by part, and can be left before its end."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def __anext__(self) -> bytes: ...
    async def aclose(self) -> None: ...


class Counting(Protocol):
    """Whoever wants to know what is sent."""

    def begin(self) -> None: ...
    def count(self, size: int) -> None: ...
    def end(self) -> None: ...


class Sending(StreamingHttpResponse):
    """Hands parts on as they are; Django would wrap each in two more generators."""

    _iterator: AsyncIterator[bytes]

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._iterator if self.is_async else super().__aiter__()

    def follow(self, counting: Counting) -> None:
        """Have what is sent counted, where anything is."""
        if isinstance(self._iterator, Begun):
            self._iterator.counting = counting


class Begun:
    """
    Parts of which the first is already here, so that it is known that there are any.

    An empty part stands between every two. A server takes it only when the viewer has taken
    what came before, so that no part is read and held for a viewer who is not ready for it.
    """

    def __init__(self, first: bytes, parts: Parts) -> None:
        self._first: bytes | None = first
        self._parts = parts
        self._sent = self._counted = False
        self.counting: Counting | None = None

    def __aiter__(self) -> Begun:
        return self

    async def __anext__(self) -> bytes:
        if self._first is not None:
            first, self._first = self._first, None
            self._begin(len(first))
            return first
        self._sent = not self._sent
        if self._sent:
            return b""
        try:
            part = await self._parts.__anext__()
        except StopAsyncIteration:
            self._end()
            raise
        if self.counting is not None:
            self.counting.count(len(part))
        return part

    async def aclose(self) -> None:
        self._first = None
        self._end()
        await self._parts.aclose()

    def _begin(self, size: int) -> None:
        if self.counting is not None:
            self._counted = True
            self.counting.begin()
            self.counting.count(size)

    def _end(self) -> None:
        if self._counted and self.counting is not None:
            self._counted = False
            self.counting.end()


async def answer(request: HttpRequest, body: Body) -> HttpResponseBase:
    """Raises a Refusal when a condition fails, no range fits or the bytes are not to be had."""
    method, etag = request.method or "", body.etag
    outcome = conditions.evaluate(method, request.headers, etag, body.last_modified)
    if outcome is Outcome.PRECONDITION_FAILED:
        raise PreconditionFailed(etag)
    if outcome is Outcome.NOT_MODIFIED:
        return _not_modified(body)
    windows = _asked_for(request, body)
    if method == "HEAD" or body.size == 0:
        return _described(HttpResponse(), body, body.size, body.media_type)
    if windows is None:
        return await _whole(body)
    if len(windows) == 1:
        return await _one(body, windows[0])
    return await _several(body, windows)


# --- what is asked for


def _asked_for(request: HttpRequest, body: Body) -> list[Window] | None:
    """The windows, or None for everything. Only GET has ranges."""
    if request.method != "GET":
        return None
    header = request.headers.get("Range")
    if_range = request.headers.get("If-Range")
    if header is None or not conditions.range_applies(if_range, body.etag, body.last_modified):
        return None
    try:
        windows = ranges.parse(header, body.size)
    except ranges.Unsatisfiable as error:
        raise RangeNotSatisfiable(error.size) from None
    if windows and len(windows) == 1 and settings.STREAM_WINDOW and _is_open(header):
        return [windows[0].capped(settings.STREAM_WINDOW)]
    return windows


def _is_open(header: str) -> bool:
    """Whether a header that could be read leaves the end of its last range to us."""
    return header.rstrip(", \t").endswith("-")


# --- answers


def _not_modified(body: Body) -> HttpResponseBase:
    # A streaming one, because Django gives others a Content-Length of 0, and the length in
    # a 304 is that of the body which it stands for.
    response = Sending(_nothing(), status=HTTPStatus.NOT_MODIFIED, headers=_validators(body))
    del response["Content-Type"]
    return response


async def _nothing() -> AsyncGenerator[bytes, None]:
    return
    yield b""


async def _whole(body: Body) -> HttpResponseBase:
    window = Window(0, body.size)
    parts = open_window(await body.layout(), window, body.turn)
    return _described(await _sending(parts, HTTPStatus.OK), body, body.size, body.media_type)


async def _one(body: Body, window: Window) -> HttpResponseBase:
    parts = open_window(await body.layout(), window, body.turn)
    response = await _sending(parts, HTTPStatus.PARTIAL_CONTENT)
    response["Content-Range"] = window.content_range(body.size)
    return _described(response, body, window.length, body.media_type)


async def _several(body: Body, windows: Sequence[Window]) -> HttpResponseBase:
    framed = multipart.layout(windows, body.size, body.media_type, secrets.token_hex(16))
    parts = _framed(framed, await body.layout(), body)
    response = await _sending(parts, HTTPStatus.PARTIAL_CONTENT)
    return _described(response, body, framed.length, framed.content_type)


async def _framed(
    framed: multipart.Layout, layout: Layout, body: Body
) -> AsyncGenerator[bytes, None]:
    for head, window in framed.parts:
        async with aclosing(open_window(layout, window, body.turn)) as reader:
            # With the first bytes, not before: what comes out first shows that there are any.
            async for data in reader:
                yield head + data
                head = b""
    yield framed.tail


async def _sending(parts: Parts, status: HTTPStatus) -> Sending:
    first = await anext(parts)
    return Sending(Begun(first, parts), status=status)


# --- headers


def _described(
    response: HttpResponseBase, body: Body, length: int, content_type: str
) -> HttpResponseBase:
    headers: dict[str, Any] = {
        **_validators(body),
        "Content-Type": content_type,
        "Content-Length": str(length),
        "Content-Disposition": filenames.disposition(body.filename, attachment=body.attachment),
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": _NO_PAGE,
    }
    for name, value in headers.items():
        response[name] = value
    return response


def _validators(body: Body) -> dict[str, str]:
    """What a cache needs to know: how to ask again, and that it has to."""
    headers = {
        "ETag": body.etag,
        "Last-Modified": http_date(body.last_modified.timestamp()),
        "Cache-Control": "public, no-cache" if body.is_public else "private, no-cache",
    }
    # A public film is the same for all who ask, until it is public no more; then a cache,
    # which has to ask each time, is told 404.
    return headers if body.is_public else headers | {"Vary": "Authorization, Cookie"}
