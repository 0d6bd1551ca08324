"""Films that are elsewhere, and somebody who fetches their blocks just as the sources would."""

from __future__ import annotations

import asyncio
import stat
import threading
from collections import Counter
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from filmedia.filecoin.piece import BLOCK_SIZE, PieceHasher, block_root
from library import places
from streaming.cache import room, runs
from streaming.cache.counters import Counters, counters
from streaming.cache.films import Film
from streaming.cache.supply import ReadAhead, Supply
from streaming.errors import BytesUnavailable
from streaming.reading.kept import Kept
from streaming.sources.remote import Fetched, RemotePiece
from tests.streaming.conftest import known_bytes


class Known:
    """A film together with its stored bytes."""

    def __init__(self, size: int, seed: bytes = b"elsewhere", per_piece: int = 4) -> None:
        self.data = known_bytes(size, seed)
        pieces = []
        for index, start in enumerate(range(0, size, per_piece * BLOCK_SIZE)):
            data = self.data[start : start + per_piece * BLOCK_SIZE]
            pieces.append(Kept(index, start, len(data), _cid(data.ljust(127, b"\0"))))
        starts = range(0, size, BLOCK_SIZE)
        roots = b"".join(block_root(self.data[start : start + BLOCK_SIZE]) for start in starts)
        self.film = Film(seed.decode(), _cid(self.data), size, roots, pieces)

    def block(self, index: int) -> bytes:
        return self.data[index * BLOCK_SIZE : (index + 1) * BLOCK_SIZE]


def _cid(data: bytes) -> str:
    hasher = PieceHasher()
    hasher.update(data)
    return str(hasher.finish())


class Elsewhere:
    """Stands in for the sources: gives blocks in order, and remembers what it was asked for."""

    def __init__(self, *known: Known) -> None:
        self.pieces = {
            piece.piece_cid: one.data[piece.offset : piece.offset + piece.size]
            for one in known
            for piece in one.film.pieces
        }
        self.runs: list[tuple[str, int, int]] = []
        self.given: Counter[tuple[str, int, int]] = Counter()
        self.missing: set[tuple[int, int]] = set()
        self.open = 0
        self.most_open = 0
        # Nothing comes while it is cleared.
        self.gate = asyncio.Event()
        self.gate.set()

    async def blocks(
        self, piece: RemotePiece, first: int, count: int
    ) -> AsyncGenerator[Fetched, None]:
        self.runs.append((piece.video, piece.index, count))
        self.open += 1
        try:
            for block in range(first, min(first + count, piece.blocks)):
                await asyncio.sleep(0.001)
                await self.gate.wait()
                if (piece.index, block) in self.missing:
                    raise BytesUnavailable(piece.index)
                data = self.pieces[str(piece.cid)][block * BLOCK_SIZE : (block + 1) * BLOCK_SIZE]
                whole = data.ljust(piece.length(block), b"\0")
                assert piece.is_right(block, whole)
                self.given[piece.video, piece.index, block] += 1
                yield Fetched(whole, f"provider {piece.index}", verified=True)
        finally:
            self.open -= 1


def opened_blocks() -> list[str]:
    """The files of the cache that this process holds open."""
    folder, found = str(places.cache()), []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except FileNotFoundError:
            continue
        if target.startswith(folder):
            found.append(target)
    return found


def on_disk() -> int:
    """Bytes of all files that hold blocks, or parts of them; none is made while it looks."""
    with room._number():
        return found_on_disk()


def found_on_disk() -> int:
    found = {}
    for folder in (room.arriving(), places.cached_blocks()):
        for path in folder.rglob("*"):
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            if stat.S_ISREG(status.st_mode):
                found[status.st_ino] = status.st_size
    return sum(found.values())


async def until(is_so, what: str = "what was waited for") -> None:
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.002)


async def read(supply: Supply, film: Film, index: int, ahead: ReadAhead | None = None) -> bytes:
    with await supply.block(film, index, ahead) as block:
        return block.read(0, film.length(index))


async def settled() -> None:
    """Until the threads have done what was left to them."""
    for threads in (runs.looking, runs.writing):
        together = threading.Barrier(threads._max_workers)
        each = [threads.submit(together.wait) for _ in range(threads._max_workers)]
        await asyncio.gather(*(asyncio.wrap_future(one) for one in each))


@pytest.fixture(scope="session")
def known():
    """Of ten blocks in three pieces, the last block a short one."""
    return Known(9 * BLOCK_SIZE + 5000)


@pytest.fixture
def film(known):
    return known.film


@pytest.fixture
def elsewhere(known):
    return Elsewhere(known)


@pytest.fixture(autouse=True)
def counted_anew():
    counters.__dict__.update(Counters().__dict__)
    return counters
