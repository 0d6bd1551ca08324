"""A range of a piece while it comes, taken in order into memory of one's own."""

from __future__ import annotations

import asyncio
import time

import httpx

from ..errors import ProviderUnreachable, WrongAnswer
from .bodies import BODY, Body

# Bytes a second, after a first time in which anything will do.
SLOWEST, PATIENCE = 16 * 1024, 30.0
_SCRATCH = 256 * 1024


class Incoming:
    """See `Reading.opened`. `skip` bytes that nobody asked for come before the range."""

    def __init__(
        self, response: httpx.Response, name: str, skip: int, length: int, ignores_range: bool
    ) -> None:
        self._response, self._name, self._skip, self._left = response, name, skip, length
        # Whether the piece came from its first byte although a range was asked for.
        self.ignores_range = ignores_range
        self._body: Body | None = response.extensions.get(BODY)
        if self._body is not None and self._body.left is None:
            self._body = None
        self._portions = None if self._body else response.aiter_raw()
        self._kept = memoryview(b"")
        self._moved = time.monotonic()

    @property
    def moved(self) -> float:
        """When anything came last, on the clock that event loops use."""
        return self._body.line.moved if self._body else self._moved

    async def fill(self, into: memoryview) -> None:
        """
        The next bytes of the range. Raises WrongAnswer where it has no more, and
        ProviderUnreachable where they come so slowly that it is no use to wait.
        """
        try:
            # What nobody asked for may not trickle for ever either.
            async with asyncio.timeout(max(PATIENCE, (self._skip + len(into)) / SLOWEST)):
                await self._skipped()
                count = await self._filled(into)
        except TimeoutError:
            raise ProviderUnreachable(self._name, "it sends far too slowly") from None
        self._left -= count
        if count < len(into):
            what = f"{self._left} bytes are missing at the end"
            raise WrongAnswer(self._name, self._response.status_code, what)

    async def _skipped(self) -> None:
        scratch = memoryview(bytearray(min(self._skip, _SCRATCH)))
        while self._skip:
            part = scratch[: self._skip]
            self._skip -= len(part)
            if await self._filled(part) < len(part):
                raise WrongAnswer(self._name, self._response.status_code, "it ends too early")

    async def _filled(self, into: memoryview) -> int:
        if self._body is not None:
            return await self._body.fill(into)
        count = 0
        while count < len(into):
            if not self._kept and not await self._next_portion():
                break
            part = self._kept[: len(into) - count]
            into[count : count + len(part)] = part
            self._kept = self._kept[len(part) :]
            count += len(part)
        return count

    async def _next_portion(self) -> bool:
        assert self._portions is not None
        portion = await anext(self._portions, None)
        self._moved = time.monotonic()
        self._kept = memoryview(portion or b"")
        return portion is not None
