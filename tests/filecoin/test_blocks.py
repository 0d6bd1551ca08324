"""What block roots promise: any block alone, all pieces, the whole film, without its bytes."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filmedia.filecoin import tree
from filmedia.filecoin.errors import PieceError
from filmedia.filecoin.piece import (
    BLOCK_LEVEL,
    BLOCK_SIZE,
    MAX_PIECE_SIZE,
    MIN_PIECE_SIZE,
    FilmHasher,
    PieceCid,
    block_root,
    block_roots_match,
    complete_block_roots,
    film_cid,
    piece_cid,
    piece_cids,
)

NOISE = hashlib.shake_128(b"film").digest(7 * BLOCK_SIZE)

quickly = settings(deadline=None, max_examples=40)

# Sizes near the ends of blocks and pieces, where the rules are.
sizes = st.builds(
    lambda blocks, more: min(max(blocks * BLOCK_SIZE + more, 1), len(NOISE)),
    st.integers(0, 6),
    st.integers(-200, 200) | st.integers(0, BLOCK_SIZE),
)
piece_sizes = st.sampled_from([BLOCK_SIZE, 2 * BLOCK_SIZE, 4 * BLOCK_SIZE, 127 << 21])


def received(size: int) -> tuple[bytes, PieceCid | None, PieceCid]:
    """Block roots, tail and CID of a film, as receiving it gives them."""
    film = FilmHasher()
    film.update(NOISE[:size])
    roots = complete_block_roots(film.take_block_roots(), film.tail())
    return roots, film.tail(), film.piece_cid()


def as_stored(piece: bytes) -> bytes:
    return piece.ljust(MIN_PIECE_SIZE, b"\0")


def test_the_smallest_and_the_largest_piece_are_those_of_the_protocol():
    assert (MIN_PIECE_SIZE, MAX_PIECE_SIZE) == (127, 1_065_353_216)
    assert BLOCK_SIZE == 1_040_384 == tree.capacity(BLOCK_LEVEL)


@quickly
@given(sizes)
def test_each_block_read_back_can_be_checked_alone(size):
    roots, _, cid = received(size)
    assert len(roots) == 32 * -(-size // BLOCK_SIZE)
    for index, start in enumerate(range(0, size, BLOCK_SIZE)):
        block = NOISE[start : min(start + BLOCK_SIZE, size)]
        assert block_root(block) == roots[32 * index : 32 * index + 32]
    assert block_roots_match(roots, cid)


@quickly
@given(sizes, st.data())
def test_roots_that_were_changed_do_not_match(size, data):
    roots, _, cid = received(size)
    bit = data.draw(st.integers(0, 8 * len(roots) - 1))
    changed = bytearray(roots)
    changed[bit // 8] ^= 1 << bit % 8
    assert not block_roots_match(bytes(changed), cid)
    assert not block_roots_match(roots[:-32], cid)
    assert not block_roots_match(roots[:-1], cid)
    assert not block_roots_match(roots + tree.zero_root(BLOCK_LEVEL), cid)


def test_a_film_without_bytes_has_no_block_roots():
    roots, tail, cid = received(0)
    assert (roots, tail) == (b"", None)
    assert block_roots_match(b"", cid)
    assert not block_roots_match(b"", PieceCid(bytes([1] * 32), 0))
    assert piece_cids(b"", None, 0, BLOCK_SIZE) == []


def test_a_block_has_no_more_bytes_than_a_block():
    assert block_root(b"") == tree.zero_root(BLOCK_LEVEL)
    with pytest.raises(PieceError):
        block_root(NOISE[: BLOCK_SIZE + 1])


@quickly
@given(sizes, piece_sizes)
def test_the_pieces_of_a_film_are_named_without_reading_it(size, piece_size):
    roots, tail, cid = received(size)
    pieces = [NOISE[at : min(at + piece_size, size)] for at in range(0, size, piece_size)]
    cids = piece_cids(roots, tail, size, piece_size)
    assert [str(each) for each in cids] == [piece_cid(as_stored(piece)) for piece in pieces]
    assert film_cid(cids, size) == cid
    if size % piece_size >= MIN_PIECE_SIZE or size % piece_size == 0:
        assert film_cid(cids) == cid


@pytest.mark.parametrize("more", [1, 126, 127, 128, 300])
def test_a_last_piece_is_as_long_as_providers_take_it(more):
    size = 2 * BLOCK_SIZE + more
    roots, tail, cid = received(size)
    *_, last = piece_cids(roots, tail, size, BLOCK_SIZE)
    assert last.size == max(more, 127)
    assert str(last) == piece_cid(as_stored(NOISE[2 * BLOCK_SIZE : size]))
    assert film_cid(piece_cids(roots, tail, size, BLOCK_SIZE), size) == cid


@pytest.mark.parametrize("size", [1, 126, 127, 128, 5000])
def test_a_film_of_one_piece_has_the_name_of_that_piece(size):
    roots, tail, cid = received(size)
    [piece] = piece_cids(roots, tail, size, 127 << 21)
    assert piece.root == cid.root
    assert film_cid([piece], size) == cid == PieceCid.parse(piece_cid(NOISE[:size]))


def test_pieces_smaller_than_a_block_make_a_film_too():
    pieces = [
        PieceCid.parse(piece_cid(NOISE[at : min(at + 254, 1000)])) for at in range(0, 1000, 254)
    ]
    assert str(film_cid(pieces)) == piece_cid(NOISE[:1000])


ROOTS, TAIL, _ = received(2 * BLOCK_SIZE + 500)


@pytest.mark.parametrize(
    ("roots", "tail", "size", "piece_size"),
    [
        pytest.param(ROOTS, TAIL, 2 * BLOCK_SIZE + 500, BLOCK_SIZE // 2, id="under a block"),
        pytest.param(ROOTS, TAIL, 2 * BLOCK_SIZE + 500, 3 * BLOCK_SIZE, id="not a whole tree"),
        pytest.param(ROOTS, TAIL, 2 * BLOCK_SIZE + 500, 2**20, id="a power of two"),
        pytest.param(ROOTS, TAIL, 2 * BLOCK_SIZE + 500, 0, id="no size"),
        pytest.param(ROOTS[32:], TAIL, 2 * BLOCK_SIZE + 500, BLOCK_SIZE, id="a root missing"),
        pytest.param(ROOTS[:-32], TAIL, 2 * BLOCK_SIZE + 500, BLOCK_SIZE, id="the last missing"),
        pytest.param(ROOTS, None, 2 * BLOCK_SIZE + 500, BLOCK_SIZE, id="no tail"),
        pytest.param(ROOTS, TAIL, 2 * BLOCK_SIZE + 501, BLOCK_SIZE, id="another size"),
        pytest.param(
            ROOTS[:64] + bytes(32), TAIL, 2 * BLOCK_SIZE + 500, BLOCK_SIZE, id="another last root"
        ),
    ],
)
def test_pieces_are_not_named_from_what_does_not_fit(roots, tail, size, piece_size):
    with pytest.raises(PieceError):
        piece_cids(roots, tail, size, piece_size)


def piece(size: int) -> PieceCid:
    return PieceCid(bytes(32), size)


@pytest.mark.parametrize(
    ("pieces", "size"),
    [
        pytest.param([], None, id="no pieces"),
        pytest.param([piece(254), piece(127), piece(254)], None, id="a short one in the middle"),
        pytest.param([piece(127), piece(254)], None, id="a last one that is larger"),
        pytest.param([piece(200), piece(200)], None, id="pieces that are not whole trees"),
        pytest.param([piece(127), piece(127)], 255, id="a film longer than its pieces"),
        pytest.param([piece(254), piece(254)], 500, id="a film shorter than its pieces"),
        pytest.param([piece(254), piece(127)], 254, id="a last piece with no byte of the film"),
    ],
)
def test_no_film_is_made_of_pieces_that_do_not_fit(pieces, size):
    with pytest.raises(PieceError):
        film_cid(pieces, size)


def test_the_films_own_size_tells_two_films_with_the_same_pieces_apart():
    pieces = [PieceCid.parse(piece_cid(NOISE[:127])), PieceCid.parse(piece_cid(as_stored(b"end")))]
    assert str(film_cid(pieces, 130)) == piece_cid(NOISE[:127] + b"end")
    assert str(film_cid(pieces)) == piece_cid(NOISE[:127] + as_stored(b"end"))
