"""
The bytes of one piece from one place, as a source of uploads, and the check of them.

All of a piece counts or nothing: what receives it is given a checksum which is right when
the bytes are those that the PieceCID names.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from filmedia.filecoin.errors import FilecoinError
from filmedia.filecoin.piece import PieceCid, PieceHasher
from filmedia.filecoin.provider.addresses import client as new_client
from filmedia.filecoin.provider.client import Provider
from library.importing.pieces import Place
from library.uploads.sources import ClientGone
from library.uploads.tus import Checksum

# A connection that breaks off is begun again from where it was, so often.
TRIES = 5
PAUSE = 0.5
# What is gathered before it is handed on, and for how long at most.
_PORTION, _SECONDS = 512 * 1024, 1.0


class _Summed(PieceHasher):
    """As hashlib's are: `digest` is what bytes with that PieceCID have."""

    def digest(self) -> bytes:
        return self.finish().binary


@dataclass(frozen=True)
class PieceSum(Checksum):
    """A checksum that is a PieceCID. For one try: it remembers what came."""

    hashed: _Summed = field(default_factory=_Summed)

    @classmethod
    def of(cls, cid: PieceCid) -> Self:
        return cls("piece", cid.binary)

    def hasher(self) -> Any:
        return self.hashed

    @property
    def found(self) -> PieceCid:
        """What the bytes that came are."""
        return self.hashed.finish()


class Reading:
    """
    Read it to the end and close it. When it raises ClientGone, `error` says why.

    The client waits for the network; its loop runs here, for as long as one `read` lasts.
    """

    def __init__(self, place: Place, cid: PieceCid, go_on: Callable[[int], object]) -> None:
        self.place, self.cid, self._go_on = place, cid, go_on
        self.position = 0
        self.error: FilecoinError | None = None
        self._tries = TRIES
        self._runner = asyncio.Runner()
        self._http = self._runner.run(_made(lambda: new_client(place.trusted)))
        self._provider = Provider(place.url, self._http)
        self._stream: AsyncGenerator[bytes, None] | None = None
        self._pending: asyncio.Task[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._runner.run(self._close())
        finally:
            self._runner.close()

    def read(self, size: int, /) -> bytes | None:
        self._go_on(self.position)
        if self.position == self.cid.size:
            return b""
        try:
            data = self._runner.run(self._portion())
        except FilecoinError as error:
            self._broke_off(error)
            return None
        self.position += len(data)
        return data or None

    def _broke_off(self, error: FilecoinError) -> None:
        self._tries -= 1
        if not error.retryable or self._tries <= 0:
            self.error = error
            raise ClientGone(str(error)) from error
        self._runner.run(self._close_stream())
        self._runner.run(asyncio.sleep(PAUSE))

    async def _portion(self) -> bytes:
        """What comes within a second, or b"" where nothing does."""
        if self._stream is None:
            self._stream = self._provider.stream(self.cid, self.position)
        found, end = bytearray(), asyncio.get_running_loop().time() + _SECONDS
        while len(found) < _PORTION and self.position + len(found) < self.cid.size:
            self._pending = self._pending or asyncio.ensure_future(_next(self._stream))
            left = end - asyncio.get_running_loop().time()
            done, _ = await asyncio.wait({self._pending}, timeout=max(left, 0))
            if not done:
                break
            pending, self._pending = self._pending, None
            if found and pending.exception() is not None:
                # What came before it counts; asked for the rest, the same is met again.
                self._stream = None
                break
            found += pending.result()
        return bytes(found)

    async def _close_stream(self) -> None:
        if self._pending is not None:
            self._pending.cancel()
            await asyncio.wait({self._pending})
        if self._stream is not None:
            await self._stream.aclose()
        self._stream = self._pending = None

    async def _close(self) -> None:
        await self._close_stream()
        await self._http.aclose()


async def _next(stream: AsyncGenerator[bytes, None]) -> bytes:
    return await anext(stream)


async def _made(make: Callable[[], Any]) -> Any:
    return make()
