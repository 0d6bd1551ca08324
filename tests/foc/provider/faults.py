"""
What can be made to go wrong, by name. `PUT /faults` takes `{name: value}`.

A value may also be `{"value": v, "times": n}`, and ends after n uses; null ends it. Where a
fault is about pieces, `true` is for all of them, a PieceCID or a list of them for those.
"""

from __future__ import annotations

import json
from typing import Any

from tests.foc.provider.asgi import Answer, Hangup, Request, words
from tests.foc.provider.state import State

KNOWN = {
    "dead": "takes connections and never answers",
    "refuse_ping": "the connection of a ping is cut",
    "alerts_503": "a ping is answered 503",
    "busy_429": "429 to everything, with that many seconds of Retry-After",
    "busy_without_retry_after": "429 to everything",
    "busy_retrieval": "429 to every reading",
    "garbage": "200 and a page of HTML to everything",
    "redirect_to": "302 to that address for everything",
    "slow_upload": "takes that many bytes a second",
    "stall_upload_at": "takes no more once so many bytes have come",
    "break_upload_at": "cuts the connection once so many bytes have come",
    "forget_session": "404 to the sending and the finalising of a session",
    "disk_full_500": "500 to every upload",
    "finalise_lost_answer": "finalises, then cuts the connection",
    "never_parks": "what is finalised stays unfindable",
    "wrong_cid": "answers another PieceCID than was asked for",
    "forget_pieces": "loses parked pieces when they are asked for",
    "add_lost_answer": "sends the addition, then cuts the connection",
    "create_lost_answer": "sends the creation, then cuts the connection",
    "add_never_submitted": "cuts the connection and sends no addition",
    "create_never_submitted": "cuts the connection and sends no creation",
    "add_never_lands": "answers with a transaction that is never sent to the chain",
    "add_reverts": "the addition fails in its block",
    "tx_pending_for": "tells of a transaction's end so many seconds later",
    "tx_replaced": "another transaction lands than the one that was told of",
    "pull_busy": "429 to pulls, with that many seconds of Retry-After",
    "pull_fails": "no pull succeeds",
    "pull_partly_fails": "every second piece of a pull fails",
    "pull_slow": "a pull begins that many seconds late",
    "lose_piece": "a piece is gone: 404, and no proof of it",
    "corrupt_piece": "one bit of what is read is another",
    "short_piece": "a piece has so many bytes too few",
    "break_read_at": "cuts the connection after so many bytes of a reading",
    "drop_range": "200 and everything to a ranged request",
    "slow_reads": "gives that many bytes a second",
    "denylist_451": "451 to the reading of a piece",
    "stop_proving": "does nothing for its proofs",
    "prove_late": "lets a period pass, and goes on with the next one",
    "removal_queue_full": "429 to removals",
    "refuse_terminate": "409 to terminations",
    "contract_too_old": "503 to terminations",
}
_HTML = "<!doctype html><html><body><h1>Welcome to nginx!</h1></body></html>"


class Unknown(Exception):
    """There is no fault of that name."""


class Faults:
    def __init__(self, state: State) -> None:
        self._state = state

    def set(self, given: dict[str, Any]) -> None:
        for name in given:
            if name not in KNOWN:
                raise Unknown(name)
        for name, value in given.items():
            times = None
            if isinstance(value, dict):
                value, times = value.get("value", True), value.get("times")
            self._state.run("delete from faults where name = ?", name)
            if value is not None and value is not False:
                self._state.run(
                    "insert into faults values (?, ?, ?)", name, json.dumps(value), times
                )

    def all(self) -> dict[str, Any]:
        rows = self._state.rows("select * from faults")
        return {row["name"]: json.loads(row["value"]) for row in rows}

    def see(self, name: str) -> Any:
        """The fault's value if it is on, else None."""
        row = self._state.row("select value from faults where name = ?", name)
        return None if row is None else json.loads(row["value"])

    def use(self, name: str) -> Any:
        """As `see`; and one use less is left of a fault that ends by itself."""
        with self._state.lock:
            value = self.see(name)
            if value is not None:
                self._state.run("update faults set times = times - 1 where name = ?", name)
                self._state.run("delete from faults where name = ? and times <= 0", name)
            return value

    def use_for(self, name: str, cid: str) -> Any:
        """As `use`, for a fault of that piece."""
        return self.use(name) if self.concerns(name, cid) else None

    def concerns(self, name: str, cid: str) -> bool:
        value = self.see(name)
        if isinstance(value, str):
            return value == cid
        return cid in value if isinstance(value, list) else value is not None

    async def interfere(self, request: Request) -> None:
        """Before anything else is looked at."""
        if self.use("dead"):
            await request.until_gone()
            raise Hangup
        if request.path == "/pdp/ping":
            if self.use("refuse_ping"):
                raise Hangup
            if self.use("alerts_503"):
                raise words(503, "node has active alerts")
        if self.use("garbage"):
            raise Answer(200, _HTML, Content_Type="text/html")
        if where := self.use("redirect_to"):
            raise Answer(302, Location=str(where))
        if (seconds := self.use("busy_429")) is not None:
            raise words(429, "Too Many Requests", Retry_After=str(int(seconds)))
        if self.use("busy_without_retry_after"):
            raise words(429, "Too Many Requests")
