"""
One question to a provider over HTTP, and its answer or error: bounded in size and time,
never redirected, tried again where that does no harm.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
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
from . import answers
from .addresses import NotPublic
from .answers import NotAnAnswer

MOST_JSON, MOST_WORDS = 8 * 1024 * 1024, 64 * 1024
TRIES, FIRST_PAUSE, LONGEST_PAUSE = 3, 0.5, 30.0
# A whole answer, however slowly it comes, and however often it was asked for.
ANSWER_SECONDS, CONNECT_SECONDS = 60.0, 10.0
# What may be done again after: any trouble; only when the provider was too busy to look.
ANY, BUSY = "any", "busy"
_T = TypeVar("_T")

_TROUBLES: dict[type[httpx.HTTPError], str] = {
    httpx.ConnectTimeout: "it does not answer",
    httpx.ReadTimeout: "it does not answer in time",
    httpx.WriteTimeout: "it takes nothing any more",
    httpx.PoolTimeout: "too much is asked of it at once",
    httpx.ConnectError: "nobody answers at its address",
    httpx.RemoteProtocolError: "it broke off, or does not speak HTTP",
}


class Asking:
    """See `Provider`, which is this with the questions there are."""

    def __init__(
        self,
        base_url: str,
        http: httpx.AsyncClient,
        name: str = "",
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.base_url, self.http = base_url.rstrip("/"), http
        self.name = name or self.base_url
        self._sleep, self._clock = sleep, clock

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        expect: int | None = None,
        again: str = ANY,
        timeout: float = ANSWER_SECONDS,
    ) -> tuple[httpx.Response, bytes]:
        """
        The answer and its body, within `timeout` seconds. Tried again where `again` allows
        it and time is left; not where the provider wants us to stay away for long.
        """
        until = self._clock() + timeout
        for attempt in range(TRIES):
            try:
                return await self._once(method, path, body, expect, until - self._clock())
            except FilecoinError as error:
                may = error.retryable and (again == ANY or _is_too_busy(error))
                pause = _pause(attempt, error)
                too_late = self._clock() + pause >= until
                if not may or too_late or _wanted(error) > LONGEST_PAUSE or attempt + 1 == TRIES:
                    raise
                await self._sleep(pause)
        raise AssertionError("unreachable")

    async def _once(
        self, method: str, path: str, body: Any, expect: int | None, seconds: float
    ) -> tuple[httpx.Response, bytes]:
        options: dict[str, Any] = {} if body is None else {"json": body}
        request = self.http.build_request(
            method,
            self.url(path),
            headers={"Accept-Encoding": "identity"},
            timeout=httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
            **options,
        )
        try:
            # httpx starts its time anew with every byte; a whole answer has an end here.
            async with asyncio.timeout(seconds):
                response, data = await self.transmit(request)
        except TimeoutError:
            raise ProviderUnreachable(self.name, "it does not answer in time") from None
        if not response.is_success or (expect is not None and response.status_code != expect):
            raise self.refusal(response, data)
        return response, data

    async def transmit(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        """The answer, and its body; of an error only as much as is kept of one."""
        try:
            response = await self.http.send(request, stream=True, follow_redirects=False)
            try:
                if not response.is_success:
                    return response, await beginning(response, MOST_WORDS)
                data = await beginning(response, MOST_JSON + 1)
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            raise self.unreachable(error) from error
        if len(data) > MOST_JSON:
            raise WrongAnswer(self.name, response.status_code, "its answer does not end")
        return response, data

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
        """In our words: what httpx says may quote what the provider sent."""
        if isinstance(error.__cause__, NotPublic):
            return ProviderUnreachable(self.name, str(error.__cause__))
        why = next((text for kind, text in _TROUBLES.items() if isinstance(error, kind)), "")
        return ProviderUnreachable(self.name, why or "the connection broke")

    def refusal(
        self,
        response: httpx.Response,
        body: bytes,
        otherwise: type[ProviderError] = PieceRefused,
    ) -> ProviderError:
        """The error for a status. `text` of it is all that was said, `otherwise` for other 4xx."""
        status = response.status_code
        text = body[:MOST_WORDS].decode("utf-8", "replace")
        kind = self.kind(status) or otherwise
        error = kind(self.name, status, _unexpected(status) or _first_words(text))
        if isinstance(error, ProviderBusy):
            error.retry_after = answers.retry_after(response.headers.get("Retry-After"))
        # All of it: a contract's refusal may be anywhere in there.
        error.text = text  # type: ignore[attr-defined]
        return error

    def kind(self, status: int) -> type[ProviderError] | None:
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
                return None
        return WrongAnswer


async def beginning(response: httpx.Response, most: int) -> bytes:
    """The body up to `most` bytes; the rest is never taken."""
    data = bytearray()
    async for portion in response.aiter_raw():
        data += portion
        if len(data) >= most:
            break
    return bytes(data[:most])


def _unexpected(status: int) -> str:
    if 300 <= status < 400:
        return "it sends us elsewhere"
    return "that is not how this is answered" if status < 300 else ""


def _is_too_busy(error: FilecoinError) -> bool:
    return isinstance(error, ProviderBusy) and error.status == HTTPStatus.TOO_MANY_REQUESTS


def _wanted(error: FilecoinError) -> float:
    """The seconds that a provider wants us to wait, 0 where it does not tell."""
    return error.retry_after or 0.0 if isinstance(error, ProviderBusy) else 0.0


def _pause(attempt: int, error: FilecoinError) -> float:
    return (_wanted(error) or FIRST_PAUSE * 2**attempt) * random.uniform(1.0, 1.25)  # noqa: S311


def _first_words(text: str) -> str:
    """The first line, without what would not be shown."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    clean = "".join(letter for letter in line if letter.isprintable())
    return clean[:200]
