"""Films that were cut short, told by the sizes they say themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library import samples
from library.storing import endings


def missing(data: bytes) -> int:
    return endings.missing(lambda at, length: data[at : at + length], len(data))


@pytest.fixture(scope="module", params=[".mp4", ".mov", ".mkv", ".webm"])
def film(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("endings") / f"film{request.param}"
    samples.write_film(path, seconds=1, width=160, height=90)
    return path.read_bytes()


def test_a_whole_film_lacks_nothing(film):
    assert missing(film) == 0


@pytest.mark.parametrize("share", [0.5, 0.9, 0.999])
def test_a_film_that_was_cut_lacks_what_was_cut_off(film, share):
    kept = int(len(film) * share)
    assert missing(film[:kept]) == len(film) - kept


def test_something_behind_a_film_is_no_fault(film):
    assert missing(film + bytes(8)) == 0
    assert missing(film + b"of somebody else") == 0


@given(st.binary(max_size=200))
def test_no_bytes_break_it(data):
    for head in (b"", b"\0\0\0\x08ftyp", b"\x1aE\xdf\xa3"):
        assert missing(head + data) >= 0


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\0\0\0\x08ftyp" + b"\0\0\0\0mdat" + bytes(50), id="a box to the end"),
        pytest.param(b"\0\0\0\x08ftyp" + b"\0\0\0\x03free", id="a box that is none"),
        pytest.param(
            b"\x1aE\xdf\xa3\x80\x18S\x80g\x01\xff\xff\xff\xff\xff\xff\xff" + bytes(50),
            id="a segment of unknown length, as live recordings have",
        ),
    ],
)
def test_what_does_not_tell_is_taken_as_whole(data):
    assert missing(data) == 0
