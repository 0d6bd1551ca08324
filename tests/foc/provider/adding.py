"""Data sets and the pieces in them: made and added to by transactions, and how those went."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from sqlite3 import Row
from typing import Any

from filmedia.filecoin.piece import PieceCid
from tests.foc.provider import asked
from tests.foc.provider.asgi import Answer, Hangup, Request, told, words
from tests.foc.provider.faults import Faults
from tests.foc.provider.state import State
from tests.foc.provider.submitting import BOND, Refused, Submitter

# A data set with 2**256 - 1 is being deleted; JSON here has what fits 64 bits.
_NEVER = 2**63 - 1


class Adding:
    def __init__(self, state: State, faults: Faults, submitter: Submitter) -> None:
        self.state, self.faults, self.submitter = state, faults, submitter

    async def create(self, request: Request) -> Answer:
        """POST /pdp/data-sets"""
        body = await request.json()
        asked.record_keeper(body, self.submitter.service)
        extra = asked.extra_data(body, asked.MOST_CREATE_EXTRA)
        call = self.submitter.creating(extra)
        return await self._submitted(
            "create", lambda: self.submitter.send("create", call, value=BOND), _created_at
        )

    async def create_and_add(self, request: Request) -> Answer:
        """POST /pdp/data-sets/create-and-add"""
        body = await request.json()
        asked.record_keeper(body, self.submitter.service)
        return await self._add(0, body, _created_at)

    async def add(self, request: Request, data_set: int) -> Answer:
        """POST /pdp/data-sets/{id}/pieces"""
        body = await request.json()
        if not self.state.owns(data_set):
            return words(404, "Data set not found")
        if await asyncio.to_thread(self.submitter.end_epoch, data_set):
            return words(409, "Data set has been terminated")
        where = f"/pdp/data-sets/{data_set}/pieces/added"
        return await self._add(data_set, body, lambda hash: f"{where}/{hash}")

    async def _add(
        self, data_set: int, body: dict[str, Any], location: Callable[[str], str]
    ) -> Answer:
        cids = asked.batch(body)
        extra = asked.extra_data(body, asked.MOST_ADD_EXTRA)
        for cid in cids:
            if not self.state.is_parked(str(cid)):
                raise words(400, f"subPiece {cid} not found or does not belong to service")
        return await self._submitted("add", lambda: self._send(data_set, cids, extra), location)

    def _send(self, data_set: int, cids: list[PieceCid], extra: bytes) -> str:
        fails = bool(self.faults.use("add_reverts"))
        never = bool(self.faults.use("add_never_lands"))
        if fails:
            # It was seen to be good, and is not any more when its block comes.
            extra = b""
        return self.submitter.send(
            "add" if data_set else "create_and_add",
            self.submitter.adding(data_set, cids, extra),
            data_set=data_set,
            value=0 if data_set else BOND,
            cids=cids,
            blindly=fails,
            land=not never,
        )

    async def _submitted(
        self, kind: str, send: Callable[[], str], location: Callable[[str], str]
    ) -> Answer:
        if self.faults.use(f"{kind}_never_submitted"):
            raise Hangup
        try:
            hash = await asyncio.to_thread(send)
        except Refused as refusal:
            return words(500, f"Failed to send transaction: {refusal}")
        if self.faults.use(f"{kind}_lost_answer"):
            raise Hangup
        return Answer(201, Location=location(hash))

    # --- how it went ------------------------------------------------------------------

    async def created(self, hash: str) -> Answer:
        """GET /pdp/data-sets/created/{txHash}"""
        row = await self._transaction(hash, "create", "create_and_add")
        body = {
            "createMessageHash": row["hash"],
            "dataSetCreated": row["ok"] == 1,
            "service": "public",
            "txStatus": row["state"],
            "ok": _truth(row["ok"]),
        }
        if row["ok"] == 1:
            body["dataSetId"] = row["made_set"]
        return told(body | _landed(row))

    async def added(self, data_set: int, hash: str) -> Answer:
        """GET /pdp/data-sets/{id}/pieces/added/{txHash}"""
        row = await self._transaction(hash, "add", "create_and_add")
        if data_set != (row["made_set"] or row["data_set"]):
            raise words(404, "Piece addition not found for this data set")
        count = self.state.rows("select 1 from additions where hash = ?", row["hash"])
        body = {
            "txHash": row["hash"],
            "txStatus": row["state"],
            "dataSetId": data_set,
            "pieceCount": len(count),
            "addMessageOk": _truth(row["ok"]),
            # A revert is told as confirmed and not ok, and this stays false for ever.
            "piecesAdded": row["ok"] == 1,
        }
        if row["ok"] == 1:
            body["confirmedPieceIds"] = json.loads(row["ids"])
        return told(body | _landed(row))

    async def _transaction(self, hash: str, *kinds: str) -> Row:
        await asyncio.to_thread(self.submitter.settle_one, hash.lower())
        row = self.state.row("select * from transactions where hash = ?", hash.lower())
        if row is None or row["kind"] not in kinds:
            raise words(404, "Transaction not found")
        return row

    # --- what is there ----------------------------------------------------------------

    async def show(self, data_set: int) -> Answer:
        """GET /pdp/data-sets/{id}"""
        if not self.state.owns(data_set):
            return words(404, "Data set not found")
        epoch = await asyncio.to_thread(self.submitter.pdp.getNextChallengeEpoch(data_set).call)
        pieces = [
            {
                "pieceId": row["piece"],
                "pieceCid": row["cid"],
                "subPieceCid": row["cid"],
                "subPieceOffset": 0,
            }
            for row in self.state.rows(
                "select * from held where data_set = ? order by piece", data_set
            )
        ]
        return told({"id": data_set, "nextChallengeEpoch": min(epoch, _NEVER), "pieces": pieces})

    async def show_piece(self, data_set: int, piece: int) -> Answer:
        """GET /pdp/data-sets/{id}/pieces/{pieceId}, whose CIDs are v1."""
        row = self.state.row(
            "select cid from held where data_set = ? and piece = ?", data_set, piece
        )
        if row is None:
            return words(404, "Piece not found in data set")
        cid = PieceCid.parse(row["cid"]).v1
        parts = [{"subPieceCid": cid, "subPieceOffset": 0}]
        return told({"pieceId": piece, "pieceCid": cid, "subPieces": parts})

    def sent(self) -> list[str]:
        """The PieceCIDs of each addition that went well, as a JSON list each."""
        return [
            json.dumps([one["cid"] for one in self._cids(row["hash"])])
            for row in self.state.rows(
                "select hash from transactions where kind in ('add', 'create_and_add') "
                "and ok = 1 order by at"
            )
        ]

    def counted(self) -> dict[str, dict[str, int]]:
        """By PieceCID: how many additions were sent to the chain, and how many went well."""
        rows = self.state.rows(
            "select cid, count(raw) as sent, sum(coalesce(ok, 0)) as well "
            "from additions join transactions using (hash) group by cid"
        )
        return {row["cid"]: {"sent": row["sent"], "well": row["well"]} for row in rows}

    def _cids(self, hash: str) -> list[Row]:
        return self.state.rows("select cid from additions where hash = ? order by place", hash)


def _created_at(hash: str) -> str:
    return f"/pdp/data-sets/created/{hash}"


def _truth(ok: int | None) -> bool | None:
    return None if ok is None else bool(ok)


def _landed(row: Row) -> dict[str, str]:
    if row["ok"] is None or row["sent_hash"] == row["hash"]:
        return {}
    return {"confirmedTxHash": row["sent_hash"]}
