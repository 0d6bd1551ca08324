import re
from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.http.multipart import Layout, layout
from streaming.http.ranges import Window

FILM = b"0123456789abcdef"
BOUNDARY = "5f3759df"


def render(plan: Layout, film: bytes) -> bytes:
    sent = [head + film[window.start : window.stop] for head, window in plan.parts]
    return b"".join(sent) + plan.tail


def test_the_body_is_framed_as_the_rfc_writes_it():
    plan = layout([Window(0, 2), Window(12, 16)], 16, "video/mp4", BOUNDARY)
    assert plan.content_type == "multipart/byteranges; boundary=5f3759df"
    assert render(plan, FILM) == (
        b"--5f3759df\r\n"
        b"Content-Type: video/mp4\r\n"
        b"Content-Range: bytes 0-1/16\r\n"
        b"\r\n"
        b"01"
        b"\r\n--5f3759df\r\n"
        b"Content-Type: video/mp4\r\n"
        b"Content-Range: bytes 12-15/16\r\n"
        b"\r\n"
        b"cdef"
        b"\r\n--5f3759df--\r\n"
    )


def test_the_length_is_known_without_a_byte_of_the_film():
    terabyte = 1 << 40
    plan = layout([Window(0, terabyte), Window(0, 1)], terabyte, "video/mp4", BOUNDARY)
    framing = sum(len(head) for head, _ in plan.parts) + len(plan.tail)
    assert plan.length == terabyte + 1 + framing


@pytest.mark.parametrize(
    ("windows", "media_type", "boundary"),
    [
        pytest.param([], "video/mp4", BOUNDARY, id="no windows"),
        pytest.param([Window(3, 3)], "video/mp4", BOUNDARY, id="an empty window"),
        pytest.param([Window(0, 1)], "video/mp4\r\nX: 1", BOUNDARY, id="a type with a line break"),
        pytest.param([Window(0, 1)], "vidéo/mp4", BOUNDARY, id="a type outside ASCII"),
        pytest.param([Window(0, 1)], "video/mp4", "", id="an empty boundary"),
        pytest.param([Window(0, 1)], "video/mp4", "a b", id="a boundary that needs quotes"),
        pytest.param([Window(0, 1)], "video/mp4", "a\n", id="a boundary with a line break"),
        pytest.param([Window(0, 1)], "video/mp4", "a" * 71, id="a boundary over 70 characters"),
    ],
)
def test_what_would_break_the_framing_is_an_error(windows, media_type, boundary):
    with pytest.raises(ValueError, match=r"."):
        layout(windows, 16, media_type, boundary)


@st.composite
def films(draw):
    # Line ends and dashes are what framing is made of.
    film = draw(st.one_of(st.binary(min_size=1), st.text("\r\n-", min_size=1).map(str.encode)))
    starts = st.integers(0, len(film) - 1)
    windows = []
    for start in draw(st.lists(starts, min_size=1, max_size=6)):
        windows.append(Window(start, draw(st.integers(start + 1, len(film)))))
    return film, windows


@given(films())
def test_the_length_is_that_of_the_bytes_sent(drawn):
    film, windows = drawn
    plan = layout(windows, len(film), "video/mp4", BOUNDARY)
    assert plan.length == len(render(plan, film))
    assert [window for _, window in plan.parts] == windows


@given(films())
def test_a_reader_of_mail_gets_the_parts_back(drawn):
    film, windows = drawn
    plan = layout(windows, len(film), "video/x-matroska", BOUNDARY)
    header = f"Content-Type: {plan.content_type}\r\n\r\n".encode()

    message = message_from_bytes(header + render(plan, film))

    assert message.is_multipart()
    assert not message.defects
    assert message.preamble in (None, "")
    assert message.epilogue in (None, "")
    parts = message.get_payload()
    assert len(parts) == len(windows)
    for part, window in zip(parts, windows, strict=True):
        assert part.get_content_type() == "video/x-matroska"
        first, last, size = map(int, re.findall("[0-9]+", part["Content-Range"]))
        assert (first, last + 1, size) == (window.start, window.stop, len(film))
        assert part.get_payload(decode=True) == film[window.start : window.stop]
