"""Blocks of a film that are verified before anybody gets them."""

import pytest

from filmedia.filecoin.piece import BLOCK_SIZE
from library import places
from streaming.doors.bodies import layout
from streaming.errors import BytesUnavailable, WrongBytes
from streaming.reading.blocks import BlockReader, roots_of
from tests.making import SMALL_PIECES, as_stored, received_video, stored_video
from tests.streaming.conftest import flip, known_bytes

pytestmark = pytest.mark.django_db

# Two pieces of two blocks each, and one of less than a block.
PIECE = 2 * SMALL_PIECES
FILM = known_bytes(2 * PIECE + 1000)


@pytest.fixture
def film(alice):
    return stored_video(alice, FILM, piece_size=PIECE)


@pytest.fixture
def staged(alice):
    return received_video(alice, FILM, piece_size=PIECE)


def shelved(video, index):
    return places.shelved_piece(video.pieces.get(index=index).piece_cid)


def blocks_of(video):
    where = layout(video)
    return BlockReader(where, video.size, roots_of(video, where))


def shelve_too(video):
    """The same pieces on the shelf, as files of their own."""
    for piece in video.pieces.all():
        path = shelved(video, piece.index)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(places.staged_piece(video.staging, piece.index).read_bytes())


@pytest.mark.parametrize("make", [received_video, stored_video])
@pytest.mark.parametrize("size", [0, 1, 126, 127, BLOCK_SIZE, BLOCK_SIZE + 1, len(FILM)])
def test_the_blocks_joined_are_the_stored_film(alice, make, size):
    video = make(alice, FILM[:size], piece_size=PIECE)
    with blocks_of(video) as blocks:
        assert b"".join(blocks.read(index) for index in range(len(blocks))) == as_stored(
            video, FILM[:size]
        )


def test_a_wrong_block_is_named_and_not_given(film):
    flip(shelved(film, 1), BLOCK_SIZE + 5)
    with blocks_of(film) as blocks:
        assert blocks.read(2) == as_stored(film, FILM)[2 * BLOCK_SIZE : 3 * BLOCK_SIZE]
        with pytest.raises(
            WrongBytes, match=r"Block 1 of piece 1 \(bafk.*\) is wrong on the shelf"
        ):
            blocks.read(3)
        assert blocks.read(4) == as_stored(film, FILM)[4 * BLOCK_SIZE :]


def test_a_wrong_block_comes_from_the_next_place_where_it_is_right(staged):
    shelve_too(staged)
    flip(places.staged_piece(staged.staging, 0), BLOCK_SIZE)
    with blocks_of(staged) as blocks:
        assert blocks.read(1) == as_stored(staged, FILM)[BLOCK_SIZE : 2 * BLOCK_SIZE]


def test_every_place_that_is_wrong_is_named(staged):
    shelve_too(staged)
    flip(places.staged_piece(staged.staging, 0), 0)
    flip(shelved(staged, 0), 0)
    with (
        blocks_of(staged) as blocks,
        pytest.raises(WrongBytes, match="wrong in staging and on the shelf"),
    ):
        blocks.read(0)


def test_a_block_that_is_nowhere_is_not_a_wrong_one(film):
    shelved(film, 0).unlink()
    with blocks_of(film) as blocks, pytest.raises(BytesUnavailable):
        blocks.read(0)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.unlink(), id="lost"),
        pytest.param(lambda path: flip(path, 33), id="damaged"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:-32]), id="cut off"),
    ],
)
def test_roots_that_are_not_the_films_are_found_anew(film, damage):
    right = places.roots(film.pk).read_bytes()
    damage(places.roots(film.pk))
    assert roots_of(film, layout(film)) == right


def test_without_roots_a_wrong_piece_is_named(film):
    places.roots(film.pk).unlink()
    flip(shelved(film, 1), 5)
    with pytest.raises(WrongBytes, match=r"Piece 1 \(bafk.*\) is wrong on the shelf"):
        roots_of(film, layout(film))


def test_without_roots_the_next_place_may_have_the_piece(staged):
    shelve_too(staged)
    places.staged_roots(staged.staging).unlink()
    flip(places.staged_piece(staged.staging, 1), 7)
    assert len(roots_of(staged, layout(staged))) == 5 * 32
