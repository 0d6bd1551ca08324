"""A hash does not depend on how its bytes arrive, nor on how often it was put away."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filmedia.filecoin import kernels, tree
from filmedia.filecoin.errors import InvalidHashState, PieceError
from filmedia.filecoin.piece import BLOCK_LEVEL, BLOCK_SIZE, FilmHasher, PieceHasher, block_root

quickly = settings(deadline=None, max_examples=40)
names = st.sampled_from(kernels.available())
compiled = st.sampled_from(kernels.available()[:-1] or ("pure",))


def noise(size: int, seed: str = "") -> bytes:
    return hashlib.shake_128(b"noise" + seed.encode()).digest(size)


NOISE = noise(3 * BLOCK_SIZE + 1000)


def hashed(data: bytes) -> PieceHasher:
    hasher = PieceHasher()
    hasher.update(data)
    return hasher


@st.composite
def portions(draw, longest: int = 40_000) -> list[bytes]:
    data = NOISE[: draw(st.integers(0, longest))]
    cuts = draw(st.lists(st.integers(0, len(data)), max_size=8).map(sorted))
    return [data[start:stop] for start, stop in pairwise([0, *cuts, len(data)])]


@quickly
@given(portions())
def test_portions_of_any_size_make_the_same_piece(parts):
    hasher = PieceHasher()
    for part in parts:
        hasher.update(part)
    assert hasher.finish() == hashed(b"".join(parts)).finish()
    assert hasher.size == sum(map(len, parts))


@quickly
@given(portions(), st.data())
def test_a_piece_put_away_and_taken_up_by_any_kernel_is_the_same(parts, data):
    hasher = PieceHasher(kernels.choose(data.draw(names)))
    for part in parts:
        hasher = PieceHasher.restore(hasher.save(), kernels.choose(data.draw(names)))
        hasher.update(part)
    assert hasher.finish() == hashed(b"".join(parts)).finish()


@quickly
@given(portions(longest=6_000), st.data())
def test_a_film_put_away_and_taken_up_by_any_kernel_is_the_same(parts, data):
    film = FilmHasher(kernels.choose(data.draw(names)))
    for part in parts:
        film = FilmHasher.restore(film.save(), kernel=kernels.choose(data.draw(names)))
        film.update(part)
    whole = b"".join(parts)
    assert film.size == len(whole)
    assert film.sha256() == hashlib.sha256(whole).hexdigest()
    assert film.piece_cid() == hashed(whole).finish()


@quickly
@given(portions(longest=len(NOISE)), compiled)
def test_both_hashes_of_a_long_film_are_right_at_every_stop(parts, name):
    film, seen = FilmHasher(kernels.choose(name)), b""
    for part in parts:
        film.update(part)
        seen += part
    assert film.sha256() == hashlib.sha256(seen).hexdigest()
    assert film.piece_cid() == hashed(seen).finish()
    assert film.tail() == hashed(seen).tail()


@quickly
@given(st.integers(0, 3000), st.integers(0, 3000))
def test_asking_for_the_name_does_not_end_the_hash(first, second):
    hasher, film = PieceHasher(), FilmHasher()
    for portion in (NOISE[:first], NOISE[first : first + second]):
        hasher.update(portion)
        film.update(portion)
        assert hasher.finish() == film.piece_cid() == hasher.finish()
        assert film.sha256() == film.sha256()
    assert hasher.finish() == hashed(NOISE[: first + second]).finish()


@quickly
@given(st.integers(0, 3000), st.binary(max_size=300), st.binary(max_size=300))
def test_a_copy_goes_its_own_way(size, here, there):
    hasher = hashed(NOISE[:size])
    twin = hasher.copy()
    hasher.update(here)
    twin.update(there)
    assert hasher.finish() == hashed(NOISE[:size] + here).finish()
    assert twin.finish() == hashed(NOISE[:size] + there).finish()


def test_a_copy_has_block_roots_of_its_own():
    hasher = hashed(NOISE[:BLOCK_SIZE])
    twin = hasher.copy()
    assert hasher.take_block_roots() == twin.take_block_roots() == block_root(NOISE[:BLOCK_SIZE])


# --- Subtrees that were hashed elsewhere ---------------------------------------------


@quickly
@given(st.data())
def test_subtrees_hashed_elsewhere_make_the_same_piece(data):
    hasher, size = PieceHasher(), 0
    while size < 60_000 and data.draw(st.booleans()):
        fitting = [j for j in range(8) if size % (127 << j) == 0]
        chunk = NOISE[size : size + (127 << data.draw(st.sampled_from(fitting)))]
        if data.draw(st.booleans()):
            own = hashed(chunk).finish()
            hasher.push_subtree(own.root, own.height)
        else:
            hasher.update(chunk)
        size += len(chunk)
    hasher.update(NOISE[size : size + 50])
    assert hasher.finish() == hashed(NOISE[: size + 50]).finish()


def test_blocks_hashed_elsewhere_are_among_the_block_roots():
    hasher, half = PieceHasher(), BLOCK_SIZE // 2
    hasher.push_subtree(block_root(NOISE[:BLOCK_SIZE]), BLOCK_LEVEL)
    for start in (BLOCK_SIZE, BLOCK_SIZE + half):
        hasher.push_subtree(hashed(NOISE[start : start + half]).finish().root, BLOCK_LEVEL - 1)
    hasher.update(NOISE[2 * BLOCK_SIZE :])
    assert hasher.take_block_roots() == hashed(NOISE).take_block_roots()
    assert hasher.finish() == hashed(NOISE).finish()


def test_a_subtree_above_a_block_hides_the_roots_of_its_blocks():
    hasher = PieceHasher()
    hasher.push_subtree(hashed(NOISE[: 2 * BLOCK_SIZE]).finish().root, BLOCK_LEVEL + 1)
    hasher.update(NOISE[2 * BLOCK_SIZE :])
    assert hasher.finish() == hashed(NOISE).finish()
    with pytest.raises(PieceError, match="larger than a block"):
        hasher.take_block_roots()


@pytest.mark.parametrize(
    ("before", "level"),
    [
        pytest.param(b"1", 2, id="in the middle of a quad"),
        pytest.param(bytes(127), 3, id="not at a multiple of its own size"),
        pytest.param(b"", 1, id="smaller than a quad"),
        pytest.param(b"", 64, id="larger than anything"),
    ],
)
def test_a_subtree_that_cannot_be_there_is_refused(before, level):
    hasher = hashed(before)
    with pytest.raises(PieceError):
        hasher.push_subtree(bytes(32), level)
    assert hasher.finish() == hashed(before).finish()


def test_a_root_of_another_length_is_refused():
    with pytest.raises(PieceError):
        PieceHasher().push_subtree(bytes(31), 2)


# --- Block roots while bytes arrive --------------------------------------------------


@quickly
@given(portions(longest=len(NOISE)), compiled)
def test_each_block_gives_its_root_once(parts, name):
    hasher, roots = PieceHasher(kernels.choose(name)), b""
    for part in parts:
        hasher.update(part)
        roots += hasher.take_block_roots()
        hasher = PieceHasher.restore(hasher.save(), kernels.choose(name))
    size = hasher.size
    whole = range(0, size - size % BLOCK_SIZE, BLOCK_SIZE)
    assert roots == b"".join(block_root(NOISE[at : at + BLOCK_SIZE]) for at in whole)
    assert hasher.take_block_roots() == b""


@pytest.mark.parametrize("size", [0, 1, 126, 127, 128, 5000, BLOCK_SIZE - 1])
@pytest.mark.parametrize("blocks", [0, 1, 2])
def test_the_tail_is_the_piece_after_the_last_whole_block(blocks, size):
    start = blocks * BLOCK_SIZE
    film = FilmHasher()
    film.update(NOISE[: start + size])
    expected = hashed(NOISE[start : start + size]).finish() if size else None
    assert film.tail() == hashed(NOISE[: start + size]).tail() == expected


# --- The saved state -----------------------------------------------------------------


def worst(size: int) -> PieceHasher:
    """A hasher with a node at every level that `size` bytes can have, and an unfinished end."""
    hasher = PieceHasher()
    for level in range(tree.height_of(size) - 1, 1, -1):
        hasher.push_subtree(tree.zero_root(level), level)
    hasher.update(bytes(126))
    return hasher


def test_a_state_is_small_however_long_the_piece():
    assert len(worst(127 << 27).save()) < 1024
    assert len(worst(127 << 43).save()) == 1516  # 2**50 bytes have no more nodes on the way


def test_a_state_of_any_height_is_taken_up_again():
    hasher = worst(2**50)
    assert hasher.size > 2**49
    again = PieceHasher.restore(hasher.save())
    assert again.finish() == hasher.finish()
    assert again.finish().root == tree.zero_root(again.finish().height)


def test_a_film_of_any_length_is_put_away_in_a_kilobyte():
    film = FilmHasher()
    film._piece = worst(2**50)
    assert len(film.save()) <= 620


@quickly
@given(st.integers(0, len(NOISE)), st.data())
def test_a_long_film_is_taken_up_with_the_roots_of_its_blocks(size, data):
    film = FilmHasher(kernels.choose(data.draw(compiled)))
    film.update(NOISE[:size])
    roots = film.take_block_roots()
    again = FilmHasher.restore(film.save(), roots, kernels.choose(data.draw(compiled)))
    again.update(NOISE[size:])
    assert again.piece_cid() == hashed(NOISE).finish()
    assert again.sha256() == hashlib.sha256(NOISE).hexdigest()
    assert roots + again.take_block_roots() == hashed(NOISE).take_block_roots()


@pytest.mark.parametrize("roots", [b"", bytes(32), bytes(64), bytes(96)])
def test_a_film_is_not_taken_up_with_roots_of_other_blocks(roots):
    film = FilmHasher()
    film.update(NOISE[: 2 * BLOCK_SIZE + 5])
    with pytest.raises(InvalidHashState, match="block"):
        FilmHasher.restore(film.save(), roots)


SAVED_PIECE, SAVED_FILM = hashed(NOISE[:5000]).save(), FilmHasher().save()


@pytest.mark.parametrize(
    "saved",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"P\x01", id="the beginning of one"),
        pytest.param(SAVED_PIECE[:-1], id="the end missing"),
        pytest.param(SAVED_PIECE + b"\0", id="something behind it"),
        pytest.param(SAVED_FILM, id="the state of another kind"),
        pytest.param(b"not a state of a hasher at all", id="anything else"),
    ],
)
def test_what_is_no_state_of_ours_is_refused(saved):
    with pytest.raises(InvalidHashState):
        PieceHasher.restore(saved)


def test_the_state_of_a_piece_is_no_state_of_a_film():
    with pytest.raises(InvalidHashState, match="another kind"):
        FilmHasher.restore(SAVED_PIECE)


@quickly
@given(st.sampled_from([SAVED_PIECE, SAVED_FILM]), st.data())
def test_a_state_with_a_changed_bit_is_refused(saved, data):
    bit = data.draw(st.integers(0, 8 * len(saved) - 1))
    changed = bytearray(saved)
    changed[bit // 8] ^= 1 << bit % 8
    for kind in (PieceHasher, FilmHasher):
        with pytest.raises(InvalidHashState):
            kind.restore(bytes(changed) if kind is PieceHasher or saved is SAVED_FILM else b"")


@pytest.mark.parametrize("kind", [PieceHasher, FilmHasher])
def test_a_state_whose_length_does_not_fit_its_size_is_refused(kind):
    from filmedia.filecoin.hashing import _sealed

    letter = kind().save()[:2]
    for size, body in ((0, b"12"), (127, b""), (2**64 - 1, bytes(900)), (5, bytes(31))):
        with pytest.raises(InvalidHashState, match=r"length|whole block"):
            kind.restore(_sealed(letter, size, body))


def test_a_state_of_the_first_version_is_still_read():
    # What format 1 looks like, so that a change to it cannot go unseen.
    hasher = hashed(bytes(range(127)) + b"rest")
    root = tree.quad_root(bytes(range(127)))
    saved = hasher.save()
    assert saved[:-4] == b"P\x01" + (131).to_bytes(8, "big") + root + b"rest"
    film = FilmHasher()
    film.update(b"rest")
    assert film.save()[:10] == b"F\x01" + (4).to_bytes(8, "big")
    assert film.save()[-8:-4] == b"rest"
