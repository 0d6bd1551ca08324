"""Lists in pages: a cursor leads through all rows, each once."""

import base64
import json

import pytest

from library.catalogue import collections, playlists, tags
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
