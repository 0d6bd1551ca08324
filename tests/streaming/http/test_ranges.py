import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streaming.http.ranges import MAX_HEADER, MAX_RANGES, Unsatisfiable, Window, parse


def windows(header: str | None, size: int) -> list[tuple[int, int]] | None:
    found = parse(header, size)
    return found if found is None else [(window.start, window.stop) for window in found]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("bytes=0-", [(0, 100)], id="open ended, as Chrome opens a video"),
        pytest.param("bytes=0-1", [(0, 2)], id="two bytes, as Safari asks whether ranges work"),
        pytest.param("bytes=0-0", [(0, 1)], id="exactly the first byte"),
        pytest.param("bytes=99-99", [(99, 100)], id="exactly the last byte"),
        pytest.param("bytes=-1", [(99, 100)], id="the last byte as a suffix"),
        pytest.param("bytes=99-", [(99, 100)], id="the last byte with an open end"),
        pytest.param("bytes=-20", [(80, 100)], id="suffix, as players look for the index"),
        pytest.param("bytes=-100", [(0, 100)], id="suffix of the whole length"),
        pytest.param("bytes=-500", [(0, 100)], id="suffix longer than the file"),
        pytest.param("bytes=90-99", [(90, 100)], id="end on the last byte"),
        pytest.param("bytes=90-100", [(90, 100)], id="end one past the last byte: clamped"),
        pytest.param("bytes=90-5000", [(90, 100)], id="end far past the file: clamped"),
        pytest.param("bytes=0-99", [(0, 100)], id="everything, as a range"),
        pytest.param("bytes=5-7", [(5, 8)], id="the end counts in"),
        pytest.param(f"bytes=5-{10**30}", [(5, 100)], id="end of thirty digits: clamped"),
        pytest.param(f"bytes=-{10**30}", [(0, 100)], id="suffix of thirty digits: clamped"),
        pytest.param("bytes=-" + "9" * 4080, [(0, 100)], id="as many digits as fit a header"),
        pytest.param("bytes=" + "0" * 40 + "5-7", [(5, 8)], id="zeros in front count for nothing"),
        pytest.param("bytes=" + "0" * 40 + "5-5", [(5, 6)], id="zeros on one side only"),
        pytest.param("BYTES=0-0", [(0, 1)], id="the unit in capitals"),
        pytest.param("Bytes=0-0", [(0, 1)], id="the unit with a capital"),
        pytest.param(" bytes=0-0\t", [(0, 1)], id="space around the whole value"),
    ],
)
def test_a_header_becomes_a_window(header, expected):
    assert windows(header, size=100) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("bytes=0-1,4-5", [(0, 2), (4, 6)], id="two"),
        pytest.param("bytes=50-59,0-9", [(50, 60), (0, 10)], id="kept in the order asked"),
        pytest.param("bytes=0-9,10-19", [(0, 10), (10, 20)], id="neighbours are not joined"),
        pytest.param("bytes=0-9,5-14", [(0, 10), (5, 15)], id="some overlap is the client's wish"),
        pytest.param("bytes=0-0,-1", [(0, 1), (99, 100)], id="first and last byte, as in the RFC"),
        pytest.param("bytes=0-49,50-", [(0, 50), (50, 100)], id="together exactly the file"),
        pytest.param("bytes=0-1 , \t4-5", [(0, 2), (4, 6)], id="space around the comma"),
        pytest.param("bytes=,0-1,, ,4-5,", [(0, 2), (4, 6)], id="empty members of the list"),
        pytest.param("bytes= 0-1", [(0, 2)], id="space after the sign: read, as nginx and Go do"),
        pytest.param("bytes=0-1,200-300", [(0, 2)], id="one past the file is dropped"),
        pytest.param("bytes=-0,0-1", [(0, 2)], id="an empty suffix is dropped"),
        pytest.param("bytes=0-,200-", [(0, 100)], id="what is dropped adds nothing to the sum"),
        pytest.param("bytes=0-,0-", None, id="the file twice: the header is ignored"),
        pytest.param("bytes=0-,-1", None, id="one byte more than the file"),
        pytest.param(
            "bytes=" + ",".join(f"{n}-{n}" for n in range(MAX_RANGES)),
            [(n, n + 1) for n in range(MAX_RANGES)],
            id="as many as are allowed",
        ),
        pytest.param(
            "bytes=" + ",,".join(f"{n}-{n}" for n in range(MAX_RANGES)) + "," * 100,
            [(n, n + 1) for n in range(MAX_RANGES)],
            id="empty members are not counted",
        ),
    ],
)
def test_several_ranges_become_several_windows(header, expected):
    assert windows(header, size=100) == expected


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(None, id="no header"),
        pytest.param("", id="an empty header"),
        pytest.param("bytes", id="no sign"),
        pytest.param("bytes=", id="no range"),
        pytest.param("bytes=, ,", id="only empty members"),
        pytest.param("bytes=-", id="neither end"),
        pytest.param("bytes=5", id="no dash"),
        pytest.param("bytes=9-5", id="last before first"),
        pytest.param(f"bytes={10**30}-{10**29}", id="last before first, both past the file"),
        pytest.param("bytes=0-1,9-5", id="one invalid member spoils the set"),
        pytest.param("bytes=200-,9-5", id="invalid before unsatisfiable"),
        pytest.param("bytes=a-b", id="letters"),
        pytest.param("bytes=0x0-0x5", id="hexadecimal"),
        pytest.param("bytes=+0-5", id="a plus, which int() would read"),
        pytest.param("bytes=1_0-20", id="an underscore, which int() would read"),
        pytest.param("bytes=--5", id="two dashes"),
        pytest.param("bytes=0--5", id="a negative end"),
        pytest.param("bytes=0 - 5", id="space inside a range"),
        pytest.param("bytes=0-5\n", id="a line break"),
        pytest.param("bytes=0-5;6-7", id="another separator"),
        pytest.param("bytes=0-1,bytes=2-3", id="two headers, joined by the server"),
        pytest.param("bytes=\u0660-\u0665", id="Arabic digits, which int() would read"),
        pytest.param("bytes=\u0660-5", id="one of them, in front"),
        pytest.param("bytes=0-\uff15", id="full-width digits"),
        pytest.param("bytes=\u00b2-\u00b3", id="superscripts, which isdigit() would pass"),
        pytest.param("bytes =0-5", id="space before the sign"),
        pytest.param("items=0-5", id="another unit"),
        pytest.param("items=" + "0-5," * 5000, id="another unit, however long"),
        pytest.param("0-5", id="no unit"),
    ],
)
def test_what_cannot_be_read_is_ignored(header):
    assert parse(header, size=100) is None


