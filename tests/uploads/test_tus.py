"""How tus spells things, row by row."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.errors import BadMetadata, Invalid
from library.uploads import tus


def encoded(text: str | bytes) -> str:
    raw = text if isinstance(text, bytes) else text.encode()
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("0", 0, id="nothing"),
        pytest.param("007", 7, id="leading zeros"),
        pytest.param(str(2**63 - 1), 2**63 - 1, id="the most a database holds"),
    ],
)
def test_a_number_of_bytes_is_read(text, expected):
    assert tus.whole_number("Upload-Length", text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(None, id="missing"),
        pytest.param("", id="empty"),
        pytest.param("-1", id="negative"),
        pytest.param("+1", id="signed"),
        pytest.param("1.5", id="not whole"),
        pytest.param("1e9", id="exponent"),
        pytest.param("0x10", id="hexadecimal"),
        pytest.param(str(2**63), id="more than a database holds"),
        pytest.param("9" * 5000, id="more digits than int() takes"),
        pytest.param("٣", id="a digit of another script"),
        pytest.param("1_000", id="an underscore, which int() takes"),
    ],
)
def test_what_is_no_number_of_bytes_is_refused(text):
    with pytest.raises(Invalid):
        tus.whole_number("Upload-Length", text)


def test_a_length_is_given_or_put_off_but_not_both():
    assert tus.length("12", None) == 12
    assert tus.length(None, "1") is None
    for both in [("12", "1"), (None, None), (None, "0")]:
        with pytest.raises(Invalid):
            tus.length(*both)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param(None, {}, id="no header"),
        pytest.param(f"filename {encoded('a.mp4')}", {"filename": "a.mp4"}, id="one pair"),
        pytest.param("is_confidential", {"is_confidential": ""}, id="a key without a value"),
        pytest.param(
            f"title {encoded('Ærø 🎬')} , x {encoded('y')}",
            {"title": "Ærø 🎬", "x": "y"},
            id="spaces around the comma, and an emoji",
        ),
    ],
)
def test_metadata_is_read(header, expected):
    assert tus.metadata(header) == expected


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("filename ###", id="not base64"),
        pytest.param(f"filename {encoded(bytes([255, 254]))}", id="not UTF-8"),
        pytest.param(f"a {encoded('1')},a {encoded('2')}", id="a key twice"),
        pytest.param(f" , a {encoded('1')}", id="an empty pair"),
        pytest.param(f"ü {encoded('1')}", id="a key that is not ASCII"),
        pytest.param(",".join(f"k{n} {encoded('v')}" for n in range(40)), id="too many keys"),
        pytest.param(f"a {encoded('x' * 20_000)}", id="too long"),
    ],
)
def test_metadata_that_cannot_be_read_is_refused(header):
    with pytest.raises(BadMetadata):
        tus.metadata(header)


@given(st.text(max_size=200))
def test_no_metadata_header_does_more_than_be_refused(header):
    try:
        found = tus.metadata(header)
    except BadMetadata:
        return
    assert all(isinstance(value, str) for value in found.values())


@pytest.mark.parametrize("algorithm", tus.CHECKSUMS)
def test_a_checksum_is_read(algorithm):
    digest = hashlib.new(algorithm, b"film").digest()
    read = tus.checksum(f"{algorithm} {encoded(digest)}")
    assert read == tus.Checksum(algorithm, digest)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(f"md5 {encoded(b'0' * 16)}", id="an algorithm we do not have"),
        pytest.param(f"sha1 {encoded(b'short')}", id="too short"),
        pytest.param("sha256 ###", id="not base64"),
        pytest.param("", id="empty"),
    ],
)
def test_a_checksum_that_cannot_be_read_is_refused(header):
    with pytest.raises(Invalid):
        tus.checksum(header)
