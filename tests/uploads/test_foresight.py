"""Files, looked at before they are sent."""

import hashlib

import pytest

from library import films
from library.uploads import foresight, receiving
from library.uploads.foresight import File
from tests.making import TEN_BYTES, stored_video

pytestmark = pytest.mark.django_db(transaction=True)
SHA256 = hashlib.sha256(TEN_BYTES).hexdigest()


def look(owner, **file):
    return foresight.look(owner, [File(**{"name": "a.mp4", "size": 10} | file)])[0]


def test_the_same_bytes_are_found_whatever_their_name(alice):
    video = stored_video(alice)
    found = look(alice, name="other.mp4", sha256=SHA256)
    assert (found.same, found.is_sure) == (video, True)


def test_without_a_hash_name_and_size_have_to_do_and_it_is_said(alice):
    video = stored_video(alice, filename="harbour.mp4")
    found = look(alice, name="holiday/harbour.mp4")
    assert (found.same, found.is_sure) == (video, False)
    assert look(alice, name="harbour.mp4", size=11).same is None
    # The hash is the better witness.
    assert look(alice, name="harbour.mp4", sha256="0" * 64).same is None


def test_films_that_one_may_not_see_are_not_given_away(alice, mallory):
    video = stored_video(alice, filename="harbour.mp4")
    assert look(mallory, sha256=SHA256).same is None
    assert look(mallory, name="harbour.mp4").same is None
    films.change(video, visibility="members")
    assert look(mallory, sha256=SHA256).same == video
    films.trash(video)
    assert look(alice, sha256=SHA256).same is None


def test_an_upload_that_waits_for_this_file_is_found_for_its_owner_only(alice, mallory):
    upload = receiving.begin(alice, length=10, fingerprint="print")
    assert look(alice, fingerprint="print").waiting == upload
    assert look(alice, fingerprint="other").waiting is None
    assert look(mallory, fingerprint="print").waiting is None


def test_what_would_not_be_taken_is_said_with_the_reason(alice, settings, monkeypatch):
    monkeypatch.setattr(foresight.space, "available", lambda: 15)
    first, second = foresight.look(alice, [File("a", 10), File("b", 10)])
    assert first.problem == ""
    assert "room for 5 bytes" in second.problem
    settings.UPLOAD_MAX_SIZE = 5
    assert "up to 5 bytes" in look(alice).problem
