"""What is downloaded is held against all that the library says of it."""

import hashlib

import pytest

from filmedia.client import downloading
from filmedia.client.errors import NotFilmedia, WrongBytes
from filmedia.client.sums import Sums
from filmedia.filecoin.piece import piece_cid

DATA = b"0123456789" * 100
SHA256, CID = hashlib.sha256(DATA).hexdigest(), piece_cid(DATA)


def film(**facts):
    return {"id": "vid_1", "sha256": SHA256, "piece_cid": CID, "encrypted": False, **facts}


def held(told, data=DATA):
    sums = Sums.of(told)
    sums.update(b"what was begun before")
    sums.begin_anew()
    sums.update(data[:300])
    sums.update(data[300:])
    downloading.check(told, sums)


def test_the_film_s_own_bytes_pass():
    held(film())


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_bit_that_is_other_is_found(encrypted):
    with pytest.raises(WrongBytes, match="SHA-256"):
        held(film(encrypted=encrypted), DATA[:-1] + b"!")


def test_a_film_that_is_stored_open_has_to_have_its_piececid():
    """A library that is wrong about one of the two is not believed."""
    with pytest.raises(WrongBytes, match="PieceCID"):
        held(film(piece_cid=piece_cid(b"another")))


def test_the_piececid_of_an_encrypted_film_is_of_other_bytes():
    held(film(encrypted=True, piece_cid=piece_cid(b"as stored")))


def test_what_is_no_sha256_is_said():
    with pytest.raises(NotFilmedia):
        held(film(sha256="abc"))
