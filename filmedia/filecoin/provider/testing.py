"""
For tests of what speaks with providers: answers as they come off a wire, and a provider that
is only memory.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import httpx

from ..cid import PieceCid
from ..piece import piece_cid
from .client import Provider

_RANGE = re.compile(r"bytes=(\d+)-(\d+)")


class Portions(httpx.AsyncByteStream):
    """A body that comes in portions; `taken` is how many bytes of it were."""

    def __init__(self, portions: Iterable[bytes]) -> None:
        self._portions, self.taken = portions, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for portion in self._portions:
            self.taken += len(portion)
            yield portion


def answer(status: int, body: Any = b"", **headers: str) -> httpx.Response:
    """Bytes or text as they are, portions, or anything else as JSON. `_` in names is a `-`."""
    if isinstance(body, str):
        body = body.encode()
    elif isinstance(body, dict | list):
        body = json.dumps(body).encode()
    stream = body if isinstance(body, Portions) else Portions([body])
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, stream=stream)


class Scripted:
    """
    A provider that gives its answers one after the other, the last one for ever: each an
    exception, or a status, a body and headers as in `answer`.
    """

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.slept: list[float] = []

    @property
    def last_body(self) -> Any:
        return json.loads(self.asked[-1].content)

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def provider(self) -> Provider:
        """At sp.example; it never really waits between two tries."""
        return Provider("https://sp.example/", self.client(), "sp", sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        made = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(made, Exception):
            raise made
        status, body, headers = (*made, {})[:3]
        return answer(status, body, **headers)


class MemoryProvider:
    """
    Takes pieces and gives them back. `asked` has every request; an answer in `instead`, by
    method and path, is given in place of the usual one.
    """

    def __init__(self) -> None:
        self.sessions: dict[str, bytes] = {}
        self.pieces: dict[str, bytes] = {}
        self.asked: list[httpx.Request] = []
        self.instead: dict[tuple[str, str], Callable[[], httpx.Response]] = {}

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def hold(self, data: bytes) -> PieceCid:
        cid = PieceCid.parse(piece_cid(data))
        self.pieces[str(cid)] = data
        return cid

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.asked.append(request)
        if made := self.instead.get((request.method, request.url.path)):
            return made()
        path, last = request.url.path, request.url.path.rpartition("/")[2]
        match request.method, path.removesuffix(last):
            case "GET", "/pdp/" if last == "ping":
                return answer(200, "curio-pdp")
            case "POST", "/pdp/piece/" if last == "uploads":
                self.sessions[session := str(uuid.uuid4())] = b""
                return answer(201, Location=f"{path}/{session}")
            case "PUT", "/pdp/piece/uploads/" if last in self.sessions:
                self.sessions[last] = request.content
                return answer(204)
            case "POST", "/pdp/piece/uploads/" if last in self.sessions:
                return self._finalised(last, json.loads(request.content)["pieceCid"])
            case "GET", "/pdp/" if request.url.params.get("pieceCid") in self.pieces:
                return answer(200, {"pieceCid": request.url.params["pieceCid"]})
            case (("GET" | "HEAD"), "/piece/") if last in self.pieces:
                return self._read(request, self.pieces[last])
        return answer(404, "not found")

    def _finalised(self, session: str, cid: str) -> httpx.Response:
        if piece_cid(self.sessions[session]) != cid:
            return answer(400, "piece CID does not match")
        self.pieces[cid] = self.sessions.pop(session)
        return answer(200)

    def _read(self, request: httpx.Request, data: bytes) -> httpx.Response:
        if request.method == "HEAD":
            return answer(200, Content_Length=str(len(data)))
        asked = _RANGE.fullmatch(request.headers.get("Range", ""))
        if asked is None:
            return answer(200, data)
        first, last = int(asked[1]), int(asked[2])
        told = f"bytes {first}-{last}/{len(data)}"
        return answer(206, data[first : last + 1], Content_Range=told)
