"""Many films at once over the API, held to its description."""

import csv
import io
import json

import jsonschema
import pytest

from library.catalogue import playlists, tags
from library.jobs import working
from library.models import Job, Playlist, Tag, Video
from tests.making import received_video, stored_video

pytestmark = pytest.mark.django_db
BULK = "/api/v1/videos/bulk/"


@pytest.fixture(scope="module")
def schema_of():
    """What the description says of an answer."""
    from rest_framework.test import APIClient

    described = json.loads(APIClient().get("/api/v1/schema/?format=json").content)

    def check(path, answer, method="get"):
        said = described["paths"][f"/api/v1{path}"][method]["responses"][str(answer.status_code)]
        shape = said["content"][answer["Content-Type"].partition(";")[0]]["schema"]
        jsonschema.validate(
            answer.json(),
            {**shape, "components": described["components"]},
            cls=jsonschema.Draft202012Validator,
        )
        return answer.json()

    return check


@pytest.fixture
def videos(alice):
    return [received_video(alice, title=title) for title in ("Harbour", "Pier")]


def work():
    while working.take_one("a test"):
        pass


def bulk(phone, status=202, **said):
    # As ASCII, because half a character has no other bytes.
    answer = phone.post(BULK, json.dumps(said), content_type="application/json")
    assert answer.status_code == status, answer.json()
    return answer


def ids(videos):
    return [video.pk for video in videos]


def test_a_dry_run_answers_what_would_be_done_and_does_nothing(phone, mallory, videos, schema_of):
    theirs = received_video(mallory, title="Theirs", visibility="members")
    answer = bulk(
        phone, 200, action="trash", ids=[*ids(videos), theirs.pk, "vid_nowhere"], dry_run=True
    )
    told = schema_of("/videos/bulk/", answer, "post")
    assert (told["total"], told["can"], told["missing"]) == (3, 2, 1)
    assert told["obstacles"] == [
        {"why": "you are not the owner", "count": 1, "examples": ["Theirs"]}
    ]
    assert not Job.objects.exists()


def test_a_job_is_accepted_done_and_told_film_by_film(phone, videos, schema_of):
    answer = bulk(phone, action="tag", ids=ids(videos), tags=["sea"])
    begun = schema_of("/videos/bulk/", answer, "post")
    assert begun["state"] == "waiting" and answer["Retry-After"]
    work()
    told = schema_of("/jobs/{job_id}/", phone.get(answer["Location"]))
    assert told["state"] == "done"
    assert told["counts"] == {"waiting": 0, "done": 2, "skipped": 0, "failed": 0, "total": 2}
    assert [item["title"] for item in told["items"]] == ["Harbour", "Pier"]
    assert schema_of("/jobs/", phone.get("/api/v1/jobs/?state=done"))["items"][0]["said"] == "sea"
    assert phone.get("/api/v1/jobs/?state=over").status_code == 400


def test_items_come_in_pages_and_by_what_became_of_them(phone, videos):
    location = bulk(phone, action="tag", ids=ids(videos), tags=["sea"])["Location"]
    first = phone.get(f"{location}?limit=1").json()
    second = phone.get(f"{location}?limit=1&cursor={first['next_cursor']}").json()
    assert [one["items"][0]["title"] for one in (first, second)] == ["Harbour", "Pier"]
    assert second["next_cursor"] is None
    assert phone.get(f"{location}?state=failed").json()["items"] == []
    assert phone.get(f"{location}?cursor=x").status_code == 400


def test_all_that_match_a_query_are_changed_and_nothing_else(phone, videos):
    bulk(phone, action="visibility", query="q=pier", visibility="members")
    work()
    seen = Video.objects.filter(visibility="members")
    assert [video.title for video in seen] == ["Pier"]


def test_a_job_is_stopped_and_taken_back(phone, videos, schema_of):
    stopped = bulk(phone, action="trash", ids=ids(videos))["Location"]
    told = schema_of("/jobs/{job_id}/cancel/", phone.post(f"{stopped}cancel/"), "post")
    assert told["state"] == "cancelled" and told["counts"]["skipped"] == 2
    assert phone.post(f"{stopped}cancel/").status_code == 409
    assert phone.post(f"{stopped}undo/").status_code == 409
    location = bulk(phone, action="trash", ids=ids(videos))["Location"]
    work()
    assert not Video.objects.filter(trashed_at=None).exists()
    back = phone.post(f"{location}undo/")
    assert schema_of("/jobs/{job_id}/undo/", back, "post")["undoes"] == location.split("/")[-2]
    work()
    assert Video.objects.filter(trashed_at=None).count() == 2


@pytest.mark.parametrize(
    "said",
    [
        {"action": "paint", "ids": ["vid_1"]},
        {"action": "trash"},
        {"action": "trash", "ids": ["vid_1"], "query": "q=x"},
        {"action": "trash", "query": "colour=red"},
        {"action": "trash", "ids": ["vid_1\x00"]},
        {"action": "trash", "ids": "vid_1"},
        {"action": "tag", "ids": ["vid_1"]},
        {"action": "tag", "ids": ["vid_1"], "tags": ["\ud800"]},
        {"action": "collection", "ids": ["vid_1"], "collection": "\ud800"},
        {"action": "playlist", "ids": ["vid_1"], "playlist": "\ud800"},
        {"action": "trash", "ids": ["vid_1"], "colour": "red"},
        {"action": "trash", "query": "\ud800"},
    ],
)
def test_nonsense_is_refused_with_the_field_named(phone, said, schema_of):
    answer = bulk(phone, 400, **said)
    assert schema_of("/videos/bulk/", answer, "post")["code"] == "invalid"


