"""Events for those who ask now and then."""

import pytest

from library import films
from tests.making import received_video

pytestmark = pytest.mark.django_db(transaction=True)

EVENTS = "/api/v1/events/"


def test_what_happened_since_is_told_in_order(phone, alice):
    video = received_video(alice, b"film")
    start = phone.get(f"{EVENTS}?after=0").json()["seq"]
    films.change(video, title="New")
    films.trash(video)
    told = phone.get(f"{EVENTS}?after={start}").json()
    assert [event["type"] for event in told["items"]] == ["video.changed", "video.trashed"]
    assert told["items"][0]["data"]["video"] == video.pk
    assert told["seq"] == told["items"][-1]["seq"]
    assert phone.get(f"{EVENTS}?after={told['seq']}").json()["items"] == []


def test_pages_end_where_the_next_one_begins(phone, alice):
    video = received_video(alice, b"film")
    for n in range(5):
        films.change(video, title=f"Title {n}")
    first = phone.get(f"{EVENTS}?after=0&limit=3").json()
    rest = phone.get(f"{EVENTS}?after={first['seq']}").json()
    everything = phone.get(f"{EVENTS}?after=0").json()["items"]
    assert first["items"] + rest["items"] == everything


def test_mallory_is_told_nothing_of_private_films(stranger, alice):
    video = received_video(alice, b"film", visibility="members")
    films.change(video, title="Seen")
    assert stranger.get(EVENTS).json()["items"]
    films.change(video, visibility="private")
    assert stranger.get(EVENTS).json()["items"] == []


@pytest.mark.parametrize("query", ["after=-1", "after=x", f"after={'9' * 30}", "limit=0"])
def test_a_wrong_question_is_refused(phone, query):
    assert phone.get(f"{EVENTS}?{query}").status_code == 400


def test_nobody_is_told_anything(nobody):
    assert nobody.get(EVENTS).status_code == 401
