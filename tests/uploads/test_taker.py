"""Who takes the bytes of a film that is stored on a network, as its upload tells."""

import pytest

from library import progress
from library.models import Copy, Provider, Step, Upload
from library.storing import steps
from tests.making import received_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def storing(alice, settings):
    """A film of which two providers are to take copies; one has been asked already."""
    settings.FILECOIN_NETWORK = "devnet"
    video = received_video(alice)
    video.steps.filter(kind=Step.Kind.CHECK).update(state=Step.State.DONE)
    steps.enqueue(video, Step.Kind.STORE)
    for number, session in ((1, ""), (2, "a session")):
        holder = Provider.objects.create(
            network="devnet",
            number=number,
            name=f"Store {number}",
            service_provider="0x",
            payee="0x",
        )
        Copy.objects.create(
            piece=video.pieces.get(),
            provider=holder.key,
            holder=holder,
            state=Copy.State.WANTED,
            session=session,
        )
    return video


def told(video):
    return progress.describe_upload(Upload.objects.for_progress().get(video=video))


def test_the_one_that_takes_bytes_now_is_named(storing):
    assert told(storing)["provider"].startswith("Store 2")


def test_nobody_is_named_once_the_copies_are_stored(storing):
    Copy.objects.update(state=Copy.State.STORED)
    assert told(storing)["provider"] is None
    storing.steps.filter(kind=Step.Kind.STORE).update(state=Step.State.DONE)
    assert told(storing)["provider"] is None


def test_nobody_is_named_where_films_stay_on_this_machine(alice):
    video = received_video(alice)
    assert told(video)["provider"] is None