@pytest.mark.parametrize(
    ("header", "size"),
    [
        pytest.param("bytes=100-", 100, id="starts just past the end"),
        pytest.param("bytes=100-100", 100, id="one byte, just past the end"),
        pytest.param("bytes=200-300", 100, id="far past the end"),
        pytest.param(f"bytes={10**30}-", 100, id="thirty digits"),
        pytest.param("bytes=-0", 100, id="a suffix of nothing"),
        pytest.param("bytes=200-,-0,300-400", 100, id="several, none of them inside"),
        pytest.param("bytes=0-", 0, id="an empty file has no first byte"),
        pytest.param("bytes=0-0", 0, id="an empty file has not one byte"),
        pytest.param("bytes=-1", 0, id="an empty file has no last byte"),
        pytest.param("bytes=-0", 0, id="nothing of nothing"),
        pytest.param("bytes=" + "0-0," * (MAX_RANGES + 1), 100, id="one range too many"),
        pytest.param("bytes=" + "0-0," * 100_000, 100, id="a header that was made to cost"),
        pytest.param("bytes=0-" + "9" * MAX_HEADER, 100, id="a number longer than a header"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_tells_the_size(header, size):
    with pytest.raises(Unsatisfiable) as refusal:
        parse(header, size)
    assert refusal.value.size == size
    assert refusal.value.content_range == f"bytes */{size}"


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("bytes=" + " " * 4000 + "x", id="spaces"),
        pytest.param("bytes=" + "," * 4000 + "x", id="commas"),
        pytest.param("bytes=" + "1" * 4000 + "x", id="digits"),
        pytest.param("bytes=" + "-" * 4000, id="dashes"),
        pytest.param("bytes=" + " ," * 2000 + "x", id="spaces and commas"),
        pytest.param("x" * 1_000_000, id="a megabyte of nothing"),
    ],
)
def test_no_header_takes_long_to_read(header):
    begun = time.process_time()
    assert parse(header, size=100) is None
    assert time.process_time() - begun < 0.05


def test_a_window_counts_its_end_out_and_http_counts_it_in():
    window = Window(10, 20)
    assert window.length == 10
    assert window.content_range(100) == "bytes 10-19/100"


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        pytest.param(4, Window(10, 14), id="less than it holds"),
        pytest.param(10, Window(10, 20), id="just what it holds"),
        pytest.param(50, Window(10, 20), id="more than it holds"),
    ],
)
def test_a_capped_window_keeps_its_start(limit, expected):
    assert Window(10, 20).capped(limit) == expected


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (5, 4)])
def test_a_window_cannot_end_before_it_begins(start, stop):
    with pytest.raises(ValueError, match="No window"):
        Window(start, stop)


