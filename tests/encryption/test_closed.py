"""Where bytes or keys are not the right ones, nothing is given, and nothing overwritten."""

import hashlib
import os

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.urls import reverse

from library import places
from library.keys import films as keys
from library.models import FilmKey, Step, Upload, Video
from library.storing import steps, store, verify
from library.storing.errors import CopiesAreWrong
from library.storing.worker import perform
from library.uploads import receiving
from streaming.errors import BytesUnavailable
from tests.making import SMALL_PIECES, keep_poster, received_video, stored_video, taken
from tests.streaming.conftest import Asking

pytestmark = pytest.mark.django_db(transaction=True)
FILM = hashlib.shake_256(b"film").digest(2 * SMALL_PIECES + 50)
OTHER = hashlib.shake_256(b"other").digest(2 * SMALL_PIECES + 50)
POSTER = b"\xff\xd8 a picture"


@pytest.fixture
def film(alice):
    return stored_video(alice, FILM, piece_size=SMALL_PIECES)


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def shelved(video, index):
    return places.shelved_piece(video.pieces.get(index=index).piece_cid)


def write(path, data):
    path.unlink()
    path.write_bytes(data)


def flip(film, alice):
    data = bytearray(shelved(film, 1).read_bytes())
    data[1234] ^= 1
    write(shelved(film, 1), data)


def truncate(film, alice):
    write(shelved(film, 1), shelved(film, 1).read_bytes()[:-1])


def swap(film, alice):
    other = stored_video(alice, OTHER, piece_size=SMALL_PIECES)
    write(shelved(film, 1), shelved(other, 1).read_bytes())


def exchange(film, alice):
    first, second = shelved(film, 0), shelved(film, 1)
    data = first.read_bytes()
    write(first, second.read_bytes())
    write(second, data)


@pytest.mark.parametrize("harm", [flip, truncate, swap, exchange])
def test_a_piece_that_is_not_the_films_is_found_and_never_downloaded(film, alice, harm, out):
    harm(film, alice)
    with pytest.raises(CommandError):
        call_command("download", film.pk, to=out)
    written = b"".join(path.read_bytes() for path in out.iterdir())
    assert FILM.startswith(written)
    step = film.steps.get(kind=Step.Kind.VERIFY)
    Step.objects.filter(pk=step.pk).update(state=Step.State.WAITING)
    with pytest.raises(CopiesAreWrong):
        verify.run(taken(Step.objects.get(pk=step.pk)))
    film.refresh_from_db()
    assert film.state == Video.State.AT_RISK


def test_a_piece_that_was_cut_off_ends_the_stream_and_not_quietly(film, alice):
    os.truncate(shelved(film, 0), 700_000)
    with pytest.raises(BytesUnavailable):
        Asking(alice)(f"/stream/{film.pk}/")


# --- keys


def lose_library_key(film):
    places.library_key().unlink()


def wrong_library_key(film):
    places.library_key().write_text("x" * 64)


def damage_library_key(film):
    places.library_key().write_text("")


def damage_film_key(film):
    FilmKey.objects.update(wrapped=b"\x01" + bytes(59))


def cut_film_key(film):
    FilmKey.objects.update(wrapped=b"")


HARMS = [lose_library_key, wrong_library_key, damage_library_key, damage_film_key, cut_film_key]


def everything_on_disk():
    found = places.data().rglob("*")
    return {path: path.read_bytes() for path in found if path.is_file() and path.name != "writer"}


@pytest.fixture
def half(alice):
    """An upload that is half-way."""
    upload = receiving.begin(alice, length=1000, filename="half.mp4")
    receiving.receive(upload, _Once(FILM[:500]), offset=0)
    return Upload.objects.get(pk=upload.pk)


class _Once:
    def __init__(self, data):
        self.data = data

    def read(self, size, /):
        data, self.data = self.data, b""
        return data


