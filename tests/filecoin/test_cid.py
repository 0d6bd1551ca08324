"""How PieceCIDs are spelled, and that each has one spelling."""

import json
from base64 import b32encode
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmedia.filecoin.errors import FilecoinError, InvalidPieceCid, PieceError
from filmedia.filecoin.piece import PieceCid, parse_v1, raw_size

KNOWN = json.loads((Path(__file__).parents[1] / "vectors/piececid.json").read_text())
ROOT = bytes(range(32))

cids = st.builds(PieceCid, root=st.binary(min_size=32, max_size=32), size=st.integers(0, 2**60))


def spelled(binary: bytes) -> str:
    return "b" + b32encode(binary).decode().rstrip("=").lower()


def v2(digest: bytes, length: int | None = None) -> str:
    return spelled(bytes.fromhex("01559120") + bytes([length or len(digest)]) + digest)


@pytest.mark.parametrize("vector", KNOWN["vectors"], ids=lambda v: v["id"])
def test_a_known_name_is_read_and_written_as_it_is(vector):
    cid = PieceCid.parse(vector["pieceCidV2"])
    assert str(cid) == vector["pieceCidV2"]
    assert cid.v1 == vector["pieceCidV1"]
    assert (cid.root.hex(), cid.size) == (vector["root"], vector["size"])
    assert (cid.height, cid.padding) == (vector["height"], vector["padding"])
    assert cid.padded_size == vector["paddedSize"]
    assert raw_size(vector["pieceCidV2"]) == vector["size"]
    assert parse_v1(vector["pieceCidV1"]) == cid.root
    assert PieceCid.from_v1(vector["pieceCidV1"], vector["size"]) == cid


@pytest.mark.parametrize("case", KNOWN["invalidV2"], ids=lambda case: case["why"])
def test_a_known_wrong_name_is_refused(case):
    with pytest.raises(InvalidPieceCid):
        PieceCid.parse(case["cid"])


GOOD = str(PieceCid(ROOT, 1000))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(GOOD.upper(), "base32", id="upper case"),
        pytest.param("B" + GOOD[1:], "base32", id="the multibase letter of upper case"),
        pytest.param(GOOD + "======", "base32", id="with padding signs"),
        pytest.param(GOOD + "\n", "base32", id="a line end behind it"),
        pytest.param(" " + GOOD, "base32", id="a space before it"),
        pytest.param("z" + GOOD[1:], "base32", id="another multibase"),
        pytest.param("b", "base32", id="nothing behind the multibase letter"),
        pytest.param(GOOD[:-1], "last letter|length|as long", id="the last letter missing"),
        pytest.param("baaa", "length|last letter", id="a length that base32 does not have"),
        pytest.param(GOOD[:-1] + chr(ord(GOOD[-1]) + 1), "last letter", id="bits of no byte"),
        pytest.param(v2(b"\x80\x00\x02" + ROOT), "longer than needed", id="a varint too long"),
        pytest.param(v2(b"\xff" * 9 + b"\x01\x02" + ROOT), "does not end", id="a varint of 10"),
        pytest.param(v2(b""), "does not end", id="an empty digest"),
        pytest.param(v2(b"\x00\x02" + ROOT, 33), "as long as it says", id="a length too small"),
        pytest.param(v2(b"\x00\x01" + ROOT), "smallest", id="height 1"),
        pytest.param(v2(b"\x00\x00" + ROOT), "smallest", id="height 0"),
        pytest.param(v2(b"\x80\x01\x02" + ROOT), "padding", id="more padding than the tree"),
        pytest.param(v2(b"\x7f\x03" + ROOT), "padding", id="padding of half the tree"),
        pytest.param(spelled(bytes.fromhex("01559120")), "as long", id="no digest"),
        pytest.param(spelled(bytes.fromhex("015591a000") + b"\x22"), "first bytes", id="long code"),
    ],
)
def test_every_other_spelling_is_refused_and_the_error_says_why(text, why):
    with pytest.raises(InvalidPieceCid, match=why) as refused:
        PieceCid.parse(text)
    assert refused.value.cid == text
    assert isinstance(refused.value, PieceError | FilecoinError)


@pytest.mark.parametrize(
    ("digest", "size"),
    [
        pytest.param(b"\x7f\x02", 0, id="no bytes at all"),
        pytest.param(b"\x7e\x02", 1, id="one byte"),
        pytest.param(b"\x00\x02", 127, id="the smallest a provider takes"),
        pytest.param(b"\x7e\x03", 128, id="one more"),
        pytest.param(b"\x00\xff", 127 << 253, id="the largest tree"),
    ],
)
def test_the_size_is_what_padding_and_height_say(digest, size):
    text = v2(digest + ROOT)
    assert PieceCid.parse(text) == PieceCid(ROOT, size)
    assert str(PieceCid(ROOT, size)) == text


@given(cids)
def test_text_binary_and_v1_lead_back_to_the_same_piece(cid):
    assert PieceCid.parse(str(cid)) == cid
    assert PieceCid.from_binary(cid.binary) == cid
    assert PieceCid.from_v1(cid.v1, cid.size) == cid
    assert len({cid, PieceCid.parse(str(cid))}) == 1
    assert cid.padded_size * 127 // 128 - cid.padding == cid.size


@given(cids, st.data())
def test_a_changed_text_is_refused_or_names_another_piece(cid, data):
    text = str(cid)
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz234567=A8 "))
    cut = data.draw(st.integers(0, 2))
    changed = text[:at] + letter + text[at + cut :]
    try:
        read = PieceCid.parse(changed)
    except InvalidPieceCid:
        return
    assert str(read) == changed
    assert (read == cid) == (changed == text)


@given(st.text(max_size=80) | st.binary(max_size=60).map(spelled))
def test_any_text_is_read_or_refused_and_nothing_else_happens(text):
    for read in (PieceCid.parse, parse_v1):
        try:
            read(text)
        except InvalidPieceCid as refused:
            assert str(refused)


@given(st.binary(max_size=60) | st.binary(max_size=50).map(bytes.fromhex("01559120").__add__))
def test_any_bytes_are_read_or_refused_and_nothing_else_happens(binary):
    with suppress(InvalidPieceCid):
        assert PieceCid.from_binary(binary).binary == binary


@pytest.mark.parametrize(
    ("root", "size"),
    [
        pytest.param(bytes(31), 1, id="a short root"),
        pytest.param(bytes(33), 1, id="a long root"),
        pytest.param(bytes(32), -1, id="fewer than no bytes"),
        pytest.param(bytes(32), (127 << 253) + 1, id="a tree higher than a byte can say"),
        pytest.param(bytes(32), (127 << 100) + 1, id="padding longer than a varint can be"),
    ],
)
def test_what_no_cid_can_name_is_no_piece(root, size):
    with pytest.raises(PieceError):
        PieceCid(root, size)


def test_bytes_with_one_root_and_two_sizes_are_two_pieces():
    assert PieceCid(ROOT, 126) != PieceCid(ROOT, 127)
