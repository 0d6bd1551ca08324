import io
from datetime import timedelta

import pytest
from django.utils import timezone

from library import films, places
from library.errors import WrongState
from library.models import Event, FilmKey, Piece, RecoveryKit, Step, Upload, Video
from library.storing import shelf, steps, store, trash
from library.storing.errors import LeaseLost
from library.storing.worker import Worker
from library.uploads import receiving
from tests.making import SMALL_PIECES, received_video, stored_video, taken

pytestmark = pytest.mark.django_db
DATA = bytes(i * 7 % 251 for i in range(SMALL_PIECES * 2))


def trashed(video, days=0):
    films.trash(video)
    when = timezone.now() - timedelta(days=days)
    Video.objects.filter(pk=video.pk).update(trashed_at=when)
    return video


def files():
    """Everything on disk but the library's own key."""
    found = places.data().rglob("*")
    return sorted(path.name for path in found if path.is_file() and path != places.library_key())


def test_a_purged_film_leaves_nothing_but_its_history(alice):
    video = trashed(stored_video(alice, DATA, piece_size=SMALL_PIECES))
    pk = video.pk
    assert trash.purge(video)
    assert not Video.objects.exists()
    assert not Piece.objects.exists()
    assert files() == []
    event = Event.objects.get(type="video.purged")
    assert (event.owner, event.data["id"], event.video) == (alice, pk, None)
    assert Upload.objects.get().video is None


def test_a_film_that_is_not_in_the_trash_is_not_purged(alice):
    video = trashed(stored_video(alice))
    films.restore(Video.objects.get())
    assert not trash.purge(video)
    assert Video.objects.exists()


def test_pieces_that_another_film_has_stay(alice, mallory):
    how = {"piece_size": SMALL_PIECES, "stored_open": True}
    video = trashed(stored_video(alice, DATA, **how))
    kept = stored_video(mallory, DATA[:SMALL_PIECES], **how)
    trash.purge(video)
    (cid,) = Piece.objects.values_list("piece_cid", flat=True)
    assert places.shelved_piece(cid).read_bytes() == DATA[:SMALL_PIECES]
    assert len(list(places.shelf().glob("*/*"))) == 1
    assert places.roots(kept.pk).is_file()


def test_a_film_that_was_never_stored_is_purged_too(alice):
    trash.purge(trashed(received_video(alice)))
    assert files() == []


def test_a_film_purged_while_it_is_being_stored_leaves_nothing(alice):
    video = received_video(alice, DATA, piece_size=SMALL_PIECES)
    lease = taken(steps.enqueue(video, Step.Kind.STORE))
    store.place(lease, video, Piece.objects.first())
    trash.purge(trashed(Video.objects.get()))
    with pytest.raises(LeaseLost):
        store.run(lease)
    assert files() == []


def test_a_piece_let_go_while_another_film_arrives_with_it_is_put_down_again(alice):
    """The last film that had it went between that film's look and its link."""
    how = {"piece_size": SMALL_PIECES, "stored_open": True}
    stored_video(alice, DATA[:SMALL_PIECES], **how)
    other = received_video(alice, DATA[:SMALL_PIECES], **how)
    cid = Piece.objects.first().piece_cid
    Video.objects.exclude(pk=other.pk).delete()
    # The newcomer's row stands, so its file does too.
    assert not shelf.let_go(cid)
    assert places.shelved_piece(cid).exists()


def test_the_trash_is_emptied_of_what_has_lain_long_enough(alice, settings):
    settings.TRASH_KEEP_DAYS = 30
    trashed(stored_video(alice, b"old"), days=31)
    young = trashed(stored_video(alice, b"young"), days=29)
    kept = stored_video(alice, b"kept")
    assert trash.empty() == 1
    assert set(Video.objects.all()) == {young, kept}


def test_a_purged_film_takes_its_key_with_it(alice):
    kept = stored_video(alice, b"kept")
    trash.purge(trashed(stored_video(alice, DATA, piece_size=SMALL_PIECES)))
    assert FilmKey.objects.get().video == kept


def test_emptying_the_trash_deletes_keys_too(alice, settings):
    settings.TRASH_KEEP_DAYS = 30
    trashed(stored_video(alice), days=31)
    trash.empty()
    assert not FilmKey.objects.exists()


def test_a_film_is_erased_from_the_trash_only(alice):
    video = stored_video(alice)
    with pytest.raises(WrongState, match="trash"):
        films.erase(video)
    assert FilmKey.objects.get().video == video
    films.trash(video)
    films.erase(video)
    assert not Video.objects.exists()
    assert not FilmKey.objects.exists()
    assert files() == []
    with pytest.raises(WrongState):
        films.erase(video)


@pytest.mark.parametrize(
    ("made", "contains", "words"),
    [
        pytest.param(None, False, "No recovery kit has been made.", id="no kit"),
        pytest.param(-1, False, "and does not contain this key.", id="a kit from before"),
        pytest.param(+1, True, "and contains this key.", id="a kit from after"),
    ],
)
def test_what_is_erased_says_where_its_key_may_still_be(alice, made, contains, words):
    video = trashed(stored_video(alice))
    at = video.key.created_at + timedelta(days=made or 0)
    if made:
        RecoveryKit.objects.create(made_at=at, library_key="0" * 16, films=1)
    trash.purge(video)
    said = Event.objects.get(type="video.purged").data
    assert (said["encrypted"], said["in_last_kit"]) == (True, contains)
    assert (said["last_kit_at"] is None) == (made is None)
    assert words in said["notice"]
    assert "database backups" in said["notice"]
    assert (f"{at.day} {at:%B %Y}" in said["notice"]) == (made is not None)
    assert ("when that kit and" in said["notice"]) == contains


def test_the_key_of_a_film_that_was_still_arriving_is_in_no_kit(alice):
    upload = receiving.begin(alice, length=10)
    RecoveryKit.objects.create(library_key="0" * 16, films=0)
    receiving.receive(upload, io.BytesIO(b"0123456789"), offset=0)
    assert not trash.erasure(upload.video).in_last_kit


def test_a_film_stored_anew_after_the_kit_has_a_key_that_is_not_in_it(alice):
    video = stored_video(alice, stored_open=True)
    RecoveryKit.objects.create(library_key="0" * 16, films=0)
    films.store_anew(video)
    Worker().drain()
    video.refresh_from_db()
    assert video.is_encrypted
    assert not trash.erasure(video).in_last_kit


def test_a_film_that_is_stored_open_has_no_key_to_erase(alice):
    trash.purge(trashed(stored_video(alice, stored_open=True)))
    said = Event.objects.get(type="video.purged").data
    assert not said["encrypted"]
    assert "stored open" in said["notice"]
