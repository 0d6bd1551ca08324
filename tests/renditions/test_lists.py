"""Renditions are shown with their original, and in no list of films."""

import pytest

from library.admin import overview
from library.finding.target import target
from library.models import Copy, DataSet, FilmWords, Provider, Rendition
from library.network import summary
from library.search import index
from library.templatetags import words
from tests.making import stored_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(alice):
    original = stored_video(alice, b"the film itself", title="Harbour at night")
    rendition = stored_video(
        alice, b"the same in small", title="Harbour at night", rendition_of=original
    )
    return original, rendition


@pytest.mark.parametrize("question", [{}, {"q": "harbour"}])
def test_the_api_lists_and_finds_the_film_alone(both, alice, client, question):
    client.force_login(alice)
    listed = client.get("/api/v1/videos/", question).json()["items"]
    assert [one["id"] for one in listed] == [both[0].pk]


def test_the_bytes_of_a_rendition_are_not_called_those_of_a_film_one_has(both, alice):
    again = stored_video(alice, b"the same in small", title="Sent again")
    assert again.upload.duplicate_of is None


@pytest.mark.parametrize(
    "name", ["{0.pk}", "{0.piece_cid}", "https://films.example/stream/{0.pk}/"]
)
def test_what_names_a_rendition_leads_to_its_film(both, alice, mallory, name):
    original, rendition = both
    assert target(alice, name.format(rendition)) == original
    assert target(mallory, name.format(rendition)) is None


def test_the_index_that_is_made_anew_has_each_film_once(both):
    FilmWords.objects.all().delete()
    assert index.rebuild() == 1
    assert [row.video_id for row in FilmWords.objects.all()] == [both[0].pk]


def test_a_data_set_counts_a_film_and_its_renditions_as_one(both):
    provider = Provider.objects.create(network="devnet", number=1, name="p")
    data_set = DataSet.objects.create(provider=provider, owner="0x1", client_data_set_id="1")
    Copy.objects.update(data_set=data_set)
    assert [one["films"] for one in summary.data_sets("devnet")] == [1]
    # And also where the film's own bytes are elsewhere.
    Copy.objects.filter(piece__video=both[0]).update(data_set=None)
    assert [one["films"] for one in summary.data_sets("devnet")] == [1]


def test_the_administration_shows_renditions_and_their_bytes_with_the_film(both, admin, client):
    original, rendition = both
    Rendition.objects.create(original=original, quality=240, film=rendition, index={})
    client.force_login(admin)
    page = client.get("/admin/library/video/")
    assert list(page.context["cl"].queryset) == [original]
    assert f">240p</a> {words.size(rendition.size)}" in page.content.decode()
    told = overview.of(admin)["films"]
    assert told == {"count": 1, "size": original.size + rendition.size}
