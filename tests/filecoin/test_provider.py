"""What the client asks of a provider, and what it believes of the answers."""

import pytest

from filmedia.filecoin.cid import PieceCid
from filmedia.filecoin.errors import (
    NotThere,
    PieceError,
    ProviderUnreachable,
    WrongAnswer,
)
from filmedia.filecoin.piece import piece_cid
from filmedia.filecoin.provider.client import Provider
from filmedia.filecoin.provider.testing import MemoryProvider, Scripted

pytestmark = pytest.mark.anyio

DATA = bytes(range(256)) * 8
CID, OTHER = PieceCid.parse(piece_cid(DATA)), PieceCid.parse(piece_cid(DATA[::-1]))
KEEPER = "0x" + "ab" * 20
HASH, LANDED = "0x" + "1f" * 32, "0x" + "2e" * 32
SESSION = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


async def test_a_piece_goes_there_and_comes_back():
    memory = MemoryProvider()
    provider, seen = Provider("https://sp.example/", memory.client()), []
    await provider.ping()
    assert not await provider.find(CID)
    session = await provider.begin_upload()
    await provider.send(session, [DATA[:100], DATA[100:]], len(DATA), seen.append)
    await provider.finalise(session, CID)
    await provider.wait_until_parked(CID)
    assert seen[-1] == len(DATA)
    assert await provider.size(CID) == len(DATA)
    assert await provider.read(CID, 3, 50) == DATA[3:50]
    assert b"".join([part async for part in provider.stream(CID)]) == DATA
    assert provider.piece_url(CID) == f"https://sp.example/piece/{CID}"
    with pytest.raises(NotThere):
        await provider.finalise(session, CID)


# --- what is asked ----------------------------------------------------------------------


async def test_an_addition_is_asked_for_as_the_api_wants_it():
    told = Scripted((201, "", {"Location": f"/pdp/data-sets/7/pieces/added/{HASH.upper()[2:]}"}))
    with pytest.raises(WrongAnswer, match="names no transaction"):
        await told.provider().add_pieces(7, b"\x01\x02", [CID])
    told = Scripted((201, "", {"Location": f"/pdp/data-sets/7/pieces/added/{HASH}"}))
    assert await told.provider().add_pieces(7, b"\x01\x02", [CID]) == HASH
    assert told.asked[0].url.path == "/pdp/data-sets/7/pieces"
    pieces = [{"pieceCid": str(CID), "subPieces": [{"subPieceCid": str(CID)}]}]
    assert told.last_body == {"extraData": "0x0102", "pieces": pieces}


async def test_creations_name_the_service():
    told = Scripted((201, "", {"Location": f"https://evil.example/x/{HASH}"}))
    assert await told.provider().create_data_set(KEEPER, b"\x01") == HASH
    assert told.last_body == {"recordKeeper": KEEPER, "extraData": "0x01"}
    assert await told.provider().create_and_add(KEEPER, b"\x01", [CID]) == HASH
    assert told.asked[-1].url.path == "/pdp/data-sets/create-and-add"
    assert {request.url.host for request in told.asked} == {"sp.example"}


async def test_a_pull_leaves_the_data_set_out_where_there_is_none_yet():
    said = {"status": "pending", "pieces": [{"pieceCid": str(CID), "status": "pending"}]}
    told = Scripted((200, said))
    pull = await told.provider().pull(b"\x01", [(CID, "https://a.example")], None, KEEPER)
    assert not pull.is_over
    assert "dataSetId" not in told.last_body
    await told.provider().pull(b"\x01", [(CID, "https://a.example")], 12, KEEPER)
    assert told.last_body["dataSetId"] == 12
    assert told.last_body["pieces"] == [{"pieceCid": str(CID), "sourceUrl": "https://a.example"}]


async def test_a_pull_is_well_only_piece_by_piece():
    pieces = [
        {"pieceCid": str(CID), "status": "complete"},
        {"pieceCid": str(OTHER), "status": "failed"},
    ]
    told = Scripted((200, {"status": "complete", "pieces": pieces}))
    asked = [(CID, "https://a.example"), (OTHER, "https://a.example")]
    pull = await told.provider().pull(b"\x01", asked, 1, KEEPER)
    assert pull.is_over
    assert pull.came(CID)
    assert not pull.came(OTHER)


async def test_removals_go_in_batches_and_no_further_than_the_queue():
    told = Scripted((200, {"txHash": HASH}))
    big = 2**63 + 1
    assert await told.provider().remove(3, [big, 5], b"\x01") == HASH
    assert told.asked[0].method == "DELETE"
    assert told.last_body["pieceIds"] == [big, 5]
    for ids in ([], range(36)):
        with pytest.raises(PieceError):
            await told.provider().remove(3, list(ids), b"\x01")


async def test_a_termination_is_asked_for_and_followed():
    told = Scripted((202, ""))
    await told.provider().terminate(3, b"\x01")
    told = Scripted(
        (200, {"terminationTxHash": "", "fwssTerminated": None}),
        (200, {"terminationTxHash": HASH, "fwssTerminated": True, "serviceTerminationEpoch": 9}),
    )
    provider = told.provider()
    first, second = await provider.termination(3), await provider.termination(3)
    assert (first.transaction, first.ended, first.end_epoch) == ("", False, None)
    assert (second.transaction, second.ended, second.end_epoch) == (HASH, True, 9)


