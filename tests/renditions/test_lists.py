"""Renditions are shown with their original, and in no list of films."""

import pytest

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
