"""The scan finds what it is to find."""

import hashlib

import pytest

from tests.scanning import runs_in_clear

FILM = hashlib.shake_256(b"film").digest(1_000_003)


@pytest.mark.parametrize("at", [0, 1, 31, 500_000, 999_939])
@pytest.mark.parametrize("before", [0, 1, 7, 4096 + 3])
def test_a_run_of_64_bytes_is_found_wherever_it_lies(tmp_path, at, before):
    other = hashlib.shake_256(b"other").digest(20_000)
    (tmp_path / "some").mkdir()
    planted = other[:before] + FILM[at : at + 64] + other[before:]
    (tmp_path / "some" / "file").write_bytes(planted)
    (tmp_path / "clean").write_bytes(other)
    (found,) = runs_in_clear(FILM, tmp_path)
    assert found.startswith("some/file at ")


def test_bytes_that_are_not_the_films_are_not_found(tmp_path):
    (tmp_path / "noise").write_bytes(hashlib.shake_256(b"noise").digest(1_000_000))
    (tmp_path / "zeros").write_bytes(bytes(1_000_000))
    assert runs_in_clear(FILM + bytes(1000), tmp_path) == []
