from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.http.ranges import Window
from streaming.reading.spans import Extent, Span, cut

# A film of 25 bytes in three pieces, the last one shorter.
PIECES = [Extent(0, 10), Extent(10, 10), Extent(20, 5)]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        pytest.param((0, 25), [(0, 0, 10), (1, 0, 10), (2, 0, 5)], id="the whole film"),
        pytest.param((2, 7), [(0, 2, 7)], id="inside one piece"),
        pytest.param((0, 10), [(0, 0, 10)], id="just one piece: nothing of the next"),
        pytest.param((10, 20), [(1, 0, 10)], id="just the second: nothing of the first"),
        pytest.param((9, 11), [(0, 9, 10), (1, 0, 1)], id="a byte on each side of a seam"),
        pytest.param((9, 10), [(0, 9, 10)], id="the byte before a seam"),
        pytest.param((10, 11), [(1, 0, 1)], id="the byte after a seam"),
        pytest.param((5, 22), [(0, 5, 10), (1, 0, 10), (2, 0, 2)], id="over a whole piece"),
        pytest.param((24, 25), [(2, 4, 5)], id="the last byte of the film"),
        pytest.param((10, 10), [], id="no bytes, no spans"),
        pytest.param((25, 25), [], id="no bytes at the very end"),
    ],
)
def test_a_window_is_cut_at_the_seams(window, expected):
    assert list(cut(Window(*window), PIECES)) == [Span(*span) for span in expected]


def test_a_film_without_bytes_has_one_window_and_no_spans():
    assert list(cut(Window(0, 0), [])) == []


@pytest.mark.parametrize(
    ("window", "pieces"),
    [
        pytest.param((20, 26), PIECES, id="one byte past the last piece"),
        pytest.param((30, 40), PIECES, id="far past the last piece"),
        pytest.param((0, 1), [], id="no pieces"),
        pytest.param((5, 15), PIECES[1:], id="before the first piece"),
    ],
)
def test_a_window_outside_the_pieces_is_an_error_before_the_first_span(window, pieces):
    with pytest.raises(ValueError, match="not inside the pieces"):
        cut(Window(*window), pieces)


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([Extent(0, 10), Extent(11, 10)], id="a hole between two pieces"),
        pytest.param([Extent(0, 10), Extent(10, 0), Extent(10, 10)], id="an empty piece"),
    ],
)
def test_pieces_that_do_not_join_never_give_wrong_bytes(pieces):
    spans = cut(Window(5, 20), pieces)
    assert next(spans) == Span(0, 5, 10)
    with pytest.raises(ValueError, match="does not hold byte"):
        next(spans)


def test_only_a_few_pieces_of_a_long_film_are_looked_at():
    class Watched(Sequence):
        looks = 0

        def __len__(self):
            return 1_000_000

        def __getitem__(self, index):
            Watched.looks += 1
            return Extent(range(len(self))[index] * 127, 127)

    assert list(cut(Window(127 * 900_000, 127 * 900_001 + 1), Watched())) == [
        Span(900_000, 0, 127),
        Span(900_001, 0, 1),
    ]
    assert Watched.looks < 30


@given(data=st.data(), parts=st.lists(st.binary(min_size=1, max_size=20), min_size=1))
def test_the_spans_joined_are_the_slice(data, parts):
    film = b"".join(parts)
    pieces, offset = [], 0
    for part in parts:
        pieces.append(Extent(offset, len(part)))
        offset += len(part)
    start = data.draw(st.integers(0, len(film)))
    stop = data.draw(st.integers(start, len(film)))

    spans = list(cut(Window(start, stop), pieces))

    assert b"".join(parts[piece][begin:end] for piece, begin, end in spans) == film[start:stop]
    assert sum(span.length for span in spans) == stop - start
    assert all(0 <= span.start < span.stop <= pieces[span.piece].size for span in spans)
    assert [span.piece for span in spans] == sorted({span.piece for span in spans})
