"""Lists in pages: a cursor leads through all rows, each once."""

import base64
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from library import films
from library.catalogue import collections, playlists, tags
from library.models import Job
from tests.making import received_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(alice):
    """Three of everything that is listed."""
    tags.add(received_video(alice), ["Alps", "Pier", "Sea"])
    for name in ("Alps", "Pier", "Sea"):
        collections.create(alice, name)
        playlists.create(alice, name)


@pytest.mark.parametrize("place", ["tags", "collections", "playlists"])
def test_cursors_lead_through_all_rows(phone, rows, place):
    found, query = [], {"limit": 1}
    while query is not None:
        page = phone.get(f"/api/v1/{place}/", query).json()
        found += [row.get("name") or row["title"] for row in page["items"]]
        cursor = page["next_cursor"]
        query = {"limit": 1, "cursor": cursor} if cursor else None
    assert sorted(found) == ["Alps", "Pier", "Sea"]


def test_a_cursor_that_names_no_id_is_refused(phone, rows):
    forged = base64.urlsafe_b64encode(json.dumps(["name", "alps", "one"]).encode()).decode()
    answer = phone.get("/api/v1/tags/", {"cursor": forged})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/cursor")


def test_a_list_asks_no_more_for_many_rows_than_for_few(phone, alice):
    evening = playlists.create(alice, "Evening")

    def grow(name):
        video = received_video(alice, title=name)
        films.change(video, tags=[name], collection=name, by=alice)
        playlists.add(evening, [video.pk], alice)
        Job.objects.create(owner=alice, action="tag", options={"tags": [name]})

    def questions(place):
        with CaptureQueriesContext(connection) as asked:
            assert len(phone.get(place).json()["items"]) >= 2
        return len(asked)

    lists = (f"/api/v1/playlists/{evening.pk}/", "/api/v1/jobs/")
    for name in "ab":
        grow(name)
    # The first time more is asked: who this is, when the device was seen.
    for place in lists:
        questions(place)
    few = [questions(place) for place in lists]
    for name in "cdefg":
        grow(name)
    assert [questions(place) for place in lists] == few
