"""A piece on its way: exactly as many bytes as were announced, and how many were taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from typing import Any

from ..errors import PieceError

# Each portion has a price, so small ones are put together. A large one is cut, since whether
# anything moves is seen only between two of them.
LEAST, MOST = 256 * 1024, 512 * 1024


class Watched:
    """
    A source of exactly `size` bytes, that tells how far it was taken. Can be gone through
    once. What went wrong on our side of it is left in `error`.
    """

    def __init__(
        self,
        source: AsyncIterable[bytes] | Iterable[bytes],
        size: int,
        progress: Callable[[int], None] | None,
    ) -> None:
        self._given, self._size, self._progress = _each(source), size, progress
        self.moved = 0
        self.waits_for_source = False
        self.error: Exception | None = None

    @property
    def is_done(self) -> bool:
        return self.moved == self._size

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for portion in self._portions():
                if self.moved + len(portion) > self._size:
                    raise PieceError(f"There are more than the {self._size} bytes announced.")
                yield portion
                self.moved += len(portion)
                if self._progress is not None:
                    self._progress(self.moved)
            if self.moved != self._size:
                raise PieceError(f"Only {self.moved} of {self._size} bytes were there to send.")
        except Exception as error:
            # Our own trouble, and not the provider's.
            self.error = error
            raise

    async def aclose(self) -> None:
        await self._given.aclose()

    async def _portions(self) -> AsyncIterator[bytes]:
        small = bytearray()
        while (given := await self._next()) is not None:
            if small or len(given) < LEAST:
                small += given
                if len(small) < LEAST:
                    continue
                given = bytes(small)
                small.clear()
            if len(given) <= MOST:
                yield given
                continue
            view = memoryview(given)
            for start in range(0, len(given), MOST):
                yield bytes(view[start : start + MOST])
        if small:
            yield bytes(small)

    async def _next(self) -> bytes | None:
        self.waits_for_source = True
        try:
            return await anext(self._given, None)
        finally:
            self.waits_for_source = False


async def _each(source: AsyncIterable[bytes] | Iterable[bytes]) -> Any:
    if isinstance(source, AsyncIterable):
        async for portion in source:
            yield portion
        return
    # It may well read from a disk, for which nobody else here is to wait.
    portions = iter(source)

    def following() -> bytes | None:
        return next(portions, None)

    while (given := await asyncio.to_thread(following)) is not None:
        yield given
