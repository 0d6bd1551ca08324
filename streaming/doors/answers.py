"""
A body as the answer to a request: conditions, ranges, headers (RFC 9110).

The same for both doors; knows neither films nor servers.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple, Protocol

from django.conf import settings
from django.utils.http import http_date

from streaming.doors.bodies import Body
from streaming.errors import PreconditionFailed, RangeNotSatisfiable
from streaming.http import conditions, filenames, multipart, ranges
from streaming.http.conditions import Outcome
from streaming.http.ranges import Window
from streaming.reading.arriving import Arriving, Note
from streaming.reading.layouts import Layout
from streaming.reading.windows import open_window

# Bytes can never act as a page of this site, whatever a browser takes them for.
_NO_PAGE = "sandbox; default-src 'none'"


class Parts(Protocol):
    """What is sent, part by part, and can be left before its end."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def __anext__(self) -> bytes: ...
    async def aclose(self) -> None: ...


class Opened(NamedTuple):
    """The first part of a body, and the parts that follow it. Close them."""

    first: bytes
    parts: Parts


# Reads the first part of a body; tells all along from where what is read comes.
Opening = Callable[[Note], Awaitable[Opened]]


class Asked(NamedTuple):
    """What a request for bytes says, however it came. `headers` finds a name in any case."""

    method: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """
    The head of an answer. With `opening` a body follows: it reads the first part, so that it
    is known that there is one before anybody is told so.
    """

    status: int
    headers: dict[str, str]
    opening: Opening | None = None


def answer(asked: Asked, body: Body) -> Answer:
    """Raises a Refusal when a condition fails or no range fits. No byte is read yet."""
    method = asked.method
    if body.may_be_kept:
        outcome = conditions.evaluate(method, asked.headers, body.etag, body.last_modified)
        if outcome is Outcome.PRECONDITION_FAILED:
            raise PreconditionFailed(body.etag)
        if outcome is Outcome.NOT_MODIFIED:
            return Answer(HTTPStatus.NOT_MODIFIED, _validators(body))
    windows = _asked_for(asked, body)
    if method == "HEAD" or body.size == 0:
        return Answer(HTTPStatus.OK, _described(body, body.size, body.media_type))
    if windows is None:
        head = _described(body, body.size, body.media_type)
        return Answer(HTTPStatus.OK, head, _opening(body, Window(0, body.size)))
    if len(windows) == 1:
        return _one(body, windows[0])
    return _several(body, windows)


# --- what is asked for


def _asked_for(asked: Asked, body: Body) -> list[Window] | None:
    """The windows, or None for everything. Only GET has ranges."""
    if asked.method != "GET":
        return None
    header = asked.headers.get("Range")
    if_range = asked.headers.get("If-Range")
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


def _one(body: Body, window: Window) -> Answer:
    head = _described(body, window.length, body.media_type)
    head["Content-Range"] = window.content_range(body.size)
    return Answer(HTTPStatus.PARTIAL_CONTENT, head, _opening(body, window))


def _several(body: Body, windows: Sequence[Window]) -> Answer:
    framed = multipart.layout(windows, body.size, body.media_type, secrets.token_hex(16))

    async def opening(note: Note) -> Opened:
        return await _opened(_framed(framed, await body.layout(), body, note))

    head = _described(body, framed.length, framed.content_type)
    return Answer(HTTPStatus.PARTIAL_CONTENT, head, opening)


def _opening(body: Body, window: Window) -> Opening:
    async def opening(note: Note) -> Opened:
        return await _opened(open_window(await body.layout(), window, body.turning(), note))

    return opening


async def _opened(parts: Parts) -> Opened:
    try:
        return Opened(await anext(parts), parts)
    except BaseException:
        await parts.aclose()
        raise


async def _framed(
    framed: multipart.Layout, layout: Layout | Arriving, body: Body, note: Note
) -> AsyncGenerator[bytes, None]:
    turn = body.turning()
    for head, window in framed.parts:
        async with aclosing(open_window(layout, window, turn, note)) as reader:
            # With the first bytes, not before: what comes out first shows that there are any.
            async for data in reader:
                yield head + data
                head = b""
    yield framed.tail


# --- headers


def _described(body: Body, length: int, content_type: str) -> dict[str, str]:
    return {
        **_validators(body),
        "Content-Type": content_type,
        "Content-Length": str(length),
        "Content-Disposition": _disposition(body.filename, body.attachment),
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": _NO_PAGE,
    }


# A film is asked for many times, and these are the same each time.
_disposition = lru_cache(1024)(
    lambda name, attachment: filenames.disposition(name, attachment=attachment)
)
_date = lru_cache(1024)(lambda moment: http_date(moment.timestamp()))


def _validators(body: Body) -> dict[str, str]:
    """What a cache needs to know: how to ask again, and that it has to."""
    if not body.may_be_kept:
        return {"Cache-Control": "no-store"}
    headers = {
        "ETag": body.etag,
        "Last-Modified": _date(body.last_modified),
        "Cache-Control": "public, no-cache" if body.is_public else "private, no-cache",
    }
    # A public film is the same for all who ask, until it is public no more; then a cache,
    # which has to ask each time, is told 404.
    return headers if body.is_public else headers | {"Vary": "Authorization, Cookie"}
