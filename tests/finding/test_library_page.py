"""Finding films on the library page: what was found, what was not understood, what is opened."""

import pytest

from library import films
from tests.making import keep_caption, received_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def get(client, alice):
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    return client.get


def test_a_sentence_that_was_found_leads_to_its_second(get, alice):
    video = received_video(alice, title="Film")
    keep_caption(video, "The last ferry <leaves>")
    page = get("/?q=ferry").content.decode()
    assert f'href="/watch/{video.pk}/?t=1' in page
    assert "The last <mark>ferry</mark> " in page
    assert "<leaves>" not in page


@pytest.mark.parametrize(
    "address", ["/?titel=x", "/?state=gone", "/?sort=price", "/?length_over=x"]
)
def test_what_is_not_understood_is_told_and_the_rest_is_shown(get, alice, address):
    received_video(alice, title="Harbour")
    answer = get(address)
    assert answer.status_code == 200
    (sentence,) = answer.context["misunderstood"]
    page = answer.content.decode()
    assert address[2:].partition("=")[0] in sentence
    assert "Harbour" in page


def test_a_pasted_address_opens_its_film_at_its_second(get, alice):
    video = received_video(alice, title="Harbour")
    answer = get("/", {"q": f"https://films.example.org/watch/{video.pk}/?t=1m2s"})
    assert answer["Location"] == f"/watch/{video.pk}/?t=62"


def test_a_page_of_hits_asks_at_most_twelve_times(get, alice, django_assert_max_num_queries):
    for number in range(9):
        video = received_video(alice, bytes([number]), title=f"Film {number}", filename="f.mp4")
        films.change(video, tags=["harbour"] if number % 2 else ["sea"], collection="Winter")
        keep_caption(video, "at the harbour")
    get("/?q=harbour")
    with django_assert_max_num_queries(12):
        answer = get("/?q=harbour&collection=winter&sort=title")
    assert {hit.where for hit in answer.context["hits"].values()} == {"tags", "captions"}
