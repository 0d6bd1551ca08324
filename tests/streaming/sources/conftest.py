"""Pieces whose every block is known, sources that may do anything, and who fetches from them."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from filmedia.filecoin.piece import BLOCK_SIZE, PieceCid, PieceHasher, block_root
from filmedia.filecoin.provider.addresses import new_client
from filmedia.filecoin.provider.exchanges import transport
from filmedia.filecoin.provider.reading import Reading
from streaming.sources.fetching import Fetcher, RemotePiece
from streaming.sources.holders import Holders, Source
from tests.streaming.conftest import known_bytes
from tests.streaming.sources.rough import Rough

# Soon enough for a test, and far longer than anything takes that goes well.
SOON = httpx.Timeout(connect=1.0, read=1.0, write=1.0, pool=5.0)


class Known(RemotePiece):
    """A piece together with its bytes."""

    data: bytes


def known_piece(size: int, seed: bytes = b"piece", roots: bool = True) -> Known:
    data = known_bytes(size, seed)
    hasher = PieceHasher()
    hasher.update(data)
    starts = range(0, size, BLOCK_SIZE)
    found = b"".join(block_root(data[start : start + BLOCK_SIZE]) for start in starts)
    piece = Known("film", 0, hasher.finish(), size, found if roots else None)
    object.__setattr__(piece, "data", data)
    return piece


class These(Holders):
    """Sources that are known without asking a table."""

    def __init__(self, sources: Sequence[Source]) -> None:
        super().__init__()
        self.sources = sources

    async def anew(self, piece: RemotePiece) -> Sequence[Source]:
        return self.sources

    def at_hand(self, piece: RemotePiece) -> Sequence[Source]:
        return self.sources


class Scene:
    """Some rough sources of the same pieces, numbered from 1 in the order of their ranks."""

    def __init__(self, roughs: list[Rough], fetcher: Fetcher, sources: list[Source]) -> None:
        self.roughs, self.fetcher, self.sources = roughs, fetcher, sources
        self.reported: list[tuple[str, int]] = []
        fetcher.means.report = lambda source, piece, block: self.reported.append(
            (source.name, block)
        )

    async def fetch(self, piece: RemotePiece, first: int = 0, count: int = 10**6) -> bytes:
        return b"".join([block.data async for block in self.fetcher.blocks(piece, first, count)])

    async def sources_of(self, piece: RemotePiece) -> list[str]:
        return [block.source async for block in self.fetcher.blocks(piece, 0, piece.blocks)]


@asynccontextmanager
async def acting(*roughs: Rough, waits: httpx.Timeout = SOON) -> AsyncIterator[Scene]:
    context = ssl.create_default_context()
    async with AsyncExitStack() as stack:
        sources = []
        for number, rough in enumerate(roughs, 1):
            await stack.enter_async_context(rough)
            http = await stack.enter_async_context(new_client(transport(context, True)))
            name = f"provider {number}"
            client = Reading(rough.url, http, name)
            sources.append(Source(name, name, client, doubt=number / 100))
        fetcher = Fetcher(These(sources), waits)
        yield Scene(list(roughs), fetcher, sources)
        await fetcher.aclose()


@pytest.fixture(scope="session")
def piece():
    """Of two whole blocks and a short one."""
    return known_piece(2 * BLOCK_SIZE + 5000)


def holding(*pieces: Known) -> dict[str, bytes]:
    return {str(piece.cid): piece.data for piece in pieces}


__all__ = ["PieceCid", "Scene", "acting", "holding", "known_piece"]
