"""Data sets: what a provider sends to the chain for its clients, and how that went."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from filmedia.filecoin.piece import PieceCid
from tests.foc.curio.asgi import Answer, Hangup, Request, told, words
from tests.foc.curio.state import State
from tests.foc.curio.submitter import Refused, Submitter
from tests.foc.curio.uploads import MOST_PIECES, _bytes, _cid

MOST_CREATE_EXTRA, MOST_REMOVE_EXTRA, MOST_QUEUED = 4096, 1024, 35


class DataSets:
    def __init__(self, state: State, submitter: Submitter) -> None:
        self.state, self.submitter = state, submitter

    async def create(self, request: Request) -> Answer:
        body = await request.json()
        extra = self._create_extra(body)
        hash = await self._submit("create", 0, [], lambda: self.submitter.create(extra))
        return Answer(201, Location=f"/pdp/data-sets/created/{hash}")

    async def create_and_add(self, request: Request) -> Answer:
        body = await request.json()
        # Twice a creation's limit: the addition's data is in there too.
        extra = self._create_extra(body, 4 * MOST_CREATE_EXTRA)
        cids = self._batch(body)
        hash = await self._submit(
            "create_and_add", 0, cids, lambda: self.submitter.create_and_add(cids, extra)
        )
        return Answer(201, Location=f"/pdp/data-sets/created/{hash}")

    async def add(self, request: Request, data_set: int) -> Answer:
        body = await request.json()
        self._known(data_set)
        cids, extra = self._batch(body), _bytes(body.get("extraData"))
        hash = await self._submit(
            "add", data_set, cids, lambda: self.submitter.add(data_set, cids, extra)
        )
        return Answer(201, Location=f"/pdp/data-sets/{data_set}/pieces/added/{hash}")

    async def created(self, hash: str) -> Answer:
        row = await self._transaction(hash)
        if row["kind"] not in {"create", "create_and_add"}:
            raise words(404, "Transaction not found")
        body: dict[str, Any] = {
            "createMessageHash": hash,
            "dataSetCreated": row["ok"] == 1,
            "service": "public",
            "txStatus": row["state"],
            "ok": None if row["ok"] is None else bool(row["ok"]),
        }
        if row["ok"] == 1:
            body["dataSetId"] = json.loads(row["result"])["data_set"]
        return told(body | _confirmed(row))

    async def added(self, data_set: int, hash: str) -> Answer:
        row = await self._transaction(hash)
        if row["kind"] == "create":
            raise words(404, "Transaction not found")
        body: dict[str, Any] = {
            "txHash": hash,
            "txStatus": row["state"],
            "dataSetId": data_set,
            "pieceCount": len(json.loads(row["cids"])),
            "addMessageOk": None if row["ok"] is None else bool(row["ok"]),
            "piecesAdded": row["ok"] == 1,
        }
        if row["ok"] == 1:
            body["confirmedPieceIds"] = json.loads(row["result"])["pieces"]
        return told(body | _confirmed(row))

    async def show(self, data_set: int) -> Answer:
        self._known(data_set)
        functions = self.submitter.pdp
        pieces = []
        start, more = 0, True
        while more:
            found, ids, more = functions.getActivePiecesByCursor(data_set, start, 100).call()
            for (binary,), id in zip(found, ids, strict=True):
                cid = str(PieceCid.from_binary(binary))
                pieces.append(
                    {"pieceId": id, "pieceCid": cid, "subPieceCid": cid, "subPieceOffset": 0}
                )
            start = ids[-1] + 1 if ids else start
            more = more and bool(ids)
        epoch = functions.getNextChallengeEpoch(data_set).call()
        return told({"id": data_set, "nextChallengeEpoch": min(epoch, 2**63), "pieces": pieces})

    async def remove(self, request: Request, data_set: int, piece: int) -> Answer:
        body = await request.json()
        self._known(data_set)
        extra = _bytes(body.get("extraData"))
        ids = body.get("pieceIds") or [piece]
        if len(extra) > MOST_REMOVE_EXTRA or len(ids) > MOST_QUEUED:
            return words(400, "Request too large")
        if self.state.fault("removal_queue_full"):
            return words(429, "Removal queue is full")
        hash = await self._submit(
            "remove", data_set, [], lambda: self.submitter.remove(data_set, ids, extra)
        )
        for id in ids:
            self.state.run("insert or ignore into removals values (?, ?)", data_set, id)
        return told({"txHash": hash})

    async def terminate(self, request: Request, data_set: int) -> Answer:
        body = await request.json()
        self._known(data_set)
        if self.state.fault("refuse_terminate"):
            return told({"code": 1, "message": "termination is queued"}, 409)
        extra = _bytes(body.get("extraData"))
        hash = await self._submit(
            "terminate", data_set, [], lambda: self.submitter.terminate(data_set, extra)
        )
        self.state.run("insert or replace into terminations values (?, ?)", data_set, hash)
        return Answer(202)

    async def termination(self, data_set: int) -> Answer:
        row = self.state.row("select * from terminations where data_set = ?", data_set)
        if row is None:
            raise words(404, "No termination requested")
        info = self.submitter.view.getDataSet(data_set).call()
        end = info[8]
        return told(
            {
                "terminationTxHash": row["hash"],
                "fwssTerminated": True if end else None,
                "serviceTerminationEpoch": end or None,
            }
        )

    # --- ------------------------------------------------------------------------------

    def _create_extra(self, body: dict[str, Any], most: int = MOST_CREATE_EXTRA) -> bytes:
        keeper = str(body.get("recordKeeper", ""))
        if keeper.lower() != self.submitter.contracts["fwss"].lower():
            raise words(403, "recordKeeper is not allowed")
        extra = _bytes(body.get("extraData"))
        if len(extra) > most:
            raise words(400, "extraData is too large")
        return extra

    def _batch(self, body: dict[str, Any]) -> list[PieceCid]:
        pieces = body.get("pieces")
        if not isinstance(pieces, list) or not 0 < len(pieces) <= MOST_PIECES:
            raise words(400, f"From 1 to {MOST_PIECES} pieces can be added")
        cids = []
        for entry in pieces:
            cid = _cid(entry.get("pieceCid"))
            parts = entry.get("subPieces")
            if not isinstance(parts, list) or [one.get("subPieceCid") for one in parts] != [
                str(cid)
            ]:
                raise words(400, "subPieces must be the piece itself")
            if not self.state.is_parked(str(cid)):
                raise words(400, f"subPiece {cid} not found or does not belong to service")
            cids.append(cid)
        if len(set(cids)) != len(cids):
            raise words(400, "duplicate subPieceCid")
        return cids

    def _known(self, data_set: int) -> None:
        if self.state.row("select 1 from data_sets where id = ?", data_set) is None:
            raise words(404, "Data set not found")
        if self.state.row("select 1 from data_sets where id = ? and ended = 1", data_set):
            raise words(409, "Data set is terminated")

    async def _submit(self, kind: str, data_set: int, cids: list[PieceCid], send: Any) -> str:
        state = self.state
        if state.fault(f"{kind}_never_submitted") or (cids and state.fault("add_never_submitted")):
            raise Hangup
        if cids and state.fault("add_reverts"):
            hash = await asyncio.to_thread(self._doomed)
        else:
            try:
                hash = await asyncio.to_thread(send)
            except Refused as refusal:
                raise words(500, f"Failed to send transaction: {refusal}") from None
        texts = [str(cid) for cid in cids]
        state.run(
            "insert or replace into transactions (hash, kind, data_set, cids, at) "
            "values (?, ?, ?, ?, ?)",
            hash,
            kind,
            data_set,
            json.dumps(texts),
            time.time(),
        )
        for text in texts:
            state.run("update pieces set used = used + 1 where cid = ?", text)
        if state.fault("add_lost_answer"):
            raise Hangup
        return hash

    def _doomed(self) -> str:
        """A transaction that fails in its block, as one does whose ground has shifted."""
        call = self.submitter.pdp.addPieces(10**9, "0x" + 40 * "0", [], b"")
        return self.submitter.send_blindly(call, 0)

    async def _transaction(self, hash: str) -> Any:
        row = self.state.row("select * from transactions where hash = ?", hash)
        if row is None:
            raise words(404, "Transaction not found")
        wait = self.state.fault("tx_pending_for")
        if row["ok"] is not None or (wait and time.time() - row["at"] < wait):
            return row
        found = await asyncio.to_thread(self.submitter.outcome, hash)
        if found is not None:
            ok, made, pieces = found
            number = made if made is not None else row["data_set"]
            if ok and made is not None:
                self.state.run("insert or ignore into data_sets (id) values (?)", made)
            self.state.run(
                "update transactions set state = 'confirmed', ok = ?, result = ? where hash = ?",
                int(ok),
                json.dumps({"data_set": number, "pieces": pieces}),
                hash,
            )
        return self.state.row("select * from transactions where hash = ?", hash)


def _confirmed(row: Any) -> dict[str, Any]:
    return {"confirmedTxHash": row["confirmed"]} if row["confirmed"] else {}
