"""
The request that players make a thousand times: one range of a film, and no condition.

Answered as `answers` does, with less work: what is the same in all answers of a body is kept.
Everything else is left to `answers`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

from django.conf import settings

from streaming.doors import answers
from streaming.doors.answers import Answer, Asked, Opened, Opening
from streaming.doors.bodies import Body
from streaming.doors.hot import HotParts
from streaming.http.ranges import Window
from streaming.reading.arriving import Arriving, Note
from streaming.reading.windows import open_window

_RANGE = re.compile(r"bytes=([0-9]{1,15})-([0-9]{0,15})")
_CONDITIONS = ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range")


def answer(method: str, headers: Mapping[str, str], body: Body) -> Answer | None:
    """None where it is not that request. `headers` finds names in lower case."""
    asked = _RANGE.fullmatch(headers.get("range", ""))
    if method != "GET" or asked is None or any(name in headers for name in _CONDITIONS):
        return None
    start = int(asked[1])
    stop = min(int(asked[2]) + 1, body.size) if asked[2] else body.size
    if start >= stop or (settings.STREAM_WINDOW and not asked[2]):
        return None
    head = dict(_head(body))
    head["Content-Length"] = str(stop - start)
    head["Content-Range"] = f"bytes {start}-{stop - 1}/{body.size}"
    return Answer(HTTPStatus.PARTIAL_CONTENT, head, _opening(body, Window(start, stop)))


def _head(body: Body) -> dict[str, str]:
    """What `answers` says of a range of this body; found out once."""
    head: dict[str, str] | None = body.__dict__.get("_head")
    if head is None:
        head = answers.answer(Asked("GET", _ONE_BYTE), body).headers
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