# --- transactions -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "ok", "id"),
    [
        ({"txStatus": "pending", "ok": None, "dataSetCreated": False}, None, None),
        ({"txStatus": "confirmed", "ok": True, "dataSetCreated": False}, None, None),
        ({"txStatus": "confirmed", "ok": True, "dataSetCreated": True, "dataSetId": 4}, True, 4),
        ({"txStatus": "confirmed", "ok": False, "dataSetCreated": False}, False, None),
        ({"txStatus": "failed", "ok": None, "dataSetCreated": False}, False, None),
    ],
)
async def test_a_creation_is_open_done_or_refused(said, ok, id):
    told = Scripted((200, said | {"createMessageHash": HASH, "confirmedTxHash": LANDED}))
    creation = await told.provider().creation(HASH)
    assert (creation.ok, creation.data_set_id) == (ok, id)
    assert creation.confirmed_transaction == LANDED


@pytest.mark.parametrize(
    ("said", "ok", "ids"),
    [
        ({"txStatus": "pending", "addMessageOk": None, "piecesAdded": False}, None, ()),
        ({"txStatus": "confirmed", "addMessageOk": False, "piecesAdded": False}, False, ()),
        (
            {"addMessageOk": True, "piecesAdded": True, "confirmedPieceIds": [8, 9]},
            True,
            (8, 9),
        ),
    ],
)
async def test_an_addition_is_open_done_or_refused(said, ok, ids):
    told = Scripted((200, said | {"txHash": HASH, "dataSetId": 7, "pieceCount": 2}))
    addition = await told.provider().addition(7, HASH)
    assert (addition.ok, addition.piece_ids) == (ok, ids)


DONE = {"txHash": HASH, "dataSetId": 7, "pieceCount": 1, "addMessageOk": True, "piecesAdded": True}


@pytest.mark.parametrize(
    "said",
    [
        pytest.param([], id="a list"),
        pytest.param({}, id="nothing"),
        pytest.param("not json", id="no JSON"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param("[" * 100_000, id="nested too deeply"),
        pytest.param(DONE, id="no ids"),
        pytest.param(DONE | {"confirmedPieceIds": [1.0]}, id="a float as id"),
        pytest.param(DONE | {"confirmedPieceIds": [True]}, id="a truth as id"),
        pytest.param(DONE | {"confirmedPieceIds": ["1"]}, id="a text as id"),
        pytest.param(DONE | {"confirmedPieceIds": [-1]}, id="an id below zero"),
        pytest.param(DONE | {"confirmedPieceIds": [2**64]}, id="an id too large"),
        pytest.param(DONE | {"confirmedPieceIds": [1, 2]}, id="more ids than pieces"),
        pytest.param(DONE | {"confirmedPieceIds": [1, 1], "pieceCount": 2}, id="an id twice"),
        pytest.param(DONE | {"confirmedPieceIds": [1], "txHash": LANDED}, id="another hash"),
        pytest.param(DONE | {"confirmedPieceIds": [1], "dataSetId": 8}, id="another data set"),
        pytest.param(DONE | {"confirmedPieceIds": [1], "addMessageOk": 1}, id="a number as truth"),
        pytest.param(DONE | {"confirmedPieceIds": [1], "confirmedTxHash": "0x1"}, id="no hash"),
    ],
)
async def test_an_addition_is_not_believed_in_another_form(said):
    with pytest.raises(WrongAnswer):
        await Scripted((200, said)).provider().addition(7, HASH)


async def test_a_data_set_is_listed_by_piece_id():
    piece = {"pieceId": 4, "pieceCid": str(CID), "subPieceCid": str(CID), "subPieceOffset": 0}
    said = {"id": 3, "nextChallengeEpoch": 0, "pieces": [piece]}
    listing = await Scripted((200, said)).provider().data_set(3)
    assert listing.pieces == {4: CID}
    for wrong in (
        said | {"id": 4},
        said | {"nextChallengeEpoch": None},
        said | {"pieces": [piece | {"pieceCid": CID.v1}]},
    ):
        with pytest.raises(WrongAnswer):
            await Scripted((200, wrong)).provider().data_set(3)


# --- finding ----------------------------------------------------------------------------


async def test_a_piece_with_the_same_root_and_another_size_is_another_piece():
    longer = PieceCid(CID.root, CID.size - 1)
    with pytest.raises(WrongAnswer):
        await Scripted((200, {"pieceCid": str(longer)})).provider().find(CID)
    with pytest.raises(WrongAnswer):
        await Scripted((200, {"pieceCid": CID.v1})).provider().find(CID)
    assert not await Scripted((202, "")).provider().find(CID)


async def test_waiting_for_a_piece_ends_when_it_is_there_or_time_is_over():
    there = (200, {"pieceCid": str(CID)})
    told = Scripted((404, ""), (404, ""), there)
    await told.provider().wait_until_parked(CID)
    assert told.slept == [1.0, 1.0]
    with pytest.raises(ProviderUnreachable):
        await Scripted((404, "")).provider().wait_until_parked(CID, timeout=0)


@pytest.mark.parametrize(
    "location",
    [
        "",
        "/pdp/piece/uploads/",
        "/pdp/piece/uploads/1",
        f"/pdp/piece/uploads/{SESSION}?next=1",
        f"/pdp/piece/uploads/{SESSION}x",
        "/pdp/piece/uploads/../../ping",
    ],
)
async def test_a_session_is_what_looks_like_one(location):
    with pytest.raises(WrongAnswer):
        await Scripted((201, "", {"Location": location})).provider().begin_upload()
