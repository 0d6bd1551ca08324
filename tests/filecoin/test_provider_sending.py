"""Sending a piece: just its bytes, and whose fault it is when that fails."""

import pytest

from filmedia.filecoin.cid import PieceCid
from filmedia.filecoin.errors import (
    NotThere,
    PieceError,
    PieceRefused,
    ProviderFailed,
)
from filmedia.filecoin.piece import piece_cid
from filmedia.filecoin.provider.client import Provider
from filmedia.filecoin.provider.testing import MemoryProvider, Scripted

pytestmark = pytest.mark.anyio

DATA = bytes(range(256)) * 8
CID = PieceCid.parse(piece_cid(DATA))
SESSION = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, PieceRefused), (404, NotThere), (413, PieceRefused), (500, ProviderFailed)],
)
async def test_a_piece_that_is_refused_on_its_way_says_why(status, kind):
    with pytest.raises(kind):
        await Scripted((status, "no")).provider().send(SESSION, [DATA], len(DATA))


@pytest.mark.parametrize("size", [len(DATA) - 1, len(DATA) + 1])
async def test_a_source_of_another_size_is_our_error_and_not_the_providers(size):
    memory = MemoryProvider()
    provider = Provider("https://sp.example", memory.client())
    session = await provider.begin_upload()
    with pytest.raises(PieceError):
        await provider.send(session, [DATA], size)


async def test_what_a_source_raises_comes_through_as_it_is():
    def broken():
        yield DATA[:1000]
        raise OSError("the disk is gone")

    async def broken_as_well():
        yield DATA[:1000]
        raise OSError("the disk is gone")

    memory = MemoryProvider()
    provider = Provider("https://sp.example", memory.client())
    session = await provider.begin_upload()
    for source in (broken(), broken_as_well()):
        with pytest.raises(OSError, match="the disk is gone"):
            await provider.send(session, source, len(DATA))


async def test_a_piece_is_announced_with_its_length_and_sent_whole():
    memory = MemoryProvider()
    provider, seen = Provider("https://sp.example", memory.client()), []
    session = await provider.begin_upload()
    large = bytes(range(250)) * 4 * 4096
    portions = [large[at : at + 777_777] for at in range(0, len(large), 777_777)]
    await provider.send(session, portions, len(large), seen.append)
    assert memory.sessions[session] == large
    assert memory.asked[-1].headers["Content-Length"] == str(len(large))
    assert "Transfer-Encoding" not in memory.asked[-1].headers
    assert seen == sorted(seen)
    assert seen[-1] == len(large)
