"""Who asks for renditions, what they are told, on the page and through the API."""

import pytest

from library import films
from library.errors import Invalid, WrongState
from library.models import Rendition, Step, Video
from library.renditions import asking
from library.shapes import RenditionListShape
from tests.making import stored_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def large(alice):
    return stored_video(alice, duration=10.0, width=1280, height=720)


def names(video):
    return [one["quality"] for one in asking.offers(video)]


def test_none_is_larger_than_the_film(large, alice):
    assert names(large) == ["720p", "480p", "240p"]
    small = stored_video(alice, b"others bytes", duration=10.0, width=160, height=120)
    assert names(small) == ["240p"]
    upright = stored_video(alice, b"more of them", duration=10.0, width=1080, height=1920)
    assert names(upright)[0] == "1080p"


def test_asking_twice_is_asking_once(large):
    asking.ask(large, ["720p"])
    asking.ask(large, ["720p"])
    assert Rendition.objects.count() == 1
    assert Step.objects.filter(kind=Step.Kind.RENDITION).count() == 1
    assert names(large) == ["480p", "240p"]


def test_what_could_not_be_made_is_tried_again(large):
    asking.ask(large, ["720p"])
    Rendition.objects.update(problem="It broke.")
    Step.objects.filter(kind=Step.Kind.RENDITION).update(state=Step.State.DONE)
    asking.ask(large, ["720p"])
    assert Rendition.objects.get().problem == ""
    assert Step.objects.get(kind=Step.Kind.RENDITION).state == Step.State.WAITING


@pytest.mark.parametrize("wish", [["1080p"], ["nonsense"], []])
def test_what_cannot_be_is_refused(large, wish):
    with pytest.raises(Invalid):
        asking.ask(large, wish)
    assert not Rendition.objects.exists()


def test_a_film_in_the_trash_is_left_alone(large):
    films.trash(large)
    with pytest.raises(WrongState):
        asking.ask(large, ["240p"])


def test_a_plain_file_has_no_qualities(large):
    Video.objects.update(kind=Video.Kind.FILE)
    large.refresh_from_db()
    with pytest.raises(WrongState):
        asking.ask(large, ["240p"])


def test_the_api_asks_lists_and_removes(large, client, alice):
    client.force_login(alice)
    address = f"/api/v1/videos/{large.pk}/renditions/"
    wish = {"qualities": ["480p"]}
    asked = client.post(address, wish, content_type="application/json")
    assert asked.status_code == 202
    found = client.get(address).json()
    assert set(found) == set(RenditionListShape().fields)
    assert [one["quality"] for one in found["items"]] == ["480p"]
    assert found["items"][0]["state"] == "waiting"
    assert client.delete(f"{address}480p/").status_code == 204
    assert client.get(address).json()["items"] == []
    assert client.delete(f"{address}480p/").status_code == 404


def test_the_page_asks_and_removes(large, client, alice):
    client.force_login(alice)
    address = f"/watch/{large.pk}/edit/"
    assert b"720p" in client.get(address).content
    client.post(address, {"part": "rendition-ask", "quality": ["720p", "240p"]})
    assert Rendition.objects.count() == 2
    client.post(address, {"part": "rendition-remove", "quality": "240p"})
    assert Rendition.objects.get().quality == 720


def test_the_player_is_told_of_those_that_are_there(video, made, client, alice):
    film = made(video).film
    client.force_login(alice)
    sources = client.get(f"/api/v1/videos/{video.pk}/playback/").json()["sources"]
    assert [one["kind"] for one in sources] == ["original", "rendition", "hls"]
    assert sources[1]["quality"] == "240p"
    assert sources[1]["size"] == film.size
    page = client.get(f"/watch/{video.pk}/").content.decode()
    assert 'name="fp-quality" value="240p"' in page
