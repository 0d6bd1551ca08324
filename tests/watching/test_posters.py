"""Choosing the picture that stands for a film."""

import pytest

from library import films
from library.errors import Invalid, WrongState
from library.models import Event, Step, Video
from library.storing import pictures
from library.storing.facts import Facts
from library.storing.probe import Examination
from library.watching import posters
from tests.making import taken

pytestmark = pytest.mark.django_db
KIND = Step.Kind.POSTER


def state_of(video):
    return video.steps.get(kind=KIND).state


def test_a_choice_is_a_change_of_the_film_and_work_for_a_worker(video):
    assert posters.choose(video, 61.5)
    assert (video.poster_at, video.version) == (61.5, Video.objects.get().version)
    assert state_of(video) == Step.State.WAITING
    assert posters.is_being_made(video)
    assert Event.objects.get(type="video.changed").data["changed"] == ["poster"]


def test_the_same_choice_is_none(video):
    Video.objects.filter(pk=video.pk).update(has_poster=True, poster_at=61.5)
    assert not posters.choose(video, 61.5)
    assert not posters.is_being_made(video)


@pytest.mark.parametrize("odd", [-0.5, 6000.5, float("nan"), float("inf")])
def test_what_is_no_moment_of_the_film_is_refused(video, odd):
    with pytest.raises(Invalid):
        posters.choose(video, odd)
    assert Video.objects.get().version == video.version


def test_in_the_trash_nothing_is_made(video):
    films.trash(video)
    with pytest.raises(WrongState, match="trash"):
        posters.choose(video, 61.5)
    assert Video.objects.get().poster_at is None


def test_another_choice_while_one_is_being_made_is_made_after_it(video):
    """The worker began with the first moment; what it made is not what is wanted now."""
    posters.choose(video, 61.5)
    lease, asked = taken(video.steps.get(kind=KIND)), []

    def examine(read, size, *, at, go_on):
        asked.append(at)
        posters.choose(Video.objects.get(), 90.0)
        return Examination(Facts(), b"\xff\xd8\xff a picture")

    pictures.poster(lease, examine=examine)
    assert asked == [61.5]
    assert state_of(video) == Step.State.WAITING
    pictures.poster(taken(video.steps.get(kind=KIND)), examine=examine)
    assert asked == [61.5, 90.0]
    assert state_of(video) == Step.State.DONE
