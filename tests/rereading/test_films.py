"""A look at a stored film finds what is not as it was, and says where."""

import hashlib

import pytest
from django.core.management import CommandError, call_command

from filmedia.filecoin.piece import BLOCK_SIZE
from library import places
from library.models import Copy, Step, Video
from library.rereading import films, noting
from tests.making import SMALL_PIECES, stored_video

pytestmark = pytest.mark.django_db
BYTES = hashlib.shake_256(b"reread").digest(5 * BLOCK_SIZE + 12_345)


@pytest.fixture
def video(alice):
    """Three pieces of two blocks each, the last one short."""
    return stored_video(alice, BYTES, piece_size=2 * SMALL_PIECES)


def shelved(video, index):
    return places.shelved_piece(video.pieces.get(index=index).piece_cid)


def flip(video, index, position):
    with shelved(video, index).open("r+b") as file:
        file.seek(position)
        byte = file.read(1)[0]
        file.seek(position)
        file.write(bytes([byte ^ 1]))


@pytest.mark.parametrize("stored_open", [False, True], ids=["encrypted", "open"])
@pytest.mark.parametrize("size", [10, 127, BLOCK_SIZE, len(BYTES)])
def test_a_film_as_it_was_stored_is_right_to_its_last_byte(alice, size, stored_open):
    video = stored_video(alice, BYTES[:size], piece_size=2 * SMALL_PIECES, stored_open=stored_open)
    report = films.look(video)
    assert report.is_right, (report.faults, report.unread)
    assert report.read == films.size_of(video) >= size
    assert report.left_out == []


@pytest.mark.parametrize(
    ("index", "position", "block"),
    [(0, 0, 0), (1, BLOCK_SIZE - 1, 0), (1, BLOCK_SIZE, 1), (2, BLOCK_SIZE + 12_344, 1)],
)
def test_one_flipped_bit_is_told_by_its_piece_and_block(video, index, position, block):
    flip(video, index, position)
    [fault] = films.look(video).faults
    assert (fault.piece, fault.block) == (index, block)
    assert fault.start <= position < fault.stop
    assert f"Piece {index}, block {block}" in str(fault)


def test_a_piece_that_is_gone_or_cut_short_is_told(video):
    shelved(video, 0).unlink()
    with shelved(video, 1).open("r+b") as file:
        file.truncate(BLOCK_SIZE)
    gone, short = films.look(video).faults
    assert str(gone) == "Piece 0 on this machine: it is not there."
    assert (short.piece, short.block) == (1, 1)
    assert "it ends before that" in str(short)


def test_a_sample_reads_some_blocks_and_finds_what_is_in_them(video):
    report = films.look_at_some(video)
    assert report.is_right
    # No piece here has more blocks than a sample takes.
    flip(video, 1, 3)
    [fault] = films.look_at_some(video).faults
    assert (fault.piece, fault.block) == (1, 0)


def test_a_sample_of_a_longer_piece_leaves_most_of_it_alone(alice, monkeypatch):
    monkeypatch.setattr(films, "SAMPLED_BLOCKS", 1)
    video = stored_video(alice, BYTES, piece_size=8 * SMALL_PIECES)
    assert films.look_at_some(video).read <= BLOCK_SIZE


def test_a_wrong_sha256_is_told_although_every_piece_is_right(video):
    Video.objects.filter(pk=video.pk).update(sha256="0" * 64)
    video.refresh_from_db()
    [fault] = films.look(video).faults
    assert "SHA-256" in str(fault)


def test_damaged_block_roots_are_told_and_the_bytes_still_looked_at(video):
    roots = places.roots(video.pk)
    roots.write_bytes(bytes(32) + roots.read_bytes()[32:])
    flip(video, 1, 3)
    told = films.look(video)
    assert [fault.piece for fault in told.faults] == [0, 1]
    assert "roots" in str(told.faults[0])
    assert not films.look_at_some(video).is_right


def test_a_piece_without_any_copy_is_no_all_clear(video):
    Copy.objects.filter(piece__video=video, piece__index=1).delete()
    report = films.look(video)
    assert not report.is_right
    assert "Piece 1 has no copy" in report.unread[0]


def test_what_is_wrong_here_is_looked_at_by_the_worker_once_more(video):
    step = video.steps.get(kind=Step.Kind.VERIFY)
    assert step.state == Step.State.DONE
    noting.note(films.look(video))
    step.refresh_from_db()
    assert step.state == Step.State.DONE
    flip(video, 0, 0)
    noting.note(films.look(video))
    step.refresh_from_db()
    assert step.state == Step.State.WAITING


# --- the command


def test_the_command_names_film_and_block_and_fails(video, capsys):
    call_command("verify", video.pk)
    assert "1 of 1 films: what they should be" in capsys.readouterr().out
    flip(video, 1, BLOCK_SIZE + 5)
    with pytest.raises(CommandError, match="1 of 1 films: not") as failed:
        call_command("verify", all=True)
    assert failed.value.returncode == 1
    told = capsys.readouterr()
    assert f"FAILED  {video.pk}" in told.out
    assert "Piece 1, block 1" in told.err


@pytest.mark.parametrize("asked", [[], ["vid_nowhere"], ["vid_nowhere", "--all"]])
def test_the_command_refuses_what_it_cannot_look_at(asked):
    with pytest.raises(CommandError):
        call_command("verify", *asked)