def test_an_empty_window_has_no_content_range():
    with pytest.raises(ValueError, match="no words"):
        Window(0, 0).content_range(0)


likely = st.text("0123456789-, \t=bytesBYTES\u0663", max_size=40)


@given(header=st.one_of(st.text(), likely, likely.map("bytes={}".format)), size=st.integers(0, 200))
@example(header="bytes=" + "9" * 4080 + "-", size=0)
def test_any_header_gives_windows_inside_the_body_or_nothing(header, size):
    try:
        found = parse(header, size)
    except Unsatisfiable:
        return
    if found is not None:
        assert 0 < len(found) <= MAX_RANGES
        assert all(0 <= window.start < window.stop <= size for window in found)
        assert len(found) == 1 or sum(window.length for window in found) <= size


number = st.one_of(st.integers(0, 30), st.integers(0, 10**30))
ows = st.text(" \t", max_size=2)


@st.composite
def asked(draw):
    """A set of ranges as a client means it: positions, and the text that says so."""
    ranges = draw(
        st.lists(
            st.one_of(
                st.tuples(number, number).map(sorted),
                st.tuples(number, st.none()),
                st.tuples(st.none(), number),
            ),
            min_size=1,
            max_size=5,
        )
    )
    texts = ["-".join("" if end is None else str(end) for end in ends) for ends in ranges]
    for _ in range(draw(st.integers(0, 2))):
        texts.insert(draw(st.integers(0, len(texts))), "")
    return ranges, "bytes=" + ",".join(draw(ows) + text + draw(ows) for text in texts)


def bytes_meant(first: int | None, last: int | None, size: int) -> list[int]:
    """The RFC's words, byte by byte."""
    if first is None:
        return [at for at in range(size) if size - at <= last]
    return [at for at in range(size) if first <= at and (last is None or at <= last)]


@given(asked=asked(), size=st.integers(0, 30))
def test_a_set_means_the_bytes_the_rfc_says_it_means(asked, size):
    ranges, header = asked
    meant = [found for ends in ranges if (found := bytes_meant(*ends, size))]
    try:
        answer = parse(header, size)
    except Unsatisfiable:
        assert not meant
    else:
        if answer is None:
            assert len(meant) > 1
            assert sum(map(len, meant)) > size
        else:
            assert [list(range(window.start, window.stop)) for window in answer] == meant


@given(start=st.integers(0, 50), length=st.integers(1, 50), rest=st.integers(0, 50))
def test_a_content_range_asks_for_the_window_it_describes(start, length, rest):
    window, size = Window(start, start + length), start + length + rest
    header = window.content_range(size).partition("/")[0].replace(" ", "=")
    assert parse(header, size) == [window]
