"""Real films, but small, and the renditions of them as a worker leaves them."""

import pytest

from library import samples
from library.models import Step
from library.renditions import asking, making
from library.storing import store, verify
from tests.making import stored_video, taken


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """The bytes of an MP4 that plays: ten seconds, 640 x 360, with sound."""
    path = tmp_path_factory.mktemp("films") / "harbour.mp4"
    samples.write_film(path, seconds=10, width=640, height=360)
    return path.read_bytes()


@pytest.fixture
def video(alice, film):
    """Private, so it is encrypted."""
    return stored_video(alice, film, duration=10.0, width=640, height=360)


@pytest.fixture
def made():
    """Asks for a quality and has it made and stored, and gives its row."""

    def make(video, quality="240p"):
        asking.ask(video, [quality])
        making.run(taken(video.steps.get(kind=Step.Kind.RENDITION)))
        row = asking.of(video).get(quality=asking.NAMES[quality])
        assert row.film is not None, row.problem
        store.run(taken(row.film.steps.get(kind=Step.Kind.STORE)))
        verify.run(taken(row.film.steps.get(kind=Step.Kind.VERIFY)))
        row.film.refresh_from_db()
        return row

    return make
