"""
The request that players make a thousand times: one range of a film, and no condition.

Answered as `answers` does, with less work: what is the same in all answers of a body is kept.
Everything else is left to `answers`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.conf import settings

from streaming.doors import answers
from streaming.doors.answers import Answer, Asked, Opened, Opening
from streaming.doors.bodies import Body
from streaming.doors.hot import HotParts
from streaming.http.ranges import Window
from streaming.reading.arriving import Arriving, Note
from streaming.reading.windows import open_window

_RANGE = re.compile(rb"bytes=([0-9]{1,15})-([0-9]{0,15})")

Raw = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Plain(Answer):
    """An answer whose headers are spelled already, as a server wants them."""

    raw: Raw = field(default_factory=list)


def answer(headers: Raw, body: Body) -> Plain | None:
    """To a GET; None where it is not that request, or the server is not one for it."""
    if settings.STREAM_WINDOW:
        # Set for servers that hold all they are given; such a one takes no views of memory.
        return None
    asked = None
    for name, value in headers:
        if name == b"range":
            # Twice is once too often.
            asked = _RANGE.fullmatch(value) if asked is None else None
        elif name.startswith(b"if-"):
            return None
    if asked is None:
        return None
    start, last = int(asked[1]), asked[2]
    stop = min(int(last) + 1, body.size) if last else body.size
    if start >= stop:
        return None
    raw = [
        *_head(body),
        (b"content-length", b"%d" % (stop - start)),
        (b"content-range", b"bytes %d-%d/%d" % (start, stop - 1, body.size)),
    ]
    opening = _opening(body, Window(start, stop))
    return Plain(HTTPStatus.PARTIAL_CONTENT, {}, opening, raw)


def _head(body: Body) -> Raw:
    """What `answers` says of every range of this body; found out once."""
    head: Raw | None = body.__dict__.get("_head")
    if head is None:
        said = answers.answer(Asked("GET", _ONE_BYTE), body).headers
        head = [
            (name.lower().encode(), value.encode("latin-1"))
            for name, value in said.items()
            if name not in {"Content-Length", "Content-Range"}
        ]
        body.__dict__["_head"] = head
    return head


class _Any(dict[str, str]):
    """Finds names in any case."""

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        return super().get(name.lower(), default)


_ONE_BYTE = _Any({"range": "bytes=0-0"})


def _opening(body: Body, window: Window) -> Opening:
    async def opening(note: Note) -> Opened:
        layout = await body.layout()
        # What is sent may be a view of a buffer as well.
        parts: Any
        if isinstance(layout, Arriving):
            parts = open_window(layout, window, body.turning(), note)
        else:
            parts = HotParts(layout, window, body.turning(), note)
        try:
            return Opened(await parts.__anext__(), parts)
        except BaseException:
            await parts.aclose()
            raise

    return opening
