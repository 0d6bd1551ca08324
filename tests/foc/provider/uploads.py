"""Upload sessions: the streaming ones, and the older ones that begin with the CID."""

from __future__ import annotations

import asyncio
import time
import uuid
from pathlib import Path
from sqlite3 import Row
from typing import Any

from filmedia.filecoin.piece import MAX_PIECE_SIZE, MIN_PIECE_SIZE, PieceCid
from tests.foc.provider import asked
from tests.foc.provider.asgi import Answer, Hangup, Request, told, words
from tests.foc.provider.faults import Faults
from tests.foc.provider.parking import Parking
from tests.foc.provider.receiving import Receiving
from tests.foc.provider.state import State


class Uploads:
    def __init__(self, state: State, faults: Faults, parking: Parking) -> None:
        self.state, self.faults, self.parking = state, faults, parking

    async def begin(self, request: Request) -> Answer:
        """POST /pdp/piece/uploads"""
        self._check_disk()
        return Answer(201, Location=f"/pdp/piece/uploads/{self._open(None)}")

    async def receive(self, request: Request, text: str) -> Answer:
        """PUT /pdp/piece/uploads/{uuid}: once, from the first byte to the last."""
        row = self._session(text)
        if row["cid"] is not None:
            return words(404, "Upload session not found or already complete")
        draft = self._draft(row["id"])
        try:
            cid = await self._received(request, draft, MAX_PIECE_SIZE)
            if cid.size < MIN_PIECE_SIZE:
                return words(400, f"Piece size {cid.size} is below the minimum {MIN_PIECE_SIZE}")
            draft.replace(self.state.session_file(row["id"]))
            self.state.run(
                "update sessions set size = ?, cid = ? where id = ?", cid.size, str(cid), row["id"]
            )
        finally:
            draft.unlink(missing_ok=True)
        return Answer(204)

    async def finalise(self, request: Request, text: str) -> Answer:
        """POST /pdp/piece/uploads/{uuid}. Success deletes the session: 404 the next time."""
        row = self._session(text)
        wanted = _wanted(await request.json())
        if row["cid"] is None:
            return words(500, "Failed to finalize upload: upload is not complete")
        if row["size"] != wanted.size:
            return words(400, f"Piece size {row['size']} does not match {wanted.size}")
        if row["cid"] != str(wanted):
            return words(400, f"Computed piece CID {row['cid']} does not match {wanted}")
        self.parking.park(wanted, self.state.session_file(row["id"]), row["id"])
        if self.faults.use("finalise_lost_answer"):
            raise Hangup
        return Answer(200)

    async def announce(self, request: Request) -> Answer:
        """POST /pdp/piece: the older way, with the CID first."""
        cid = _wanted(await request.json())
        _check_size(cid.size)
        if self.state.is_parked(str(cid)):
            return told({"pieceCid": str(cid)})
        self._check_disk()
        return Answer(201, Location=f"/pdp/piece/upload/{self._open(cid)}")

    async def receive_announced(self, request: Request, text: str) -> Answer:
        """PUT /pdp/piece/upload/{uuid}"""
        row = self._session(text, announced=True)
        wanted = PieceCid.parse(row["wanted"])
        if row["cid"] is not None:
            return words(409, "Data has already been uploaded")
        draft = self._draft(row["id"])
        try:
            cid = await self._received(request, draft, wanted.size)
            if cid != wanted:
                return words(400, "Computed hash does not match the expected piece")
            self.parking.park(cid, draft)
            self.state.run(
                "update sessions set size = ?, cid = ? where id = ?", cid.size, str(cid), row["id"]
            )
        finally:
            draft.unlink(missing_ok=True)
        return Answer(204)

    def _open(self, wanted: PieceCid | None) -> str:
        id = str(uuid.uuid4())
        self.state.run(
            "insert into sessions values (?, ?, ?, null, null)",
            *(id, time.time(), str(wanted) if wanted else None),
        )
        return id

    def _draft(self, id: str) -> Path:
        # Of its own name: the same session may be sent to twice at once.
        return self.state.folder / f"draft-{id}-{uuid.uuid4().hex[:8]}"

    def _session(self, text: str, *, announced: bool = False) -> Row:
        id = asked.session_id(text)
        if self.faults.use("forget_session"):
            self.state.run("delete from sessions where id = ?", id)
        row = self.state.row("select * from sessions where id = ?", id)
        if row is None or (row["wanted"] is not None) != announced:
            raise words(404, "Upload session not found")
        return row

    def _check_disk(self) -> None:
        if self.faults.use("disk_full_500"):
            raise words(500, "Failed to create upload entry: no space left on device")

    async def _received(self, request: Request, draft: Path, most: int) -> PieceCid:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/octet-stream":
            raise words(400, "Content-Type must be application/octet-stream")
        if int(request.headers.get("content-length") or 0) > most:
            raise words(413, f"Piece data exceeds the maximum allowed size of {most}")
        trouble = _Trouble(request, self.faults)
        receiving = Receiving(draft)
        try:
            async for portion in request.body():
                await trouble.at(receiving.size + len(portion), len(portion))
                if receiving.size + len(portion) > most:
                    raise words(413, f"Piece data exceeds the maximum allowed size of {most}")
                await receiving.take(portion)
            return await receiving.finish()
        except OSError as error:
            raise words(500, f"Failed to process piece data: {error}") from None
        finally:
            await receiving.close()


class _Trouble:
    """The faults that come in the middle of a sending."""

    def __init__(self, request: Request, faults: Faults) -> None:
        self._request, self._faults = request, faults
        self._stall, self._break = faults.see("stall_upload_at"), faults.see("break_upload_at")
        self._pace = faults.use("slow_upload")

    async def at(self, size: int, more: int) -> None:
        if self._stall is not None and size >= self._stall:
            self._faults.use("stall_upload_at")
            await self._request.until_gone_unread()
            raise Hangup
        if self._break is not None and size >= self._break:
            self._faults.use("break_upload_at")
            raise Hangup
        if self._pace:
            await asyncio.sleep(more / self._pace)


def _wanted(body: dict[str, Any]) -> PieceCid:
    notify = body.get("notify")
    if notify is not None and not isinstance(notify, str):
        raise words(400, "Invalid request body: notify")
    return asked.piece(body.get("pieceCid"))


def _check_size(size: int) -> None:
    if size < MIN_PIECE_SIZE:
        raise words(400, f"Piece size {size} is below the minimum {MIN_PIECE_SIZE}")
    if size > MAX_PIECE_SIZE:
        raise words(413, f"Piece size {size} exceeds the maximum {MAX_PIECE_SIZE}")
