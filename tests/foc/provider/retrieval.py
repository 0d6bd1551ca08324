"""Giving pieces: as Go's ServeContent does it, behind Curio's compressor."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from filmedia.filecoin.piece import PieceCid
from tests.foc.provider import ranges
from tests.foc.provider.asgi import Answer, Hangup, Request, words
from tests.foc.provider.faults import Faults
from tests.foc.provider.parking import Parking

_AT_ONCE = 1 << 20
_SLOTS = 256
_MISSING_SECONDS = 5.0
_LAST_MODIFIED = "Thu, 01 Jan 1970 00:00:01 GMT"
_ENCODINGS = ("zstd", "br", "gzip", "deflate")
_CSP = "default-src 'self'; script-src 'none'; object-src 'none'; frame-ancestors 'none'"


class Retrieval:
    def __init__(self, parking: Parking, faults: Faults, config: dict[str, Any]) -> None:
        self.parking, self.faults = parking, faults
        self.missing_seconds = float(config.get("missing_seconds", _MISSING_SECONDS))
        self._missing: dict[str, float] = {}
        self._busy = 0

    async def serve(self, request: Request, text: str) -> Answer | None:
        """GET and HEAD /piece/{cid}; None once the answer was sent here."""
        if self._busy >= _SLOTS or self.faults.use("busy_retrieval"):
            return words(429, "Too Many Requests")
        self._busy += 1
        try:
            return await self._serve(request, text)
        finally:
            self._busy -= 1

    async def _serve(self, request: Request, text: str) -> Answer | None:
        cid = self._found(text)
        piece = _Piece(self.parking.state.piece_file(str(cid)), cid, self.faults)
        headers = _headers(text, piece.start())
        encoding = _encoding(request.headers.get("accept-encoding", ""))
        if encoding is not None:
            # The compressor takes the Range away before the handler sees it.
            await self._compressed(request, piece, headers, encoding)
            return None
        headers |= {"Accept-Ranges": "bytes"}
        if _is_unchanged(request, headers["ETag"]):
            kept = ("Cache-Control", "ETag", "Last-Modified")
            return Answer(304, **{name.replace("-", "_"): headers[name] for name in kept})
        try:
            wanted = self._ranges(request, headers["ETag"], piece.size)
        except ranges.Unsatisfiable as refusal:
            extra = {"Content_Range": f"bytes */{piece.size}"} if refusal.overlap else {}
            return words(416, str(refusal), **extra)
        if len(wanted) > 1:
            await self._several(request, piece, headers, wanted)
            return None
        start, stop = wanted[0] if wanted else (0, piece.size)
        if wanted:
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{piece.size}"
        headers["Content-Length"] = str(stop - start)
        await request.start(206 if wanted else 200, headers)
        if request.method != "HEAD":
            async for data in piece.read(start, stop):
                await request.more(data)
        await request.more(b"", last=True)
        return None

    def _found(self, text: str) -> PieceCid:
        if self._missing.get(text, 0) > time.monotonic():
            raise words(404, "piece not found")
        cid = self.parking.known(text)
        if cid is None or self.faults.use_for("lose_piece", str(cid)):
            if cid is None:
                # Curio remembers for a while that there was none.
                self._missing[text] = time.monotonic() + self.missing_seconds
            raise words(404, "piece not found")
        if self.faults.use_for("denylist_451", str(cid)):
            raise words(451, "content is on the denylist")
        return cid

    def _ranges(self, request: Request, etag: str, size: int) -> list[tuple[int, int]]:
        header = request.headers.get("range", "")
        condition = request.headers.get("if-range")
        if condition is not None and condition not in (etag, _LAST_MODIFIED):
            return []
        if header and self.faults.use("drop_range"):
            return []
        return ranges.parse(header, size)

    async def _several(
        self, request: Request, piece: _Piece, headers: dict[str, str], wanted: Any
    ) -> None:
        boundary = uuid.uuid4().hex
        kind, end = headers["Content-Type"], f"\r\n--{boundary}--\r\n".encode()
        heads = [
            f"{'' if place == 0 else chr(13) + chr(10)}--{boundary}\r\n"
            f"Content-Range: bytes {start}-{stop - 1}/{piece.size}\r\n"
            f"Content-Type: {kind}\r\n\r\n".encode()
            for place, (start, stop) in enumerate(wanted)
        ]
        length = sum(len(head) for head in heads) + len(end)
        length += sum(stop - start for start, stop in wanted)
        headers["Content-Type"] = f"multipart/byteranges; boundary={boundary}"
        headers["Content-Length"] = str(length)
        await request.start(206, headers)
        if request.method != "HEAD":
            for head, (start, stop) in zip(heads, wanted, strict=True):
                await request.more(head)
                async for data in piece.read(start, stop):
                    await request.more(data)
            await request.more(end)
        await request.more(b"", last=True)

    async def _compressed(
        self, request: Request, piece: _Piece, headers: dict[str, str], encoding: str
    ) -> None:
        """All of it, chunked, its length untold."""
        given = {"gzip": 31, "deflate": 15}
        headers |= {"Vary": "Accept-Encoding"}
        # For the other two there is no compressor here; the Range is gone all the same.
        if encoding in given:
            headers["Content-Encoding"] = encoding
        await request.start(200, headers)
        if request.method != "HEAD":
            packer = (
                zlib.compressobj(1, zlib.DEFLATED, given[encoding]) if encoding in given else None
            )
            async for data in piece.read(0, piece.size):
                packed = await asyncio.to_thread(packer.compress, data) if packer else data
                if packed:
                    await request.more(packed)
            if packer:
                await request.more(packer.flush())
        await request.more(b"", last=True)


class _Piece:
    """The bytes of a piece, or what faults make of them."""

    def __init__(self, path: Path, cid: PieceCid, faults: Faults) -> None:
        text = str(cid)
        short = faults.use_for("short_piece", text)
        self.size = cid.size - (int(short) if isinstance(short, int) else int(bool(short)))
        self._path, self._corrupt = path, faults.use_for("corrupt_piece", text)
        self._pace, self._faults = faults.use("slow_reads"), faults
        self._left = faults.see("break_read_at")

    def start(self) -> bytes:
        with self._path.open("rb") as file:
            return file.read(512)

    async def read(self, start: int, stop: int) -> AsyncIterator[bytes]:
        with self._path.open("rb") as file:
            file.seek(start)
            while start < stop:
                most = min(_AT_ONCE, stop - start, int(self._pace or _AT_ONCE))
                data = await asyncio.to_thread(file.read, most)
                start += len(data)
                if self._corrupt:
                    data, self._corrupt = bytes([data[0] ^ 1]) + data[1:], None
                if self._pace:
                    await asyncio.sleep(len(data) / self._pace)
                if self._left is not None and len(data) >= self._left:
                    self._faults.use("break_read_at")
                    yield data[: self._left]
                    raise Hangup
                if self._left is not None:
                    self._left -= len(data)
                yield data


def _encoding(header: str) -> str | None:
    """Which of the compressor's encodings a client takes, if any."""
    for part in header.lower().split(","):
        name, _, quality = part.strip().partition(";")
        if name.strip() in _ENCODINGS and not re.fullmatch(r"\s*q=0(\.0*)?\s*", quality):
            return name.strip()
    return None


def _is_unchanged(request: Request, etag: str) -> bool:
    known = request.headers.get("if-none-match")
    if known is None:
        return request.headers.get("if-modified-since") == _LAST_MODIFIED
    each = [one.strip().removeprefix("W/") for one in known.split(",")]
    return "*" in each or etag in each


def _headers(text: str, start: bytes) -> dict[str, str]:
    kind, extension = _sniffed(start)
    headers = {
        "Cache-Control": "public, max-age=29030400, immutable",
        "Content-Security-Policy": _CSP,
        "Content-Type": kind,
        "ETag": f'"{text}"',
        "Last-Modified": _LAST_MODIFIED,
        "X-Content-Type-Options": "nosniff",
    }
    if extension:
        headers["Content-Disposition"] = f'inline; filename="{text}.{extension}"'
    return headers


def _sniffed(start: bytes) -> tuple[str, str]:
    if start[4:8] == b"ftyp" and start[8:11] in (b"mp4", b"iso", b"avc", b"M4V"):
        return "video/mp4", "mp4"
    if start.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm", "webm"
    return "application/octet-stream", ""
