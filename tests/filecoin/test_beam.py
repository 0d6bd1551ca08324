"""Reading through Filecoin Beam, and what may still be read."""

import pytest

from filmedia.filecoin.beam import Beam, NotPaidFor, Quota, Statistics, Usage, piece_url
from filmedia.filecoin.chain.networks import CALIBRATION, MAINNET
from filmedia.filecoin.cid import PieceCid
from filmedia.filecoin.errors import (
    InvalidAddress,
    NotThere,
    PieceRefused,
    ProviderBusy,
    ProviderError,
    ProviderFailed,
    WrongAnswer,
)
from filmedia.filecoin.piece import piece_cid
from filmedia.filecoin.provider.testing import Portions, Scripted

pytestmark = pytest.mark.anyio

DATA = bytes(range(256)) * 40
CID = PieceCid.parse(piece_cid(DATA))
PAYER = "0x52908400098527886E0F7030069857D2E4169EE7"
LOWER = PAYER.lower()


def beam(*answers):
    told = Scripted(*answers)
    return told, Beam(MAINNET.beam_suffix, PAYER, told.client(), sleep=told.sleep)


def statistics(*answers):
    told = Scripted(*answers)
    return told, Statistics(MAINNET.beam_stats, told.client(), sleep=told.sleep)


def test_a_piece_is_at_its_payers_name_in_lower_case():
    assert piece_url(MAINNET.beam_suffix, PAYER, CID) == f"https://{LOWER}.filbeam.io/{CID}"
    there = piece_url(CALIBRATION.beam_suffix, PAYER, CID)
    assert there == f"https://{LOWER}.calibration.filbeam.io/{CID}"
    assert beam((200, ""))[1].piece_url(CID) == f"https://{LOWER}.filbeam.io/{CID}"


@pytest.mark.parametrize("payer", ["", "0x12", "alice.eth", "evil.example/" + PAYER, PAYER + "\n"])
def test_who_is_no_address_pays_for_nothing(payer):
    with pytest.raises(InvalidAddress):
        piece_url(MAINNET.beam_suffix, payer, CID)


async def test_a_range_from_its_cache_is_just_the_range():
    headers = {"Content-Range": f"bytes 500-999/{len(DATA)}"}
    told, there = beam((206, DATA[500:1000], headers))
    assert await there.read(CID, 500, 1000) == DATA[500:1000]
    assert told.asked[0].headers["Accept-Encoding"] == "identity"
    assert "Authorization" not in told.asked[0].headers


@pytest.mark.parametrize("portion", [1, 7, 256, 499, 500, 501, 5000, 20_000])
async def test_of_a_whole_piece_only_the_range_is_kept_and_the_rest_is_not_taken(portion):
    body = Portions(DATA[at : at + portion] for at in range(0, len(DATA), portion))
    _, there = beam((200, body))
    assert await there.read(CID, 500, 1000) == DATA[500:1000]
    assert body.taken < 1000 + portion


async def test_a_whole_piece_that_ends_too_early_is_none():
    _, there = beam((200, DATA[:700]))
    with pytest.raises(WrongAnswer, match="300 bytes are missing"):
        await there.read(CID, 500, 1000)


async def test_a_compressed_piece_is_not_taken_for_the_piece():
    _, there = beam((200, b"\x1f\x8b", {"Content-Encoding": "gzip"}))
    with pytest.raises(WrongAnswer):
        await there.read(CID, 0, 2)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ProviderError),
        (401, ProviderError),
        (402, NotPaidFor),
        (403, ProviderError),
        (404, NotThere),
        (429, ProviderBusy),
        (451, ProviderError),
        (502, ProviderFailed),
        (301, WrongAnswer),
    ],
)
async def test_each_status_has_its_error(status, kind):
    for ask in (lambda there: there.read(CID, 0, 9), lambda there: there.size(CID)):
        _, there = beam((status, "quota exhausted"))
        with pytest.raises(ProviderError) as caught:
            await ask(there)
        assert type(caught.value) is kind
        assert not isinstance(caught.value, PieceRefused)


async def test_a_quota_is_exact_and_may_be_overdrawn():
    told, asked = statistics(
        (200, {"cdnEgressQuota": "109521666047", "cacheMissEgressQuota": "-5"})
    )
    quota = await asked.quota(12)
    assert quota == Quota(109521666047, -5)
    assert not quota.is_open
    assert Quota(1, 1).is_open
    assert str(told.asked[0].url) == "https://stats.filbeam.com/data-set/12"


async def test_a_payers_figures_are_told_for_its_address():
    said = {
        "totalRequests": "10",
        "cacheMissRequests": "3",
        "totalEgressBytes": "4000",
        "cacheMissEgressBytes": "1000",
        "remainingCDNEgressBytes": "50",
        "remainingCacheMissEgressBytes": "20",
    }
    told, asked = statistics((200, said))
    assert await asked.payer(PAYER) == Usage(10, 3, 4000, 1000, Quota(50, 20))
    assert told.asked[0].url.path == f"/payer/{LOWER}"
    with pytest.raises(InvalidAddress):
        await asked.payer("../data-set/1")


async def test_what_beam_does_not_know_has_no_quota():
    assert await statistics((404, "Not Found"))[1].quota(1) is None
    assert await statistics((404, "Not Found"))[1].payer(PAYER) is None


@pytest.mark.parametrize(
    "said",
    [
        [],
        {},
        "no JSON",
        {"cdnEgressQuota": 5, "cacheMissEgressQuota": "5"},
        {"cdnEgressQuota": "5.0", "cacheMissEgressQuota": "5"},
        {"cdnEgressQuota": "٣", "cacheMissEgressQuota": "5"},
        {"cdnEgressQuota": "9" * 31, "cacheMissEgressQuota": "5"},
        {"cdnEgressQuota": None, "cacheMissEgressQuota": "5"},
    ],
)
async def test_figures_in_another_form_are_not_believed(said):
    with pytest.raises(WrongAnswer):
        await statistics((200, said))[1].quota(1)
