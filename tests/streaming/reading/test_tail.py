"""Where a film's index is, told by its first bytes alone."""

import pytest

from library import samples
from streaming.http.ranges import Window
from streaming.reading.tail import tail_of


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """The same film with its index in front and at the end, and as WebM."""
    folder = tmp_path_factory.mktemp("tails")
    front, end = folder / "front.mp4", folder / "end.mp4"
    samples.write_film(front, seconds=2, width=160, height=90)
    data = front.read_bytes()
    end.write_bytes(index_last(data))
    return data, end.read_bytes()


def boxes(data):
    position = 0
    while position < len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        yield data[position + 4 : position + 8], data[position : position + length]
        position += length


def index_last(data):
    parts = list(boxes(data))
    return b"".join(
        box for last in (False, True) for kind, box in parts if (kind == b"moov") == last
    )


def test_an_index_at_the_end_is_found_to_its_first_byte(films):
    _, end = films
    window = tail_of(end[:4096], len(end))
    assert window is not None and window.stop == len(end)
    assert end[window.start + 4 : window.start + 8] == b"moov"


def test_an_index_in_front_needs_nothing_from_the_end(films):
    front, _ = films
    kinds = [kind for kind, _ in boxes(front)]
    if kinds.index(b"moov") > kinds.index(b"mdat"):
        front = b"".join(
            box for kind, box in sorted(boxes(front), key=lambda part: part[0] == b"mdat")
        )
    assert tail_of(front[:4096], len(front)) is None


@pytest.mark.parametrize(
    ("begin", "size", "window"),
    [
        (b"", 0, None),
        (b"not a film at all, but long enough for one", 10_000, None),
        (
            b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\0\x01mdat" + (2**33).to_bytes(8, "big"),
            2**33 + 5000,
            Window(2**33 + 16, 2**33 + 5000),
        ),
        (b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\0\0mdat" + bytes(16), 10**6, None),
        (b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\xff\xffmdat" + bytes(16), 1000, None),
        (b"\x1a\x45\xdf\xa3" + bytes(100), 10**7, Window(10**7 - 512 * 1024, 10**7)),
    ],
    ids=["nothing", "text", "64 bits", "to the end", "past the end", "matroska"],
)
def test_what_the_first_bytes_tell(begin, size, window):
    assert tail_of(begin, size) == window
