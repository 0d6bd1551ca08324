"""Reading ranges of a piece from a provider who may send anything."""

import pytest

from filmedia.filecoin.cid import PieceCid
from filmedia.filecoin.errors import (
    PieceError,
    PieceRefused,
    ProviderError,
    ProviderUnreachable,
    WrongAnswer,
)
from filmedia.filecoin.piece import piece_cid
from filmedia.filecoin.provider.testing import Portions, Scripted

pytestmark = pytest.mark.anyio

DATA = bytes(range(256)) * 8
CID = PieceCid.parse(piece_cid(DATA))


def ranged(data=DATA[10:20], told="bytes 10-19/2048", **more):
    return (206, data, {"Content-Range": told, **more})


@pytest.mark.parametrize(
    "made",
    [
        pytest.param((200, DATA), id="the whole piece"),
        pytest.param((204, b""), id="nothing"),
        pytest.param((206, DATA[10:20]), id="no word of which range"),
        pytest.param(ranged(DATA[10:19]), id="a byte too few"),
        pytest.param(ranged(DATA[10:21]), id="a byte too many"),
        pytest.param(ranged(b""), id="an empty range"),
        pytest.param(ranged(told=f"bytes 0-9/{len(DATA)}"), id="another range"),
        pytest.param(ranged(told="bytes 10-19/20"), id="of a piece of another size"),
        pytest.param(ranged(told="items 10-19/20"), id="no range of bytes"),
        pytest.param(ranged(Content_Encoding="gzip"), id="compressed"),
    ],
)
async def test_just_the_range_that_was_asked_for_will_do(made):
    told = Scripted(made)
    with pytest.raises(WrongAnswer):
        await told.provider().read(CID, 10, 20)
    assert told.asked[0].headers["Accept-Encoding"] == "identity"
    assert told.asked[0].headers["Range"] == "bytes=10-19"


async def test_a_range_may_come_of_a_piece_whose_size_is_not_told():
    told = Scripted(ranged(told="bytes 10-19/*"))
    assert await told.provider().read(CID, 10, 20) == DATA[10:20]


async def test_no_more_is_taken_than_was_asked_for():
    body = Portions(b"x" * 1000 for _ in range(1_000_000))
    with pytest.raises(WrongAnswer):
        await Scripted(ranged(body)).provider().read(CID, 10, 20)
    assert body.taken == 1000


async def test_ranges_that_cannot_be_are_not_asked_for():
    told = Scripted((500, ""))
    for start, stop in ((-1, 5), (5, 4), (0, len(DATA) + 1)):
        with pytest.raises(PieceError):
            await told.provider().read(CID, start, stop)
    assert await told.provider().read(CID, 5, 5) == b""
    assert told.asked == []


async def test_a_provider_that_goes_on_for_ever_in_drops_is_left():
    told, now = Scripted(ranged(Portions([b"x"] * 10))), iter(range(0, 10_000, 20))
    provider = told.provider()
    provider._clock = lambda: next(now)
    with pytest.raises(ProviderUnreachable, match="slowly"):
        await provider.read(CID, 10, 20)


@pytest.mark.parametrize("length", ["", "-1", "1.5", "9" * 40, "many"])
async def test_a_size_is_a_number(length):
    header = {"Content-Length": length} if length else {}
    with pytest.raises(WrongAnswer):
        await Scripted((200, b"", header)).provider().size(CID)


async def test_a_piece_on_a_list_of_what_is_not_given_out_is_no_fault_of_its_size():
    with pytest.raises(ProviderError) as caught:
        await Scripted((451, "denied")).provider().read(CID, 0, 9)
    assert not isinstance(caught.value, PieceRefused)
