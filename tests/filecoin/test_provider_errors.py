"""Which errors a provider's answers are, and what is tried again after which."""

import httpx
import pytest

from filmedia.filecoin.cid import PieceCid
from filmedia.filecoin.errors import (
    Conflict,
    NotThere,
    PieceRefused,
    ProviderBusy,
    ProviderError,
    ProviderFailed,
    ProviderUnreachable,
    WrongAnswer,
)
from filmedia.filecoin.piece import piece_cid
from filmedia.filecoin.provider.testing import Portions, Scripted

pytestmark = pytest.mark.anyio

DATA = bytes(range(256)) * 8
CID = PieceCid.parse(piece_cid(DATA))
KEEPER = "0x" + "ab" * 20
SESSION = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, PieceRefused),
        (404, NotThere),
        (409, Conflict),
        (413, PieceRefused),
        (429, ProviderBusy),
        (500, ProviderFailed),
        (502, ProviderFailed),
        (503, ProviderBusy),
        (200, WrongAnswer),
        (302, WrongAnswer),
        (308, WrongAnswer),
    ],
)
async def test_each_status_has_its_error(status, kind):
    told = Scripted((status, "\n Over \x1b[31mthe cap [eid: 1]\nmore\n", {"Location": "/x"}))
    with pytest.raises(ProviderError) as caught:
        await told.provider().add_pieces(1, b"", [CID])
    assert type(caught.value) is kind
    assert caught.value.status == status
    if status >= 400:
        assert caught.value.detail == "Over [31mthe cap [eid: 1]"
        assert "more" in caught.value.text
    else:
        assert "Over" not in caught.value.detail


async def test_of_an_error_only_so_much_is_read():
    body = Portions(b"x" * 10_000 for _ in range(1_000_000))
    with pytest.raises(PieceRefused) as caught:
        await Scripted((400, body)).provider().begin_upload()
    assert body.taken < 80_000
    assert len(caught.value.text) == 64 * 1024


async def test_an_answer_that_does_not_end_is_none():
    body = Portions(b" " * 100_000 for _ in range(1_000_000))
    with pytest.raises(WrongAnswer, match="does not end"):
        await Scripted((200, body)).provider().data_set(1)
    assert body.taken < 10_000_000


async def test_a_redirect_is_never_followed():
    told = Scripted((302, "", {"Location": "http://169.254.169.254/"}))
    with pytest.raises(WrongAnswer, match="sends us elsewhere"):
        await told.provider().ping()
    with pytest.raises(WrongAnswer, match="sends us elsewhere"):
        await told.provider().read(CID, 0, 10)
    assert {request.url.host for request in told.asked} == {"sp.example"}


@pytest.mark.parametrize(
    ("ask", "answers", "times"),
    [
        (lambda p: p.begin_upload(), [(500, "")], 3),
        (lambda p: p.ping(), [(503, "")], 3),
        (lambda p: p.ping(), [httpx.ConnectError("")], 3),
        (lambda p: p.ping(), [(404, "")], 1),
        (lambda p: p.pull(b"", [(CID, "https://a")], 1, KEEPER), [(500, "")], 3),
        (lambda p: p.add_pieces(1, b"", [CID]), [(429, "")], 3),
        (lambda p: p.add_pieces(1, b"", [CID]), [(500, "")], 1),
        (lambda p: p.add_pieces(1, b"", [CID]), [(503, "")], 1),
        (lambda p: p.add_pieces(1, b"", [CID]), [httpx.ReadTimeout("")], 1),
        (lambda p: p.create_data_set(KEEPER, b""), [(502, "")], 1),
        (lambda p: p.create_and_add(KEEPER, b"", [CID]), [httpx.ReadError("")], 1),
        (lambda p: p.terminate(1, b""), [(500, "")], 1),
        (lambda p: p.remove(1, [1], b""), [(500, "")], 1),
        (lambda p: p.finalise(SESSION, CID), [httpx.ReadError("")], 1),
        (lambda p: p.send(SESSION, [DATA], len(DATA)), [(500, "")], 1),
        (lambda p: p.read(CID, 0, 9), [(500, "")], 1),
    ],
)
async def test_only_what_does_no_harm_is_tried_again(ask, answers, times):
    told = Scripted(*answers)
    with pytest.raises((ProviderError, ProviderUnreachable)):
        await ask(told.provider())
    assert len(told.asked) == times
    assert len(told.slept) == times - 1


async def test_the_provider_says_how_long_to_wait_up_to_a_bound():
    location = {"Location": f"/pdp/piece/uploads/{SESSION}"}
    told = Scripted((429, "", {"Retry-After": "7"}), (201, "", location))
    assert await told.provider().begin_upload() == SESSION
    assert 7 <= told.slept[0] < 9
    told = Scripted((429, "", {"Retry-After": "300"}))
    with pytest.raises(ProviderBusy) as caught:
        await told.provider().begin_upload()
    assert caught.value.retry_after == 300
    assert told.slept == []


@pytest.mark.parametrize("told", ["soon", "-1", "1e9", "9" * 400, ""])
async def test_a_time_to_wait_that_cannot_be_is_none(told):
    with pytest.raises(ProviderBusy) as caught:
        await Scripted((429, "", {"Retry-After": told})).provider().ping()
    assert caught.value.retry_after is None


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("[Errno 111] <script>"),
        httpx.ReadTimeout("<script>"),
        httpx.RemoteProtocolError("illegal status line: bytearray(b'<script>')"),
        httpx.ReadError("<script>"),
    ],
)
async def test_who_cannot_be_reached_is_told_in_our_words(error):
    with pytest.raises(ProviderUnreachable) as caught:
        await Scripted(error).provider().ping()
    assert str(caught.value).startswith("sp cannot be reached: ")
    assert "<script>" not in str(caught.value)
