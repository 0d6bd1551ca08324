"""
Handing bytes over to the nginx in front, where it can read them by itself (X-Accel-Redirect).

nginx would hold the viewer's Range against the file, which is one piece of the film and not
all of it. So it is told which bytes of the piece to read, and what to say of them; how it has
to be set up for that is in docs/operations.md.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from library import encryption, places
from streaming.doors.answers import Answer
from streaming.doors.bodies import Body
from streaming.http.ranges import Window
from streaming.reading.arriving import Arriving
from streaming.reading.layouts import Layout
from streaming.reading.spans import cut

_CONTENT_RANGE = re.compile(r"bytes ([0-9]+)-([0-9]+)/[0-9]+")


class Handed(NamedTuple):
    """An answer by which nginx sends bytes: how many at most, and from where."""

    answer: Answer
    size: int
    source: str


async def handed(answer: Answer, body: Body) -> Handed | None:
    """
    The answer by which nginx sends the bytes; None where we have to. It takes one range inside
    one piece that lies here, of a film that is stored open and that everybody may watch: what
    nginx sends cannot be ended.
    """
    if not settings.X_ACCEL_LOCATION or not body.is_public or settings.STREAM_VERIFY_ALWAYS:
        return None
    asked = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if answer.status != HTTPStatus.PARTIAL_CONTENT or answer.opening is None or asked is None:
        return None
    if isinstance(body.turning(), encryption.Turning):
        return None
    layout = await body.layout()
    if isinstance(layout, Arriving):
        return None
    window = Window(int(asked[1]), int(asked[2]) + 1)
    found = _found(layout, window)
    if found is None:
        return None
    source, path, part = found
    return Handed(_redirected(answer, path, part), part.length, source)


def _found(layout: Layout, window: Window) -> tuple[str, Path, Window] | None:
    """The file with all of these bytes, how its place is called, and where they are in it."""
    spans = list(cut(window, layout.extents))
    if len(spans) != 1:
        return None
    span = spans[0]
    piece = layout.pieces[span.piece]
    if span.stop > piece.size - piece.padding:
        return None
    files = [("shelf", places.shelved_piece(piece.piece_cid))]
    if layout.staging:
        files.append(("staging", places.staged_piece(layout.staging, piece.index)))
    # The shelf first: a staged file may be gone when nginx comes to it.
    for source, path in files:
        if path.is_file():
            return source, path, Window(span.start, span.stop)
    return None


def _redirected(answer: Answer, path: Path, window: Window) -> Answer:
    headers = {name: value for name, value in answer.headers.items() if name != "Content-Length"}
    location = settings.X_ACCEL_LOCATION.strip("/")
    headers |= {
        "X-Accel-Redirect": f"/{location}/{path.relative_to(places.data())}",
        "X-Film-Range": f"bytes={window.start}-{window.stop - 1}",
        "X-Film-Content-Range": answer.headers["Content-Range"],
        "Content-Length": "0",
    }
    if settings.STREAM_RATE:
        # Of this answer; what all of a viewer's come to is not known where nginx sends them.
        headers["X-Accel-Limit-Rate"] = str(max(int(settings.STREAM_RATE), 1))
    return Answer(answer.status, headers)
