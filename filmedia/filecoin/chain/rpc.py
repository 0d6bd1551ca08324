"""
The way to an RPC node: web3 on top, httpx below, and in between what public nodes demand.

A list of addresses is tried in turn. Reads are tried again where a node is busy or away;
a transaction is sent to one node once, because only the caller knows what to do when the
answer is lost. Errors become those of `errors`, reverts those of `reverts`.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast
from urllib.parse import urlsplit

import httpx

from ..errors import FilecoinError, Reverted, RpcBusy, RpcRefused, RpcUnreachable
from ..recursion import bounded_recursion
from .pace import NoPace, Pace

with bounded_recursion():
    from web3 import AsyncWeb3
    from web3.providers.async_base import AsyncJSONBaseProvider
    from web3.types import RPCEndpoint, RPCResponse

MOST_BYTES = 32 * 1024 * 1024
TRIES = 4
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
# Answers that are a node's trouble of the moment, whatever the question was.
_PASSING = (
    "requested a future epoch",
    "null round",
    "state fork",
    "rate limit",
    "too many requests",
    "timeout",
    "header not found",
)
_SENT_ONCE = {"eth_sendRawTransaction"}


class Node(AsyncJSONBaseProvider):
    """
    `urls` in the order of preference. The caller owns `http`, and `pace` counts requests.

    `token` goes to the first address alone: it is that service's secret.
    """

    def __init__(
        self,
        urls: Sequence[str],
        http: httpx.AsyncClient,
        *,
        token: str = "",
        pace: Pace | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__()
        self.urls, self.http, self.pace = list(urls), http, pace or NoPace()
        self.requests = 0
        self._token, self._sleep = token, sleep

    def web3(self) -> AsyncWeb3[Node]:
        """Without middleware: none of it asks a node for what was not asked for."""
        return AsyncWeb3(self, middleware=[])

    async def is_connected(self, show_traceback: bool = False) -> bool:
        try:
            await self.request("eth_chainId")
        except FilecoinError:
            return False
        return True

    async def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        result = await self.request(method, params)
        return cast(RPCResponse, {"jsonrpc": "2.0", "id": 0, "result": result})

    async def request(self, method: str, params: Any = ()) -> Any:
        """The result of one call. Raises RpcUnreachable, RpcBusy, RpcRefused, Reverted."""
        tries = 1 if method in _SENT_ONCE else TRIES
        for attempt in range(tries):
            url = self.urls[attempt % len(self.urls)]
            try:
                return await self._ask(url, method, params)
            except (RpcBusy, RpcUnreachable) as error:
                if attempt + 1 == tries:
                    raise
                await self._sleep(_pause(attempt, error))
        raise AssertionError("unreachable")

    async def _ask(self, url: str, method: str, params: Any) -> Any:
        await self.pace.wait()
        self.requests += 1
        answer = await self._post(url, json.loads(self.encode_rpc_request(method, params)))
        if "error" in answer:
            raise _refusal(method, answer["error"])
        if "result" not in answer:
            raise RpcUnreachable(f"{_host(url)} answered with neither a result nor an error")
        return answer["result"]

    def encode_rpc_request(self, method: str, params: Any) -> bytes:
        return super().encode_rpc_request(RPCEndpoint(method), params)

    async def _post(self, url: str, body: Any) -> dict[str, Any]:
        headers = {"Accept-Encoding": "gzip"}
        if self._token and url == self.urls[0]:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            async with self.http.stream("POST", url, json=body, headers=headers) as response:
                if response.status_code == 429:
                    raise RpcBusy(_seconds(response.headers.get("Retry-After")))
                data = await _bounded(response)
        except httpx.HTTPError as error:
            why = str(error) or type(error).__name__
            raise RpcUnreachable(f"{_host(url)}: {why}") from error
        try:
            answer = json.loads(data)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise RpcUnreachable(f"{_host(url)} answered {response.status_code} and no JSON")
        return answer


def _refusal(method: str, error: Any) -> FilecoinError:
    from .reverts import decode, find_in_text

    if not isinstance(error, dict):
        return RpcRefused(method, None, str(error)[:500])
    message, code = str(error.get("message", ""))[:4000], error.get("code")
    data = error.get("data")
    if isinstance(data, str) and data.startswith("0x") and len(data) > 2:
        return decode(data)
    found = find_in_text(message)
    if found is not None:
        return found
    lowered = message.lower()
    if any(word in lowered for word in _PASSING):
        return RpcUnreachable(message)
    if "revert" in lowered and code in {3, 11, -32000}:
        return Reverted("The contract refused, and did not say why.", said=message[:500])
    return RpcRefused(method, code if isinstance(code, int) else None, message[:500])


async def _bounded(response: httpx.Response) -> bytes:
    data = bytearray()
    async for portion in response.aiter_bytes():
        data += portion
        if len(data) > MOST_BYTES:
            raise RpcUnreachable(f"{_host(str(response.url))} does not stop answering")
    return bytes(data)


def _pause(attempt: int, error: FilecoinError) -> float:
    told = error.retry_after if isinstance(error, RpcBusy) else None
    pause = told if told is not None else FIRST_PAUSE * 2**attempt
    return min(pause, LONGEST_PAUSE) * random.uniform(1.0, 1.5)  # noqa: S311


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isdigit() else None


def _host(url: str) -> str:
    # An address may carry a token in its path or query.
    return urlsplit(url).hostname or "the RPC node"
