"""Receiving pieces: sessions, streaming in, finalising, parking, and pulling from others."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
import time
import urllib.request
import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

from filmedia.filecoin.errors import PieceError
from filmedia.filecoin.piece import MAX_PIECE_SIZE, MIN_PIECE_SIZE, PieceCid, PieceHasher
from tests.foc.curio.asgi import Answer, Hangup, Request, told, words
from tests.foc.curio.state import State
from tests.foc.curio.submitter import Refused, Submitter

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
AT_ONCE = 4 << 20
MOST_PIECES = 40


class Uploads:
    def __init__(self, state: State, submitter: Submitter, config: dict[str, Any]) -> None:
        self.state, self.submitter = state, submitter
        self.park_delay = float(config.get("park_delay", 0.3))
        self._pulling: dict[str, asyncio.Task[None]] = {}

    async def begin(self, request: Request) -> Answer:
        if self.state.fault("disk_full_500"):
            return words(500, "Failed to create upload: no space left on device")
        id = str(uuid.uuid4())
        self.state.run("insert into sessions values (?, null, null, ?)", id, time.time())
        return Answer(201, Location=f"/pdp/piece/uploads/{id}")

    async def receive(self, request: Request, id: str) -> Answer:
        self._session(id)
        if self.state.fault("forget_session"):
            self.state.run("delete from sessions where id = ?", id)
            return words(404, "Upload session not found")
        stall, broken = self.state.fault("stall_upload_at"), self.state.fault("break_upload_at")
        slow = self.state.fault("slow_upload")
        hasher, size = PieceHasher(), 0
        pending = bytearray()
        with self.state.session_file(id).open("wb", buffering=0) as file:
            async for portion in request.body():
                pending += portion
                size += len(portion)
                if stall is not None and size >= stall:
                    await request.until_gone()
                    raise Hangup
                if broken is not None and size >= broken:
                    raise Hangup
                if slow:
                    await asyncio.sleep(len(portion) / slow)
                if size > MAX_PIECE_SIZE:
                    return words(413, "Piece size exceeds the maximum")
                if len(pending) >= AT_ONCE:
                    await asyncio.to_thread(_take, hasher, file, bytes(pending))
                    pending.clear()
            await asyncio.to_thread(_take, hasher, file, bytes(pending))
        if size < MIN_PIECE_SIZE:
            return words(400, f"Piece size {size} is below the minimum of {MIN_PIECE_SIZE}")
        cid = str(hasher.finish())
        self.state.run("update sessions set size = ?, cid = ? where id = ?", size, cid, id)
        return Answer(204)

    async def finalise(self, request: Request, id: str) -> Answer:
        body = await request.json()
        row = self._session(id)
        wanted = _cid(body.get("pieceCid"))
        if row["cid"] is None:
            return words(500, "Upload is not complete")
        if row["size"] != wanted.size:
            return words(400, "Piece size does not match")
        if row["cid"] != str(wanted):
            return words(400, "Computed piece CID does not match")
        self.state.session_file(id).replace(self.state.piece_file(row["cid"]))
        self._park(row["cid"], row["size"])
        self.state.run("delete from sessions where id = ?", id)
        if self.state.fault("finalise_lost_answer"):
            raise Hangup
        return Answer(200)

    async def find(self, request: Request) -> Answer:
        wanted = _cid(parse_qs(request.query).get("pieceCid", [""])[0])
        if self.state.fault("forget_pieces"):
            self.state.forget(str(wanted))
        if not self.state.is_parked(str(wanted)):
            return words(404, "Piece not found")
        if self.state.fault("wrong_cid"):
            return told({"pieceCid": str(PieceCid(bytes(32), 127))})
        return told({"pieceCid": str(wanted)})

    def _session(self, id: str) -> Any:
        if not _UUID.fullmatch(id):
            raise words(400, "Invalid upload UUID")
        row = self.state.row("select * from sessions where id = ?", id)
        if row is None:
            raise words(404, "Upload session not found")
        return row

    def _park(self, cid: str, size: int) -> None:
        self.state.run(
            "insert into pieces (cid, size, parked_at) values (?, ?, ?) "
            "on conflict (cid) do update set parked_at = min(parked_at, excluded.parked_at)",
            cid,
            size,
            time.time() + self.park_delay,
        )

    # --- pulling ----------------------------------------------------------------------

    async def pull(self, request: Request) -> Answer:
        body = await request.json()
        pieces, data_set = body.get("pieces"), body.get("dataSetId") or 0
        if not isinstance(pieces, list) or not 0 < len(pieces) <= MOST_PIECES:
            return words(400, f"From 1 to {MOST_PIECES} pieces")
        if not data_set and not body.get("recordKeeper"):
            return words(400, "recordKeeper is required")
        asked = [(_cid(one.get("pieceCid")), _source(one.get("sourceUrl"))) for one in pieces]
        if len(set(asked)) != len(asked):
            return words(400, "Duplicate piece and source")
        extra = _bytes(body.get("extraData"))
        key = hashlib.sha256(extra + str(data_set).encode()).hexdigest()
        if self.state.row("select 1 from pulls where key = ?", key) is None:
            try:
                await asyncio.to_thread(
                    self.submitter.would_add, data_set, [cid for cid, _ in asked], extra
                )
            except Refused as refusal:
                return words(400, f"extraData is not valid: {refusal}")
            statuses = {str(cid): "pending" for cid, _ in asked}
            self.state.run(
                "insert into pulls values (?, ?, ?)", key, json.dumps(statuses), time.time()
            )
        if key not in self._pulling:
            # Also after a restart: what was not over goes on.
            self._pulling[key] = asyncio.ensure_future(self._fetch_all(key, asked))
        row = self.state.row("select * from pulls where key = ?", key)
        assert row is not None
        statuses = json.loads(row["pieces"])
        return told(
            {
                "status": _overall(statuses),
                "pieces": [{"pieceCid": cid, "status": one} for cid, one in statuses.items()],
            }
        )

    async def _fetch_all(self, key: str, asked: list[tuple[PieceCid, str]]) -> None:
        partly = self.state.fault("pull_partly_fails")
        for index, (cid, source) in enumerate(asked):
            came = False
            if not self.state.fault("pull_fails") and not (partly and index % 2):
                with contextlib.suppress(OSError, ValueError):
                    came = await asyncio.to_thread(self._fetch, cid, source)
            row = self.state.row("select pieces from pulls where key = ?", key)
            assert row is not None
            statuses = json.loads(row["pieces"])
            statuses[str(cid)] = "complete" if came else "failed"
            self.state.run("update pulls set pieces = ? where key = ?", json.dumps(statuses), key)

    def _fetch(self, cid: PieceCid, source: str) -> bool:
        if self.state.is_parked(str(cid)):
            return True
        hasher, size = PieceHasher(), 0
        draft = self.state.folder / f"pull-{uuid.uuid4()}"
        asked = urllib.request.Request(source, headers={"Accept-Encoding": "identity"})
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer, draft.open("wb") as file:
                while portion := answer.read(AT_ONCE):
                    hasher.update(portion)
                    file.write(portion)
                    size += len(portion)
            if size != cid.size or hasher.finish() != cid:
                return False
            draft.replace(self.state.piece_file(str(cid)))
        finally:
            draft.unlink(missing_ok=True)
        self._park(str(cid), size)
        return True


def _take(hasher: PieceHasher, file: Any, data: bytes) -> None:
    hasher.update(data)
    file.write(data)


def _cid(text: Any) -> PieceCid:
    try:
        return PieceCid.parse(str(text))
    except PieceError:
        raise words(400, "pieceCid must be a PieceCIDv2") from None


def _source(url: Any) -> str:
    parts = urlsplit(str(url))
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise words(400, "Invalid sourceUrl")
    return str(url)


def _bytes(text: Any) -> bytes:
    try:
        return bytes.fromhex(str(text).removeprefix("0x"))
    except ValueError:
        raise words(400, "extraData is not hex") from None


def _overall(statuses: dict[str, str]) -> str:
    over = [one for one in statuses.values() if one in {"complete", "failed"}]
    if len(over) < len(statuses):
        return "inProgress" if over else "pending"
    return "complete" if "complete" in over else "failed"
