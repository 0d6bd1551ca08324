import errno
import os

import pytest

from library import places
from library.models import Copy, Piece, Step, Video
from library.storing import steps, store
from library.storing.errors import LeaseLost, StagedBytesMissing
from tests.making import SMALL_PIECES, as_stored, received_video, taken

pytestmark = pytest.mark.django_db
DATA = bytes(i * 7 % 251 for i in range(SMALL_PIECES * 2 + 50))


@pytest.fixture
def video(alice):
    """Three pieces, the last of 50 bytes."""
    return received_video(alice, DATA, piece_size=SMALL_PIECES)


def to_store(video):
    step = steps.enqueue(video, Step.Kind.STORE)
    Step.objects.filter(pk=step.pk).update(state=Step.State.WAITING)
    return taken(Step.objects.get(pk=step.pk))


def shelved():
    return {path.name: path.read_bytes() for path in places.shelf().glob("*/*")}


def expected():
    first, second, last = Piece.objects.values_list("piece_cid", flat=True)
    stored = as_stored(Video.objects.get(), DATA)
    return {
        first: stored[:SMALL_PIECES],
        second: stored[SMALL_PIECES : 2 * SMALL_PIECES],
        last: stored[-50:] + bytes(77),
    }


def test_every_piece_lies_on_the_shelf_under_its_cid(video):
    store.run(to_store(video))
    assert shelved() == expected()
    assert Copy.objects.count() == 3
    assert video.steps.get(kind=Step.Kind.VERIFY).state == Step.State.WAITING


def test_a_piece_is_linked_not_copied(video):
    store.run(to_store(video))
    piece = Piece.objects.first()
    staged = places.staged_piece(video.staging, 0)
    assert staged.samefile(places.shelved_piece(piece.piece_cid))


def test_staged_bytes_stay_until_the_shelf_was_read(video):
    store.run(to_store(video))
    video.refresh_from_db()
    assert video.state == Video.State.RECEIVED
    assert places.staged_piece(video.staging, 2).read_bytes() == as_stored(video, DATA)[-50:]


def test_the_block_roots_stand_beside_the_film(video):
    store.run(to_store(video))
    assert places.roots(video.pk).read_bytes() == places.staged_roots(video.staging).read_bytes()


def test_stored_twice_is_stored_once(video):
    store.run(to_store(video))
    store.run(to_store(video))
    assert shelved() == expected()
    assert Copy.objects.count() == 3
    assert not list(places.shelf().glob(".*"))


def test_films_that_share_a_piece_share_its_file(alice):
    """Films that are stored open, that is: no two keys make the same piece."""
    for data in (DATA, DATA[:SMALL_PIECES]):
        video = received_video(alice, data, piece_size=SMALL_PIECES, stored_open=True)
        store.run(to_store(video))
    assert len(shelved()) == 3
    assert Copy.objects.count() == 4


def test_a_file_of_the_wrong_size_is_replaced(video):
    wrong = places.shelved_piece(Piece.objects.first().piece_cid)
    wrong.parent.mkdir(parents=True)
    wrong.write_bytes(b"half a pie")
    store.run(to_store(video))
    assert shelved() == expected()


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EPERM])
def test_a_disk_without_links_gets_copies(video, monkeypatch, number):
    def refuse(*args, **options):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", refuse)
    store.run(to_store(video))
    assert shelved() == expected()


def test_what_an_earlier_try_left_is_gone_over(video):
    lease = to_store(video)
    (places.shelf()).mkdir()
    (places.shelf() / lease.part).write_bytes(b"half")
    store.run(lease)
    assert shelved() == expected()
    assert not list(places.shelf().glob(".*"))


def test_a_piece_that_is_nowhere_is_said_to_be(video):
    places.staged_piece(video.staging, 1).unlink()
    with pytest.raises(StagedBytesMissing, match="Piece 1"):
        store.run(to_store(video))


def test_an_empty_file_has_no_pieces_to_store(alice):
    video = received_video(alice, b"")
    store.run(to_store(video))
    assert shelved() == {}
    assert video.steps.filter(kind=Step.Kind.VERIFY).exists()


def test_a_worker_that_slept_puts_nothing_on_the_shelf(video):
    sleeper = to_store(video)
    Step.objects.filter(pk=sleeper.step.pk).update(lease=9)
    with pytest.raises(LeaseLost):
        store.run(sleeper)
    assert shelved() == {}
    assert not Copy.objects.exists()
