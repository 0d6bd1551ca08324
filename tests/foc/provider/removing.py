"""Pieces that are to leave a data set, and data sets whose service is to end."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from tests.foc.provider import asked
from tests.foc.provider.asgi import Answer, Request, told, words
from tests.foc.provider.faults import Faults
from tests.foc.provider.state import State
from tests.foc.provider.submitting import Refused, Submitter

log = logging.getLogger(__name__)
MOST_QUEUED = 35


class Removing:
    def __init__(self, state: State, faults: Faults, submitter: Submitter) -> None:
        self.state, self.faults, self.submitter = state, faults, submitter

    async def remove(self, request: Request, data_set: int, piece: int) -> Answer:
        """DELETE /pdp/data-sets/{id}/pieces/{pieceId}"""
        body = await request.json()
        extra = asked.extra_data(body, asked.MOST_REMOVE_EXTRA)
        pieces = asked.numbers(body.get("pieceIds", [piece]), "pieceIds") or [piece]
        if len(set(pieces)) != len(pieces) or piece not in pieces:
            return words(400, "pieceIds must be distinct and have the one of the path")
        for one in pieces:
            if not self._holds(data_set, one):
                return words(404, f"Piece {one} not found in data set {data_set}")
        queued = self.state.rows("select 1 from removals where data_set = ?", data_set)
        full = len(queued) + len(pieces) > MOST_QUEUED
        if self.faults.use("removal_queue_full") or full:
            return words(429, "Removal queue is full, try again after the next proving period")
        call = self.submitter.removing(data_set, pieces, extra)
        try:
            hash = await asyncio.to_thread(self._send, "remove", call, data_set)
        except Refused as refusal:
            return words(500, f"Failed to send transaction: {refusal}")
        for one in pieces:
            self.state.run("insert or ignore into removals values (?, ?)", data_set, one)
        return told({"txHash": hash})

    async def terminate(self, request: Request, data_set: int) -> Answer:
        """POST /pdp/data-sets/{id}/terminate: taken now, sent to the chain a moment later."""
        extra = asked.extra_data(await request.json(), asked.MOST_REMOVE_EXTRA)
        if not self.state.owns(data_set):
            return words(404, "Data set not found")
        if self.faults.use("contract_too_old"):
            return words(503, "The service contract does not support termination with consent")
        end = await asyncio.to_thread(self.submitter.end_epoch, data_set)
        if end:
            return _conflict(0, "data set is already terminated", end)
        queued = self.state.has("select 1 from terminations where data_set = ?", data_set)
        if self.faults.use("refuse_terminate") or queued:
            return _conflict(1, "termination is already queued", None)
        self.state.run("insert into terminations values (?, ?, '')", data_set, extra)
        return Answer(202)

    async def termination(self, data_set: int) -> Answer:
        """GET /pdp/data-sets/{id}/terminate"""
        row = self.state.row("select * from terminations where data_set = ?", data_set)
        if row is None:
            return words(404, "No termination was requested")
        body: dict[str, Any] = {"terminationTxHash": row["hash"]}
        if row["hash"]:
            await asyncio.to_thread(self.submitter.settle_one, row["hash"])
            sent = self.state.row("select * from transactions where hash = ?", row["hash"])
            assert sent is not None
            if sent["ok"] == 0:
                return words(404, "The termination failed")
            if sent["ok"] and sent["sent_hash"] != sent["hash"]:
                body["confirmedTxHash"] = sent["sent_hash"]
        end = await asyncio.to_thread(self.submitter.end_epoch, data_set)
        return told(
            body | {"fwssTerminated": bool(end) or None, "serviceTerminationEpoch": end or None}
        )

    # --- in the provider's own time ---------------------------------------------------

    def send_terminations(self) -> None:
        for row in self.state.rows("select * from terminations where hash = ''"):
            data_set = row["data_set"]
            call = self.submitter.terminating(data_set, row["extra"])
            try:
                hash = self._send("terminate", call, data_set)
            except Refused as refusal:
                log.warning("data set %s is not terminated: %s", data_set, refusal)
                self.state.run("delete from terminations where data_set = ?", data_set)
            else:
                self.state.run(
                    "update terminations set hash = ? where data_set = ?", hash, data_set
                )

    def drain(self) -> None:
        """Let go of pieces that have left their data set, as they do with a proving period."""
        for row in self.state.rows("select * from removals"):
            where = (row["data_set"], row["piece"])
            if self.submitter.pdp.pieceLive(*where).call():
                continue
            with self.state.together():
                self.state.run(
                    "update pieces set unused_since = ? where cid in "
                    "(select cid from held where data_set = ? and piece = ?)",
                    *(time.time(), *where),
                )
                for table in ("held", "removals"):
                    self.state.run(f"delete from {table} where data_set = ? and piece = ?", *where)

    def _holds(self, data_set: int, piece: int) -> bool:
        return self.state.has(
            "select 1 from held where data_set = ? and piece = ?", data_set, piece
        )

    def _send(self, kind: str, call: Any, data_set: int) -> str:
        return self.submitter.send(kind, call, data_set=data_set)


def _conflict(code: int, message: str, epoch: int | None) -> Answer:
    return told({"code": code, "message": message, "serviceTerminationEpoch": epoch}, 409)
