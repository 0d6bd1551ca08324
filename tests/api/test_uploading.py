"""Uploads beside their bytes, as a client changes and asks them."""

import base64
import json

import pytest

from library.models import Upload, Video
from library.uploads import receiving
from tests.api.test_schema import check, schema  # noqa: F401  # a fixture
from tests.making import stored_video

pytestmark = pytest.mark.django_db(transaction=True)
UPLOADS = "/api/v1/uploads/"
ONE = UPLOADS + "{upload_id}/"


def encoded(text):
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def upload(alice):
    return receiving.begin(alice, length=10, title="Pier", filename="pier.mp4")


def test_an_upload_begins_with_all_that_is_said_of_it(phone):
    words = {
        "description": "At dawn.",
        "tags": "sea, dawn,",
        "collection": "2026",
        "language": "fr",
    }
    metadata = ",".join(f"{name} {encoded(text)}" for name, text in words.items())
    answer = phone.post(
        UPLOADS,
        headers={"Tus-Resumable": "1.0.0", "Upload-Length": "10", "Upload-Metadata": metadata},
    )
    assert answer.status_code == 201, answer.content
    told = phone.get(answer["Location"]).json()
    assert told["description"] == "At dawn." and told["tags"] == ["sea", "dawn"]
    assert told["collection"]["name"] == "2026" and told["language"] == "fr"
    refused = phone.post(
        UPLOADS,
        headers={
            "Tus-Resumable": "1.0.0",
            "Upload-Length": "10",
            "Upload-Metadata": f"language {encoded('??')}",
        },
    )
    assert refused.status_code == 400
    assert Upload.objects.count() == 1


def test_words_are_changed_and_answered_as_they_are_now(phone, upload):
    url = f"{UPLOADS}{upload.pk}/about/"
    told = phone.patch(url, {"title": "Dawn", "tags": ["sea"]}, format="json").json()
    assert (told["title"], told["tags"], told["description"]) == ("Dawn", ["sea"], "")
    refused = phone.patch(url, {"title": "", "size": 5}, format="json")
    assert refused.status_code == 400
    assert {error["pointer"] for error in refused.json()["errors"]} == {"/size"}


def test_an_upload_is_paused_ordered_and_looked_into(phone, alice, upload):
    other = receiving.begin(alice, length=10)
    url = f"{UPLOADS}{upload.pk}/"
    assert phone.post(f"{url}pause/").json()["paused_at"] is not None
    assert phone.post(f"{url}resume/").json()["paused_at"] is None
    ordered = phone.post(f"{UPLOADS}order/", {"ids": [other.pk]}, format="json").json()
    assert ordered == {"ids": [other.pk, upload.pk]}
    words = [entry["words"] for entry in phone.get(f"{url}log/").json()["items"]]
    assert words == ["Begun.", "Paused.", "Gone on."]


def test_a_film_that_is_here_is_named_before_it_is_sent(phone, stranger, alice):
    video = stored_video(alice)
    file = {"name": "again.mp4", "size": 10, "sha256": video.sha256}
    (item,) = phone.post(f"{UPLOADS}check/", {"files": [file]}, format="json").json()["items"]
    assert item["same"]["id"] == video.pk and item["same"]["sure"]
    (item,) = stranger.post(f"{UPLOADS}check/", {"files": [file]}, format="json").json()["items"]
    assert item["same"] is None
    assert Video.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("order/", {"ids": ["\ud800"]}),
        ("order/", {"ids": ["\x00"]}),
        ("order/", {"ids": "all"}),
        ("check/", {"files": [{"name": "a", "size": -1}]}),
        ("check/", {"files": [{"name": "a", "size": 1, "sha256": "no"}]}),
        ("check/", {"files": 5}),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(phone, path, body):
    answer = phone.post(UPLOADS + path, json.dumps(body), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_the_description_tells_what_is_served(schema, phone, stranger, alice, upload):  # noqa: F811
    url = f"{UPLOADS}{upload.pk}/"
    check(schema, "patch", f"{ONE}about/", phone.patch(f"{url}about/", {}, format="json"))
    bad = phone.patch(f"{url}about/", {"language": "??"}, format="json")
    check(schema, "patch", f"{ONE}about/", bad)
    check(schema, "patch", f"{ONE}about/", stranger.patch(f"{url}about/", {}, format="json"))
    check(schema, "post", f"{ONE}pause/", phone.post(f"{url}pause/"))
    check(schema, "post", f"{ONE}resume/", phone.post(f"{url}resume/"))
    check(schema, "get", f"{ONE}log/", phone.get(f"{url}log/"))
    check(schema, "get", f"{ONE}log/", stranger.get(f"{url}log/"))
    order = {"ids": [upload.pk]}
    check(schema, "post", f"{UPLOADS}order/", phone.post(f"{UPLOADS}order/", order, format="json"))
    receiving.cancel(upload)
    check(schema, "post", f"{ONE}pause/", phone.post(f"{url}pause/"))
    check(schema, "patch", f"{ONE}about/", phone.patch(f"{url}about/", {}, format="json"))
    stored_video(alice)
    files = {"files": [{"name": "harbour.mp4", "size": 10}]}
    check(schema, "post", f"{UPLOADS}check/", phone.post(f"{UPLOADS}check/", files, format="json"))
