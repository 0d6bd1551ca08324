import pytest

from library import places
from library.storing.errors import StagedBytesMissing
from library.storing.original import Original
from tests.making import SMALL_PIECES, received_video, stored_video

pytestmark = pytest.mark.django_db
DATA = bytes(i * 7 % 251 for i in range(SMALL_PIECES * 2 + 50))


@pytest.mark.parametrize("make", [received_video, stored_video])
@pytest.mark.parametrize(
    ("position", "length"),
    [
        pytest.param(0, 10, id="the beginning"),
        pytest.param(SMALL_PIECES - 5, 10, id="across a border"),
        pytest.param(SMALL_PIECES - 5, SMALL_PIECES + 20, id="across two borders"),
        pytest.param(0, len(DATA), id="everything"),
        pytest.param(len(DATA) - 5, 500, id="past the end"),
        pytest.param(len(DATA), 5, id="at the end"),
        pytest.param(len(DATA) + 10, 5, id="behind the end, among the zeros of a short piece"),
        pytest.param(len(DATA) * 9, 5, id="far behind the end"),
        pytest.param(7, 0, id="nothing"),
    ],
)
def test_the_films_bytes_come_from_wherever_they_lie(alice, make, position, length):
    video = make(alice, DATA, piece_size=SMALL_PIECES)
    with Original(video) as original:
        assert original.read(position, length) == DATA[position : position + length]


def test_an_empty_film_has_no_bytes(alice):
    with Original(received_video(alice, b"")) as original:
        assert original.read(0, 10) == b""


def test_a_piece_that_is_nowhere_is_said_to_be(alice):
    video = received_video(alice)
    places.staged_piece(video.staging, 0).unlink()
    with Original(video) as original, pytest.raises(StagedBytesMissing):
        original.read(0, 1)


def test_a_piece_that_was_cut_short_is_not_filled_up_with_the_next(alice):
    video = received_video(alice, DATA, piece_size=SMALL_PIECES)
    path = places.staged_piece(video.staging, 0)
    path.write_bytes(path.read_bytes()[:-7])
    with Original(video) as original:
        assert original.read(0, 10) == DATA[:10]
        with pytest.raises(StagedBytesMissing):
            original.read(SMALL_PIECES - 10, 20)
