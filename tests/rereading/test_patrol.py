"""The patrol goes round this machine's films, and what it finds is mended or told."""

import pytest

from library import places
from library.models import Step
from library.rereading import patrol
from tests.making import SMALL_PIECES, stored_video
from tests.rereading.test_films import BYTES, flip

pytestmark = pytest.mark.django_db


def test_every_film_has_its_turn_before_one_has_it_again(alice):
    films = {stored_video(alice, BYTES[:size]).pk for size in (1000, 2000, 3000)}
    seen = [patrol.look_at_one().pk for _ in range(6)]
    assert set(seen[:3]) == set(seen[3:]) == films
    assert seen[:3] == seen[3:]


def test_a_damaged_block_has_the_film_verified_anew(alice):
    video = stored_video(alice, BYTES, piece_size=2 * SMALL_PIECES)
    assert patrol.look_at_one() == video
    assert video.steps.get(kind=Step.Kind.VERIFY).state == Step.State.DONE
    # Few enough blocks that a sample is all of them.
    flip(video, 1, 5)
    patrol.look_at_one()
    assert video.steps.get(kind=Step.Kind.VERIFY).state == Step.State.WAITING


def test_a_piece_that_the_disk_does_not_give_back_is_told_of_and_verified_anew(alice, caplog):
    video = stored_video(alice, BYTES, piece_size=2 * SMALL_PIECES)
    shelved = places.shelved_piece(video.pieces.get(index=1).piece_cid)
    shelved.unlink()
    # Reading at its beginning gives EIO, as a bad sector does.
    shelved.symlink_to("/proc/self/mem")
    patrol.look_at_one()
    assert "does not give it back" in caplog.text
    assert video.steps.get(kind=Step.Kind.VERIFY).state == Step.State.WAITING


def test_with_no_film_there_is_nothing_to_look_at():
    assert patrol.look_at_one() is None
