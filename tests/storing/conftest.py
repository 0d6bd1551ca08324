"""Films for the tests of storing: real ones, but small."""

import pytest

from library import samples


@pytest.fixture(scope="session")
def film_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("films") / "harbour.mp4"
    samples.write_film(path, seconds=3, width=320, height=180)
    return path


@pytest.fixture(scope="session")
def film(film_path):
    """The bytes of an MP4 that plays: three seconds, 320 x 180, with sound."""
    return film_path.read_bytes()


@pytest.fixture(scope="session")
def webm(tmp_path_factory):
    path = tmp_path_factory.mktemp("films") / "harbour.webm"
    samples.write_film(path, seconds=2, width=320, height=180)
    return path.read_bytes()
