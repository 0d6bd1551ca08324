"""Blocks of films that are only with providers, by the rows of their copies."""

from __future__ import annotations

import asyncio
import hashlib

import pytest
import uvloop

from filmedia.filecoin.cid import PieceCid
from library import places
from library.models import Copy, Event, Video
from library.network import copies
from library.storing import shelf
from streaming.sources.fetching import Fetcher, RemotePiece

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.open_storage,
    pytest.mark.xdist_group("network"),
]


@pytest.fixture
def kept(stage):
    """A film whose two copies are on chain, with nothing of it left here."""
    video = stage.film(visibility="public")
    stage.work_until(lambda: not Video.objects.get(pk=video.pk).staging)
    video.refresh_from_db()
    return video


def remote(video: Video) -> list[RemotePiece]:
    roots = places.roots(video.pk).read_bytes()
    return [
        RemotePiece(
            video.pk,
            piece.index,
            PieceCid.parse(piece.piece_cid),
            shelf.stored_size(piece),
            roots[32 * piece.index : 32 * piece.index + 32],
        )
        for piece in video.pieces.order_by("index")
    ]


async def fetched(fetcher: Fetcher, pieces: list[RemotePiece]) -> list[tuple[bytes, str]]:
    return [
        (bytes(block.data), block.source)
        for piece in pieces
        async for block in fetcher.blocks(piece, 0, piece.blocks)
    ]


def digest(found: list[tuple[bytes, str]]) -> str:
    return hashlib.sha256(b"".join(data for data, _ in found)).hexdigest()


def test_every_block_comes_from_a_provider_that_holds_it(stage, kept):
    async def main() -> list[tuple[bytes, str]]:
        fetcher = Fetcher()
        try:
            return await fetched(fetcher, pieces)
        finally:
            await fetcher.aclose()

    pieces = remote(kept)
    found = uvloop.run(main())
    assert digest(found) == kept.sha256
    assert {name for _, name in found} <= {f"provider {one}" for one in stage.holders(kept)}


def test_a_provider_that_lies_shows_nothing_and_is_doubted_once(stage, kept):
    async def main() -> list[list[tuple[bytes, str]]]:
        fetcher = Fetcher()
        try:
            # They all begin before anything is known of anybody.
            viewers = [fetched(fetcher, pieces) for _ in range(5)]
            return await asyncio.gather(*viewers)
        finally:
            await fetcher.aclose()

    pieces = remote(kept)
    # Whoever is asked first.
    bad = copies.good(kept.pieces.get(index=0))[0].holder.number
    [good] = stage.holders(kept) - {bad}
    stage.provider(bad).faults(corrupt_piece=True)
    seen = uvloop.run(main())
    assert {digest(found) for found in seen} == {kept.sha256}
    assert {name for found in seen for _, name in found} == {f"provider {good}"}
    doubted = Copy.objects.filter(state=Copy.State.DOUBTED)
    assert {copy.holder.number for copy in doubted.select_related("holder")} == {bad}
    told = Event.objects.filter(type="copy.doubted", video=kept)
    assert told.count() == doubted.count() >= 1


def test_a_stream_goes_on_when_its_provider_is_killed(stage, kept):
    async def main() -> list[str]:
        fetcher = Fetcher()
        names = []
        try:
            for piece in pieces:
                async for block in fetcher.blocks(piece, 0, 1):
                    names.append(block.source)
                    if len(names) == 1:
                        number = int(block.source.removeprefix("provider "))
                        await asyncio.to_thread(stage.provider(number).kill)
        finally:
            await fetcher.aclose()
        return names

    pieces = remote(kept)
    names = uvloop.run(main())
    assert len(names) == 3
    assert names[1:] == [names[1]] * 2
    assert names[0] != names[1]
