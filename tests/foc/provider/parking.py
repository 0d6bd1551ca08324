"""Pieces that are here: from the moment they came whole to the moment nobody uses them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from filmedia.filecoin.errors import PieceError
from filmedia.filecoin.piece import PieceCid, parse_v1
from tests.foc.provider import asked
from tests.foc.provider.asgi import Answer, Request, told, words
from tests.foc.provider.faults import Faults
from tests.foc.provider.state import State

# A session whose sending is over, but which was not finalised, is dropped after an hour.
_SESSION_SECONDS = 3600.0
# A piece that no data set uses is deleted after two hours.
_KEEP_SECONDS = 7200.0
_UNUSED = """
select cid from pieces
where max(parked_at, unused_since) < ?
  and cid not in (select cid from held)
  and cid not in (select a.cid from additions a join transactions t using (hash) where ok is null)
"""


class Parking:
    def __init__(self, state: State, faults: Faults, config: dict[str, Any]) -> None:
        self.state, self.faults = state, faults
        self.delay = float(config.get("park_delay", 0.3))
        self.keep = float(config.get("keep_unclaimed", _KEEP_SECONDS))

    def park(self, cid: PieceCid, draft: Path, session: str = "") -> None:
        """Take the file as that piece. It can be found a moment later."""
        delay = 10**9 if self.faults.use_for("never_parks", str(cid)) else self.delay
        with self.state.lock:
            # The file before the row: after a death in between the session is still there.
            if draft.exists():
                draft.replace(self.state.piece_file(str(cid)))
            with self.state.together():
                self.state.run(
                    "insert into pieces values (?, ?, ?, ?, 0) on conflict (cid) do update set "
                    "parked_at = min(parked_at, excluded.parked_at), unused_since = ?",
                    *(str(cid), cid.root, cid.size, time.time() + delay, time.time()),
                )
                self.state.run("delete from sessions where id = ?", session)

    async def find(self, request: Request) -> Answer:
        """GET /pdp/piece?pieceCid="""
        cid = str(asked.piece(parse_qs(request.query).get("pieceCid", [""])[0]))
        if self.state.is_parked(cid) and self.faults.use_for("forget_pieces", cid):
            self.state.forget(cid)
        if not self.state.is_parked(cid):
            return words(404, "Piece not found")
        if self.faults.use_for("wrong_cid", cid):
            return told({"pieceCid": str(PieceCid(bytes(32), 127))})
        return told({"pieceCid": cid})

    async def indexing(self, text: str) -> Answer:
        """GET /pdp/piece/{cid}/status, which tells of IPFS only."""
        cid = self.known(text)
        if cid is None:
            return words(404, "Piece not found")
        flags = dict.fromkeys(("indexed", "adCreated", "advertised", "retrieved"), False)
        return told({"pieceCid": str(cid), "status": "pending", **flags})

    def known(self, text: str) -> PieceCid | None:
        """The parked piece of a v1 or v2 CID. Raises 400 for what is neither."""
        try:
            cid = PieceCid.parse(text)
        except PieceError:
            try:
                root = parse_v1(text)
            except PieceError:
                raise words(400, "Invalid piece CID") from None
            row = self.state.row(
                "select cid from pieces where root = ? and parked_at <= ?", root, time.time()
            )
            return PieceCid.parse(row["cid"]) if row else None
        return cid if self.state.is_parked(str(cid)) else None

    def collect(self) -> None:
        """Let go of what nobody has claimed in time."""
        now = time.time()
        with self.state.lock:
            for row in self.state.rows(_UNUSED, now - self.keep):
                self.state.forget(row["cid"])
            for row in self.state.rows(
                "select id from sessions where made < ?", now - _SESSION_SECONDS
            ):
                self.state.run("delete from sessions where id = ?", row["id"])
                self.state.session_file(row["id"]).unlink(missing_ok=True)
