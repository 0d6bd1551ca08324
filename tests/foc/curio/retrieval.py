"""Giving pieces: ranges as Go's ServeContent has them, and the trap of compression."""

from __future__ import annotations

import asyncio
import gzip
import re

from filmedia.filecoin.errors import PieceError
from filmedia.filecoin.piece import PieceCid, parse_v1
from tests.foc.curio.asgi import Answer, Request, words
from tests.foc.curio.state import State

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
AT_ONCE = 1 << 20


async def serve(request: Request, state: State, text: str) -> Answer | None:
    """None once the answer was sent here."""
    cid = _known(state, text)
    if state.fault("busy_retrieval"):
        return words(429, "Too many requests")
    if cid is None or state.fault("lose_piece"):
        return words(404, "Piece not found")
    path, size = state.piece_file(str(cid)), cid.size
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "public, max-age=29030400, immutable",
        "ETag": f'"{text}"',
        "Content-Type": "application/octet-stream",
    }
    accepts = request.headers.get("accept-encoding", "")
    asked = request.headers.get("range")
    if any(one in accepts for one in ("gzip", "br", "deflate", "zstd")):
        # The middleware takes the Range away and compresses whatever it is.
        data = await asyncio.to_thread(lambda: gzip.compress(path.read_bytes(), 1))
        del headers["Accept-Ranges"]
        return Answer(200, data, Content_Encoding="gzip", ETag=headers["ETag"])
    start, stop = 0, size
    status = 200
    if asked and not state.fault("drop_range"):
        match = _RANGE.fullmatch(asked)
        if match is None or match.groups() == ("", ""):
            return words(416, "invalid range", Content_Range=f"bytes */{size}")
        first, last = match.groups()
        start = int(first) if first else max(size - int(last), 0)
        stop = min(int(last) + 1, size) if first and last else size
        if start >= stop:
            return words(416, "invalid range", Content_Range=f"bytes */{size}")
        status, headers["Content-Range"] = 206, f"bytes {start}-{stop - 1}/{size}"
    short = 1 if state.fault("short_piece") else 0
    headers["Content-Length"] = str(stop - start)
    await request.start(status, headers)
    if request.method == "HEAD":
        await request.more(b"", last=True)
        return None
    corrupt, slow = state.fault("corrupt_piece"), state.fault("slow_reads")
    with path.open("rb") as file:
        file.seek(start)
        left = stop - start - short
        while left > 0:
            data = await asyncio.to_thread(file.read, min(AT_ONCE, left))
            if not data:
                break
            if corrupt:
                data = bytes([data[0] ^ 1]) + data[1:]
            if slow:
                await asyncio.sleep(len(data) / slow)
            left -= len(data)
            await request.more(data)
    if short:
        raise ConnectionResetError
    await request.more(b"", last=True)
    return None


def _known(state: State, text: str) -> PieceCid | None:
    try:
        cid = PieceCid.parse(text)
    except PieceError:
        try:
            root = parse_v1(text)
        except PieceError:
            raise words(400, "Invalid piece CID") from None
        for row in state.rows("select cid from pieces"):
            if PieceCid.parse(row["cid"]).root == root:
                return PieceCid.parse(row["cid"])
        return None
    return cid if state.is_parked(str(cid)) else None
