"""
Films that were asked for lately, so that asking for them again costs one small question.

A player asks for a film hundreds of times, and most of what finding it costs is putting the
question into words. So what was found is kept, together with all of its row that it was made
of; that part of the row is read each time, and where it differs by a letter the film is looked
up anew. Nothing is shown for a moment longer than it may be.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace
from functools import cache
from typing import Any

from django.db import connection

from library.errors import NotFound
from library.models import Video
from library.models.films import is_seen_by
from streaming.doors import bodies
from streaming.doors.bodies import NO_FILM, Body
from streaming.doors.viewers import Viewer

MOST = 512
# What a body and its permission are made of.
_OWN = [
    *("owner_id", "title", "filename", "visibility", "size", "piece_cid", "key_id", "staging"),
    *("kind", "media_type", "created_at", "trashed_at", "rendition_of_id"),
]
_ORIGINALS = ["owner_id", "visibility", "trashed_at"]


class Known:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._films: OrderedDict[str, tuple[tuple[Any, ...], Video, Body]] = OrderedDict()

    def film(self, viewer: Viewer, video_id: str, *, download: bool = False) -> Body:
        """The film itself. Asks the database. Raises NotFound where there is none for them."""
        # What is no id of ours (a NUL in it, say) is more than some databases take.
        row = _row(video_id) if bodies.ID.fullmatch(video_id) else None
        if row is None:
            raise NotFound(NO_FILM)
        video, body = self._kept(video_id, row) or self._found(video_id, row)
        if not is_seen_by(video, viewer):
            raise NotFound(NO_FILM)
        return replace(body, attachment=True) if download else body

    def _kept(self, video_id: str, row: tuple[Any, ...]) -> tuple[Video, Body] | None:
        with self._lock:
            kept = self._films.get(video_id)
            if kept is None or kept[0] != row:
                return None
            self._films.move_to_end(video_id)
            return kept[1:]

    def _found(self, video_id: str, row: tuple[Any, ...]) -> tuple[Video, Body]:
        video = Video.objects.select_related("key", "rendition_of").filter(pk=video_id).first()
        if video is None:
            raise NotFound(NO_FILM)
        body = bodies.of(video, bodies.layout(video))
        # It may have changed between the two questions; then what was kept is not used again.
        if _row(video_id) == row:
            with self._lock:
                self._films[video_id] = row, video, body
                while len(self._films) > MOST:
                    self._films.popitem(last=False)
        return video, body


def _row(video_id: str) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(_question(), [video_id])
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


@cache
def _question() -> str:
    fields = {field.attname: str(field.column) for field in Video._meta.concrete_fields}
    quote = connection.ops.quote_name
    asked = [f"v.{quote(fields[name])}" for name in _OWN]
    asked += [f"o.{quote(fields[name])}" for name in _ORIGINALS]
    table = quote(Video._meta.db_table)
    # Names of our own columns, and nothing that anybody typed.
    return (
        f"SELECT {', '.join(asked)} FROM {table} v "  # noqa: S608
        f"LEFT JOIN {table} o ON o.{quote('id')} = v.{quote('rendition_of_id')} "
        f"WHERE v.{quote('id')} = %s"
    )


known = Known()
