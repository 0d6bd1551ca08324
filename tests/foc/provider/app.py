"""The provider's addresses and its clock."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from web3.exceptions import Web3Exception

from tests.foc.provider import faults as faults_module
from tests.foc.provider.adding import Adding
from tests.foc.provider.asgi import Answer, Gone, Hangup, Receive, Request, Send, told, words
from tests.foc.provider.faults import Faults
from tests.foc.provider.parking import Parking
from tests.foc.provider.proving import Proving
from tests.foc.provider.pulling import Pulling
from tests.foc.provider.removing import Removing
from tests.foc.provider.retrieval import Retrieval
from tests.foc.provider.state import State
from tests.foc.provider.submitting import Submitter
from tests.foc.provider.uploads import Uploads

log = logging.getLogger(__name__)
_ID, _HASH, _ONE = r"(\d{1,18})", r"(0x[0-9a-fA-F]{64})", r"([^/]+)"
OFFENCES, OFFENCE_SECONDS = 5, 60.0


class App:
    def __init__(self, config: dict[str, Any], state: State) -> None:
        self.state, self.config = state, config
        self.faults = Faults(state)
        self.submitter = Submitter(config, state, self.faults)
        self.parking = Parking(state, self.faults, config)
        self.pulling = Pulling(self.parking, self.faults, self.submitter, config)
        self.proving = Proving(state, self.faults, self.submitter)
        self.removing = Removing(state, self.faults, self.submitter)
        self.adding = Adding(state, self.faults, self.submitter)
        self.throttle = _Throttle(float(config.get("throttle_seconds", 300)))
        self.routes = [(method, re.compile(path), do) for method, path, do in self._routes()]

    def _routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        uploads = Uploads(self.state, self.faults, self.parking)
        retrieval = Retrieval(self.parking, self.faults, self.config)
        adding, removing, sets = self.adding, self.removing, "/pdp/data-sets"

        def unread(do: Callable[..., Any]) -> Callable[..., Any]:
            return lambda _, *parts: do(*parts)

        return [
            ("GET", "/pdp/ping", self._ping),
            ("POST", "/pdp/piece/uploads", uploads.begin),
            ("PUT", f"/pdp/piece/uploads/{_ONE}", uploads.receive),
            ("POST", f"/pdp/piece/uploads/{_ONE}", uploads.finalise),
            ("POST", "/pdp/piece", uploads.announce),
            ("PUT", f"/pdp/piece/upload/{_ONE}", uploads.receive_announced),
            ("GET", "/pdp/piece", self.parking.find),
            ("GET", f"/pdp/piece/{_ONE}/status", unread(self.parking.indexing)),
            ("POST", "/pdp/piece/pull", self.pulling.pull),
            ("POST", sets, adding.create),
            ("POST", f"{sets}/create-and-add", adding.create_and_add),
            ("GET", f"{sets}/created/{_HASH}", unread(adding.created)),
            ("POST", f"{sets}/{_ID}/pieces", self._add),
            ("GET", f"{sets}/{_ID}/pieces/added/{_HASH}", unread(adding.added)),
            ("GET", f"{sets}/{_ID}", unread(adding.show)),
            ("GET", f"{sets}/{_ID}/pieces/{_ID}", unread(adding.show_piece)),
            ("DELETE", f"{sets}/{_ID}/pieces/{_ID}", removing.remove),
            ("POST", f"{sets}/{_ID}/terminate", removing.terminate),
            ("GET", f"{sets}/{_ID}/terminate", unread(removing.termination)),
            ("GET", f"/piece/{_ONE}", retrieval.serve),
            ("HEAD", f"/piece/{_ONE}", retrieval.serve),
            # Not Curio's: for tests, and for a person who plays with a devnet.
            ("GET", "/faults", self._show_faults),
            ("PUT", "/faults", self._set_faults),
            ("GET", "/adds", self._adds),
            ("GET", "/adds/by-piece", self._adds_by_piece),
            ("DELETE", f"/pieces/{_ONE}", self._forget),
            ("DELETE", "/proving", self._leave_off),
        ]

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
            await request.cut()
            return
        except Gone:
            return
        except (Web3Exception, OSError) as error:
            log.warning("%s %s: %s", request.method, request.path, error)
            answer = words(500, f"Internal Server Error: {error}")
        if answer is not None:
            await request.answer(answer)

    async def _answer(self, request: Request) -> Answer | None:
        if request.method == "OPTIONS":
            return Answer(204)
        if request.path.startswith(("/pdp/", "/piece/")):
            await self.faults.interfere(request)
        if request.path.startswith("/pdp/"):
            self.throttle.check(request.client)
        there = False
        for method, path, do in self.routes:
            if match := path.fullmatch(request.path):
                there = True
                if method == request.method:
                    parts = [int(one) if one.isdecimal() else one for one in match.groups()]
                    return await do(request, *parts)
        return words(405, "Method Not Allowed") if there else words(404, "404 page not found")

    async def _ping(self, request: Request) -> Answer:
        return Answer(200, "curio-pdp", Content_Type="text/plain; charset=utf-8")

    async def _add(self, request: Request, data_set: int) -> Answer:
        answer = await self.adding.add(request, data_set)
        if answer.status in (404, 409):
            self.throttle.offence(request.client)
        return answer

    # --- for tests --------------------------------------------------------------------

    async def _show_faults(self, request: Request) -> Answer:
        return told(self.faults.all())

    async def _set_faults(self, request: Request) -> Answer:
        try:
            self.faults.set(await request.json())
        except faults_module.Unknown as unknown:
            return words(400, f"There is no fault {unknown}")
        return told(self.faults.all())

    async def _adds(self, request: Request) -> Answer:
        return told(self.adding.sent())

    async def _adds_by_piece(self, request: Request) -> Answer:
        return told(self.adding.counted())

    async def _forget(self, request: Request, cid: str) -> Answer:
        self.state.forget(cid)
        return Answer(204)

    async def _leave_off(self, request: Request) -> Answer:
        self.proving.leave_off()
        return Answer(204)

    # --- the clock --------------------------------------------------------------------

    async def _live(self, receive: Receive, send: Send) -> None:
        task: asyncio.Task[None] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await asyncio.to_thread(self._do, self.submitter.send_again)
                self.pulling.resume()
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
            await asyncio.to_thread(self._round)

    def _round(self) -> None:
        self._do(lambda: self.proving.wake(self.submitter.settle()))
        self._do(self.removing.send_terminations)
        self._do(self.removing.drain)
        self._do(self.parking.collect)
        self._do(self.proving.round)

    def _do(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (Web3Exception, OSError) as error:
            log.warning("%s: %s", getattr(work, "__qualname__", work), error)
        except Exception:
            log.exception("a round of the clock")


class _Throttle:
    """Who adds to missing data sets again and again is kept from everything for a while."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._offences: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=OFFENCES))
        self._until: dict[str, float] = {}

    def offence(self, client: str) -> None:
        now, times = time.monotonic(), self._offences[client]
        times.append(now)
        if len(times) == OFFENCES and now - times[0] <= OFFENCE_SECONDS:
            self._until[client] = now + self._seconds
            times.clear()

    def check(self, client: str) -> None:
        left = self._until.get(client, 0) - time.monotonic()
        if left > 0:
            raise words(429, "Too Many Requests", Retry_After=str(int(left) + 1))
