"""What can be sent of a film that is still being fetched: to whom the import is shown."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from filmedia.filecoin.errors import PieceError
from filmedia.filecoin.piece import PieceCid, film_cid
from library import encryption
from library.errors import NotFound
from library.importing import fetching
from library.importing.fetching import NotFetched
from library.keys import films
from library.models import Import, Upload
from library.storing import kinds
from streaming.doors.bodies import BYTES, NO_FILM, Body
from streaming.doors.viewers import Viewer
from streaming.errors import BytesUnavailable
from streaming.http.ranges import Window
from streaming.reading.arriving import FIRST_SECONDS, Arriving, Turn

# What a film is may take so long to be found out; its first bytes have the rest of FIRST_SECONDS.
HEAD_SECONDS = 2.5
# How imports are called.
IMPORT = re.compile(r"imp_[a-z0-9]{1,20}")
# Types of imports, by their ids.
_types: dict[str, str] = {}
_MOST_TYPES = 256


def film(viewer: Viewer, import_id: str) -> Body:
    """Raises NotFound once it has come: then it is a film like all others, at its own address."""
    found = _found(viewer, import_id)
    if found is None:
        raise NotFound(NO_FILM)
    row, upload, arriving = found
    key = films.of(upload)

    def turning() -> Turn:
        return partial(encryption.turn, None) if key is None else encryption.Turning(key)

    async def layout() -> Arriving:
        return arriving

    return Body(
        video=row.pk,
        owner=row.owner_id,
        cid=_name(arriving),
        size=arriving.size,
        last_modified=row.created_at,
        media_type=BYTES,
        filename="",
        attachment=False,
        is_public=False,
        layout=layout,
        turning=turning,
        may_be_kept=False,
    )


def _found(viewer: Viewer, import_id: str) -> tuple[Import, Upload, Arriving] | None:
    rows = Import.objects.visible_to(viewer).unfinished().select_related("upload__key")
    row = rows.filter(pk=import_id).first()
    if row is None or row.upload is None or row.upload.state != Upload.State.RECEIVING:
        return None
    try:
        places = fetching.places(row)
    except NotFetched:
        places = []
    pieces = [PieceCid.parse(text) for text in row.cids]
    upload = row.upload
    return row, upload, Arriving(upload.pk, upload.piece_size, upload.offset, pieces, places)


def _name(arriving: Arriving) -> str:
    """Of the film's own bytes: other pieces are another film."""
    try:
        return str(film_cid(arriving.pieces))
    except PieceError:
        return "+".join(str(piece) for piece in arriving.pieces)[:200]


async def looked_into(body: Body) -> Body:
    """
    With its type, as its first bytes tell it. They may be far away, and whoever has them may
    hang: so this asks for them once, and not in a thread that others wait for.
    """
    arriving = await body.layout()
    if not isinstance(arriving, Arriving):
        return body
    found = _types.get(body.video)
    if found is None:
        began = time.monotonic()
        try:
            head = await _head(arriving, body.turning())
        except (BytesUnavailable, TimeoutError):
            # Whoever is sent the rest has waited for as long as that already.
            waited = time.monotonic() - began
            return _waiting_for(body, replace(arriving, patience=FIRST_SECONDS - waited))
        if len(_types) >= _MOST_TYPES:
            _types.clear()
        found = _types[body.video] = kinds.playable(head) or BYTES
    return replace(body, media_type=found)


def _waiting_for(body: Body, arriving: Arriving) -> Body:
    async def layout() -> Arriving:
        return arriving

    return replace(body, layout=layout)


async def _head(arriving: Arriving, turn: Turn) -> bytes:
    window = Window(0, min(kinds.HEAD, arriving.size))
    parts = arriving.parts(window, turn, lambda source, size: None)
    async with asyncio.timeout(HEAD_SECONDS), aclosing(parts) as head:
        return b"".join([part async for part in head])
