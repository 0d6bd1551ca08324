"""A film that was asked for is found quickly again, and never shown longer than it may be."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from library.errors import NotFound
from library.models import Video, Visibility
from streaming.doors.known import Known
from tests.making import SMALL_PIECES, stored_video
from tests.streaming.conftest import FILM

pytestmark = pytest.mark.django_db

ANYBODY = AnonymousUser()


@pytest.fixture
def shown(alice):
    return stored_video(alice, FILM, piece_size=SMALL_PIECES, visibility=Visibility.PUBLIC)


@pytest.fixture
def known(shown):
    """Knows the film already."""
    known = Known()
    known.film(ANYBODY, shown.pk)
    return known


def test_to_ask_again_is_one_question(known, shown, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert known.film(ANYBODY, shown.pk).cid == shown.piece_cid


@pytest.mark.parametrize(
    ("change", "is_seen"),
    [
        ({"visibility": Visibility.MEMBERS}, False),
        ({"visibility": Visibility.PRIVATE}, False),
        ({"trashed_at": timezone.now()}, False),
        ({"title": "Another", "filename": ""}, True),
        ({"filename": "other.mp4"}, True),
        ({"media_type": "text/html"}, True),
        ({"kind": "file"}, True),
        ({"staging": "upl_abc"}, True),
    ],
)
def test_what_has_changed_is_so_from_the_next_question_on(known, shown, change, is_seen):
    before = known.film(ANYBODY, shown.pk)
    Video.objects.filter(pk=shown.pk).update(**change)
    if not is_seen:
        with pytest.raises(NotFound):
            known.film(ANYBODY, shown.pk)
        return
    assert known.film(ANYBODY, shown.pk) != before
    assert known.film(ANYBODY, shown.pk).layout is not before.layout


def test_who_asks_is_looked_at_each_time(known, shown, alice, mallory):
    Video.objects.filter(pk=shown.pk).update(visibility=Visibility.PRIVATE)
    assert known.film(alice, shown.pk).video == shown.pk
    for stranger in (mallory, ANYBODY):
        with pytest.raises(NotFound):
            known.film(stranger, shown.pk)


def test_a_film_that_is_gone_is_gone(known, shown):
    gone = shown.pk
    shown.delete()
    with pytest.raises(NotFound):
        known.film(ANYBODY, gone)


def test_a_rendition_is_seen_as_its_original_is(known, shown, alice, mallory):
    rendition = stored_video(alice, FILM[:3000], piece_size=SMALL_PIECES)
    Video.objects.filter(pk=rendition.pk).update(rendition_of=shown)
    assert known.film(mallory, rendition.pk).size == 3000
    Video.objects.filter(pk=shown.pk).update(visibility=Visibility.PRIVATE)
    with pytest.raises(NotFound):
        known.film(mallory, rendition.pk)
    Video.objects.filter(pk=shown.pk).update(visibility=Visibility.PUBLIC)
    assert known.film(mallory, rendition.pk).size == 3000
    Video.objects.filter(pk=shown.pk).update(trashed_at=timezone.now())
    with pytest.raises(NotFound):
        known.film(mallory, rendition.pk)


def test_a_download_is_named_one_and_the_film_is_not(known, shown):
    assert known.film(ANYBODY, shown.pk, download=True).attachment
    assert not known.film(ANYBODY, shown.pk).attachment


@pytest.mark.parametrize("wrong", ["vid_nothing", "", "vid_\0", "x" * 100, "' or 1=1 --"])
def test_what_is_no_id_is_no_film(known, wrong):
    with pytest.raises(NotFound):
        known.film(ANYBODY, wrong)
