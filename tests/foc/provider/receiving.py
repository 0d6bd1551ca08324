"""Bytes on their way to disk: hashed while they are written, in large portions."""

from __future__ import annotations

import asyncio
from pathlib import Path

from filmedia.filecoin.piece import PieceCid, PieceHasher

PORTION = 4 << 20


class Receiving:
    """
    One piece into `path`. At most two portions are in memory: one is hashed and written in
    a thread while the other arrives.
    """

    def __init__(self, path: Path) -> None:
        self.size = 0
        self._file = path.open("wb", buffering=0)
        self._hasher = PieceHasher()
        self._gathered = bytearray()
        self._working: asyncio.Future[None] | None = None

    async def take(self, data: bytes) -> None:
        self.size += len(data)
        self._gathered += data
        if len(self._gathered) >= PORTION:
            await self._hand_over()

    async def finish(self) -> PieceCid:
        await self._hand_over()
        await self._settle()
        return self._hasher.finish()

    async def close(self) -> None:
        try:
            await self._settle()
        finally:
            self._file.close()

    async def _hand_over(self) -> None:
        await self._settle()
        data, self._gathered = self._gathered, bytearray()
        self._working = asyncio.ensure_future(asyncio.to_thread(self._work, data))

    async def _settle(self) -> None:
        if self._working is not None:
            working, self._working = self._working, None
            await working

    def _work(self, data: bytearray) -> None:
        self._hasher.update(data)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
