"""
One question to a provider over HTTP, and its answer or error: bounded in size, never
redirected, tried again where that does no harm.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, TypeVar

import httpx

from ..errors import (
    Conflict,
    FilecoinError,
    NotThere,
    PieceRefused,
    ProviderBusy,
    ProviderError,
    ProviderFailed,
    ProviderUnreachable,
    WrongAnswer,
)
from .answers import NotAnAnswer

MOST_JSON, MOST_WORDS = 8 * 1024 * 1024, 64 * 1024
TRIES, FIRST_PAUSE, LONGEST_PAUSE = 3, 0.5, 30.0
# What may be done again after: any trouble; only when the provider was too busy to look.
ANY, BUSY = "any", "busy"
_T = TypeVar("_T")


class Asking:
    """See `Provider`, which is this with the questions there are."""

    def __init__(
        self,
        base_url: str,
        http: httpx.AsyncClient,
        name: str = "",
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.base_url, self.http = base_url.rstrip("/"), http
        self.name = name or self.base_url
        self._sleep = sleep

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        expect: int | None = None,
        again: str = ANY,
        timeout: float | None = None,
    ) -> tuple[httpx.Response, bytes]:
        """The answer and its body. Tried again where `again` allows it."""
        for attempt in range(TRIES):
            try:
                return await self._once(method, path, body, expect, timeout)
            except FilecoinError as error:
                may = error.retryable and (again == ANY or _is_too_busy(error))
                if not may or attempt + 1 == TRIES:
                    raise
                await self._sleep(_pause(attempt, error))
        raise AssertionError("unreachable")

    async def _once(
        self, method: str, path: str, body: Any, expect: int | None, timeout: float | None
    ) -> tuple[httpx.Response, bytes]:
        options: dict[str, Any] = {"headers": {"Accept-Encoding": "identity"}}
        if body is not None:
            options["json"] = body
        if timeout is not None:
            options["timeout"] = httpx.Timeout(timeout, connect=min(timeout, 10.0))
        request = self.http.build_request(method, self.url(path), **options)
        response, data = await self.transmit(request)
        if not response.is_success or (expect is not None and response.status_code != expect):
            raise self.refusal(response, data)
        return response, data

    async def transmit(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        try:
            response = await self.http.send(request, stream=True, follow_redirects=False)
            try:
                return response, await bounded(response, MOST_JSON)
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            raise self.unreachable(error) from error
        except _TooLong:
            raise WrongAnswer(self.name, 200, "its answer does not end") from None

    def url(self, path: str) -> str:
        return f"{self.base_url}{path}"

    def parsed(self, body: bytes) -> Any:
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise WrongAnswer(self.name, 200, "its answer is no JSON") from None

    def understood(self, read: Callable[..., _T], *given: Any) -> _T:
        try:
            return read(*given)
        except NotAnAnswer as error:
            raise WrongAnswer(self.name, 200, f"its answer {error}") from error

    def unreachable(self, error: httpx.HTTPError) -> ProviderUnreachable:
        words = {
            httpx.ConnectTimeout: "it does not answer",
            httpx.ReadTimeout: "it does not answer in time",
            httpx.WriteTimeout: "it takes nothing any more",
            httpx.ConnectError: "nobody answers at its address",
        }
        why = next((text for kind, text in words.items() if isinstance(error, kind)), "")
        return ProviderUnreachable(self.name, why or str(error) or "the connection broke")

    def refusal(self, response: httpx.Response, body: bytes) -> ProviderError:
        status = response.status_code
        text = body[:MOST_WORDS].decode("utf-8", "replace")
        error = self._kind(status)(self.name, status, _first_words(text))
        if isinstance(error, ProviderBusy):
            error.retry_after = _seconds(response.headers.get("Retry-After"))
        # All of it: a contract's refusal may be anywhere in there.
        error.text = text  # type: ignore[attr-defined]
        return error

    def _kind(self, status: int) -> type[ProviderError]:
        match status:
            case 404 | 410:
                return NotThere
            case 409:
                return Conflict
            case 429 | 503:
                return ProviderBusy
            case _ if status >= 500:
                return ProviderFailed
            case _ if 400 <= status < 500:
                return PieceRefused
        return WrongAnswer


class _TooLong(Exception):
    pass


async def bounded(response: httpx.Response, most: int) -> bytes:
    data = bytearray()
    async for portion in response.aiter_raw():
        data += portion
        if len(data) > most:
            raise _TooLong
    return bytes(data)


def _is_too_busy(error: FilecoinError) -> bool:
    return isinstance(error, ProviderBusy) and error.status == HTTPStatus.TOO_MANY_REQUESTS


def _pause(attempt: int, error: FilecoinError) -> float:
    told = getattr(error, "retry_after", None)
    pause = FIRST_PAUSE * 2**attempt if told is None else float(told)
    return min(pause, LONGEST_PAUSE) * random.uniform(1.0, 1.25)  # noqa: S311


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isdecimal() else None


def _first_words(text: str) -> str:
    """The first line, without what would not be shown."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    clean = "".join(letter for letter in line if letter.isprintable())
    return clean[:200]