@pytest.mark.parametrize("harm", HARMS)
def test_without_a_key_everything_stays_closed_with_a_sentence(
    film, half, alice, client, harm, out
):
    keep_poster(film, POSTER)
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    harm(film)
    disk, rows = everything_on_disk(), list(FilmKey.objects.values())

    ask = Asking(alice)
    for headers in ({}, {"Range": "bytes=0-9"}, {"Range": "bytes=0-1,5-6"}):
        answer = ask(f"/stream/{film.pk}/", **headers)
        assert answer.status == 503
        assert b"This film is encrypted" in answer.body
        assert answer["Cache-Control"] == "no-store"
    poster = client.get(reverse("library:poster", args=[film.pk]))
    assert (poster.status_code, poster.content[:22]) == (503, b"This film is encrypted")
    with pytest.raises(CommandError):
        call_command("download", film.pk, to=out)
    assert not any(path.stat().st_size for path in out.iterdir())
    answer = client.generic(
        "PATCH",
        reverse("api:upload", args=[half.pk]),
        FILM[500:1000],
        content_type="application/offset+octet-stream",
        headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "500"},
    )
    assert (answer.status_code, answer.json()["code"]) == (503, "key-unavailable")

    assert everything_on_disk() == disk
    assert list(FilmKey.objects.values()) == rows
    half.refresh_from_db()
    assert half.offset == 500


def one_letter_off(film):
    text = places.library_key().read_text()
    places.library_key().write_text(("0" if text[0] != "0" else "1") + text[1:])


@pytest.mark.parametrize("harm", [*HARMS[:3], one_letter_off])
def test_a_new_film_is_not_begun_under_another_key(film, alice, client, harm):
    """Whoever puts the right key back would lose the film that was encrypted meanwhile."""
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    kept = places.library_key().read_text()
    harm(film)
    wanted = {"Tus-Resumable": "1.0.0", "Upload-Length": "10"}
    answer = client.generic("POST", reverse("api:uploads"), headers=wanted)
    assert (answer.status_code, answer.json()["code"]) == (503, "key-unavailable")
    assert Upload.objects.count() == 1
    places.library_key().write_text(kept)
    assert client.generic("POST", reverse("api:uploads"), headers=wanted).status_code == 201


def test_stored_bytes_are_given_without_a_key(film, alice):
    """They are what providers hold; a key has nothing to do with them."""
    lose_library_key(film)
    answer = Asking(alice)(f"/piece/{film.piece_cid}")
    assert answer.status == 200
    assert answer.body != FILM


def test_a_step_that_needs_the_key_waits_for_it_and_throws_nothing_away(alice):
    video = received_video(alice, FILM)
    kept = places.library_key().read_text()
    places.library_key().unlink()
    perform(taken(video.steps.get(kind=Step.Kind.CHECK)))
    step = video.steps.get(kind=Step.Kind.CHECK)
    assert step.state == Step.State.WAITING
    assert step.error.startswith("This film is encrypted")
    assert Video.objects.filter(pk=video.pk).exists()
    places.library_key().write_text(kept)
    assert keys.of(Video.objects.get()) is not None


# --- one key, one upload


def test_a_key_that_another_upload_has_is_refused(alice):
    first = receiving.begin(alice, length=10)
    second = receiving.begin(alice, length=10)
    with pytest.raises(IntegrityError):
        Upload.objects.filter(pk=second.pk).update(key=first.key)


def test_a_key_whose_film_is_there_is_no_uploads_any_more(alice):
    video = received_video(alice)
    assert Upload.objects.get().key is None
    assert Upload.objects.get().encrypted
    assert video.key is not None


def test_steps_lead_to_the_shelf_without_a_key(alice):
    """Storing moves stored bytes; only looking into a film opens it."""
    video = received_video(alice, FILM, piece_size=SMALL_PIECES)
    places.library_key().unlink()
    store.run(taken(steps.enqueue(video, Step.Kind.STORE)))
    verify.run(taken(video.steps.get(kind=Step.Kind.VERIFY)))
    video.refresh_from_db()
    assert video.state == Video.State.STORED
