"""The provider's addresses, its clock, and the faults that may come between."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from typing import Any

from tests.foc.curio.asgi import Answer, Hangup, Receive, Request, Send, told, words
from tests.foc.curio.data_sets import DataSets
from tests.foc.curio.retrieval import serve
from tests.foc.curio.state import State
from tests.foc.curio.submitter import Refused, Submitter
from tests.foc.curio.uploads import Uploads

log = logging.getLogger(__name__)

_ID = r"(\d{1,20})"
_HASH = r"(0x[0-9a-fA-F]{64})"
ROUTES = [
    ("GET", r"/pdp/ping", "ping"),
    ("POST", r"/pdp/piece/uploads", "begin"),
    ("PUT", r"/pdp/piece/uploads/([^/]+)", "receive"),
    ("POST", r"/pdp/piece/uploads/([^/]+)", "finalise"),
    ("GET", r"/pdp/piece", "find"),
    ("POST", r"/pdp/piece/pull", "pull"),
    ("POST", r"/pdp/data-sets", "create"),
    ("POST", r"/pdp/data-sets/create-and-add", "create_and_add"),
    ("GET", rf"/pdp/data-sets/created/{_HASH}", "created"),
    ("POST", rf"/pdp/data-sets/{_ID}/pieces", "add"),
    ("GET", rf"/pdp/data-sets/{_ID}/pieces/added/{_HASH}", "added"),
    ("GET", rf"/pdp/data-sets/{_ID}", "show"),
    ("DELETE", rf"/pdp/data-sets/{_ID}/pieces/{_ID}", "remove"),
    ("POST", rf"/pdp/data-sets/{_ID}/terminate", "terminate"),
    ("GET", rf"/pdp/data-sets/{_ID}/terminate", "termination"),
    ("GET", r"/piece/([^/]+)", "piece"),
    ("HEAD", r"/piece/([^/]+)", "piece"),
    # Not Curio's: for tests, and for a person who plays with a devnet.
    ("GET", r"/faults", "show_faults"),
    ("PUT", r"/faults", "set_faults"),
    ("GET", r"/adds", "adds"),
    ("DELETE", r"/pieces/([^/]+)", "forget"),
]


class App:
    def __init__(self, config: dict[str, Any], state: State, submitter: Submitter) -> None:
        self.state, self.submitter, self.config = state, submitter, config
        self.uploads = Uploads(state, submitter, config)
        self.data_sets = DataSets(state, submitter)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        request = Request(scope, receive, send)
        try:
            answer = await self._answer(request)
        except Answer as known:
            answer = known
        except Hangup:
            # uvicorn would answer 500 for whoever raises before an answer; an answer that
            # was begun and does not come to its end is a connection that broke.
            await request.start(200, {"Content-Length": "1000"})
            raise ConnectionAbortedError from None
        if answer is not None:
            await request.answer(answer)

    async def _answer(self, request: Request) -> Answer | None:
        if request.path.startswith(("/pdp/", "/piece/")):
            await self._interfere(request)
        for method, pattern, name in ROUTES:
            match = re.fullmatch(pattern, request.path)
            if match and method == request.method:
                return await self._do(name, request, *match.groups())
        return words(404, "404 page not found")

    async def _interfere(self, request: Request) -> None:
        fault = self.state.fault
        if request.path == "/pdp/ping" and fault("refuse_ping"):
            raise Hangup
        if request.path == "/pdp/ping" and fault("alerts_503"):
            raise words(503, "node has alerts")
        if fault("dead"):
            await request.until_gone()
            raise Hangup
        if fault("garbage"):
            raise Answer(
                200, "<html><body>Welcome to nginx!</body></html>", Content_Type="text/html"
            )
        if where := fault("redirect_to"):
            raise Answer(302, Location=str(where))
        if (seconds := fault("busy_429")) is not None:
            raise words(429, "Too many requests", Retry_After=str(int(seconds)))
        if fault("busy_without_retry_after"):
            raise words(429, "Too many requests")

    async def _do(self, name: str, request: Request, *parts: str) -> Answer | None:
        numbers = [int(part) if part.isdecimal() else part for part in parts]
        match name:
            case "ping":
                return Answer(200, "curio-pdp", Content_Type="text/plain")
            case "begin" | "find" | "pull":
                return await getattr(self.uploads, name)(request)
            case "receive" | "finalise":
                return await getattr(self.uploads, name)(request, parts[0])
            case "create" | "create_and_add":
                return await getattr(self.data_sets, name)(request)
            case "add" | "remove" | "terminate":
                return await getattr(self.data_sets, name)(request, *numbers)
            case "created" | "added" | "show" | "termination":
                return await getattr(self.data_sets, name)(*numbers)
            case "piece":
                return await serve(request, self.state, parts[0])
            case "show_faults":
                return told(self.state.faults())
            case "set_faults":
                self.state.set_faults(await request.json())
                return told(self.state.faults())
            case "forget":
                self.state.forget(parts[0])
                return Answer(204)
            case "adds":
                rows = self.state.rows("select cids from transactions where ok = 1")
                return told([row["cids"] for row in rows])
        raise AssertionError(name)

    # --- what goes on by itself -------------------------------------------------------

    async def _live(self, receive: Receive, send: Send) -> None:
        task: asyncio.Task[None] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                task = asyncio.ensure_future(self._tick())
                await send({"type": "lifespan.startup.complete"})
            else:
                if task:
                    task.cancel()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _tick(self) -> None:
        every = float(self.config.get("tick", 0.5))
        while True:
            await asyncio.sleep(every)
            with contextlib.suppress(Exception):
                await asyncio.to_thread(self._once)

    def _once(self) -> None:
        self._collect_garbage()
        for row in self.state.rows("select hash from transactions where ok is null"):
            asyncio.run(self.data_sets._transaction(row["hash"]))
        if self.state.fault("stop_proving"):
            return
        for row in self.state.rows("select id from data_sets where ended = 0"):
            try:
                done = self.submitter.prove(row["id"], self.state)
            except (Refused, OSError) as error:
                log.warning("proving data set %s: %s", row["id"], error)
            else:
                if done:
                    log.info("data set %s: %s", row["id"], done)

    def _collect_garbage(self) -> None:
        keep = float(self.config.get("keep_unclaimed", 7200))
        before = time.time() - keep
        for row in self.state.rows(
            "select cid from pieces where used = 0 and parked_at < ?", before
        ):
            self.state.forget(row["cid"])
        for row in self.state.rows("select id from sessions where at < ?", time.time() - 3600):
            self.state.run("delete from sessions where id = ?", row["id"])
            self.state.session_file(row["id"]).unlink(missing_ok=True)