def test_sent_again_with_the_same_key_a_job_is_begun_once(phone, videos):
    said = {"action": "trash", "ids": ids(videos)}
    key = {"Idempotency-Key": "once"}
    first = phone.post(BULK, said, format="json", headers=key)
    again = phone.post(BULK, said, format="json", headers=key)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json() and Job.objects.count() == 1


def test_jobs_of_others_are_not_there(phone, stranger, nobody, videos):
    location = bulk(phone, action="trash", ids=ids(videos))["Location"]
    assert stranger.get(location).status_code == 404
    assert stranger.get("/api/v1/jobs/").json()["items"] == []
    assert stranger.post(f"{location}cancel/").status_code == 404
    assert nobody.get(location).status_code == 401


def test_a_manifest_says_what_films_are_and_where_their_bytes_lie(phone, alice, schema_of):
    video = stored_video(alice, title="=1+1", filename="harbour.mp4")
    location = bulk(phone, action="manifest", ids=[video.pk])["Location"]
    assert phone.get(f"{location}manifest/").status_code == 404
    work()
    answer = phone.get(f"{location}manifest/")
    film = schema_of("/jobs/{job_id}/manifest/", answer)["films"][0]
    assert (film["id"], film["piece_cid"]) == (video.pk, video.piece_cid)
    assert [piece["piece_cid"] for piece in film["pieces"]] == [video.pieces.get().piece_cid]
    lines = phone.get(f"{location}manifest/?as=csv")
    assert lines["Content-Type"].startswith("text/csv")
    row = next(csv.DictReader(io.StringIO(lines.content.decode())))
    # A title is not to be taken for a formula.
    assert (row["id"], row["title"]) == (video.pk, "'=1+1")
    assert phone.get(f"{location}manifest/?as=xml").status_code == 400


# --- tags, collections, playlists


def test_tags_are_renamed(phone, videos, schema_of):
    tags.add(videos[0], ["sea"])
    answer = phone.post("/api/v1/tags/rename/", {"tag": "SEA", "name": "Ocean"}, format="json")
    assert schema_of("/tags/rename/", answer, "post") == {"name": "Ocean", "films": 1}
    assert Tag.objects.get().name == "Ocean"
    assert schema_of("/tags/", phone.get("/api/v1/tags/"))["items"][0]["name"] == "Ocean"


def test_a_collection_that_was_changed_meanwhile_is_told_with_its_version(phone, schema_of):
    made = phone.post("/api/v1/collections/", {"name": "Summer"}, format="json")
    address = f"/api/v1/collections/{schema_of('/collections/', made, 'post')['id']}/"
    etag = phone.get(address)["ETag"]
    good = phone.patch(address, {"note": "Warm"}, format="json", headers={"If-Match": etag})
    assert schema_of("/collections/{collection_id}/", good, "patch")["version"] == 2
    late = phone.patch(address, {"note": "Cold"}, format="json", headers={"If-Match": etag})
    assert late.status_code == 412 and late.json()["current"] == 2
    assert phone.delete(address).status_code == 428
    assert phone.delete(address, headers={"If-Match": '"2"'}).status_code == 204


def test_a_playlist_is_made_filled_ordered_and_emptied(phone, videos, schema_of):
    first, second = ids(videos)
    made = phone.post("/api/v1/playlists/", {"title": "Evening"}, format="json")
    address = f"/api/v1/playlists/{schema_of('/playlists/', made, 'post')['id']}/"
    added = phone.post(f"{address}items/", {"videos": [first, second]}, format="json")
    assert schema_of("/playlists/{playlist_id}/items/", added, "post")["added"] == [first, second]
    item = f"{address}items/{second}/"
    moved = phone.patch(item, {"position": 1}, format="json")
    path = "/playlists/{playlist_id}/items/{video_id}/"
    assert schema_of(path, moved, "patch")["position"] == 1
    told = schema_of("/playlists/{playlist_id}/", phone.get(address))
    assert [entry["id"] for entry in told["items"]] == [second, first]
    ordered = phone.put(f"{address}order/", {"videos": [first, second]}, format="json")
    assert schema_of("/playlists/{playlist_id}/order/", ordered, "put")["films"] == 2
    stale = {"If-Match": moved["ETag"]}
    late = phone.patch(address, {"title": "Noon"}, format="json", headers=stale)
    assert late.status_code == 412
    assert phone.delete(item).status_code == 204
    assert phone.delete(item).status_code == 404
    assert phone.delete(address, headers={"If-Match": "*"}).status_code == 204
    assert phone.get(address).status_code == 404


def test_others_play_a_shared_playlist_and_do_not_change_it(stranger, alice, videos):
    shared = playlists.create(alice, "Evening", visibility="members")
    playlists.add(shared, ids(videos), alice)
    address = f"/api/v1/playlists/{shared.pk}/"
    assert stranger.get(address).json()["may_change"] is False
    added = stranger.post(f"{address}items/", {"videos": []}, format="json")
    assert added.status_code == 403
    assert Playlist.objects.get().items.count() == 2
