"""Films over the API."""

import pytest

from library.models import Event, FilmKey, RecoveryKit, Video
from library.storing.worker import Worker
from tests.api.conftest import ANY
from tests.making import received_video, stored_video

pytestmark = pytest.mark.django_db(transaction=True)

VIDEOS = "/api/v1/videos/"


@pytest.fixture
def video(alice):
    return received_video(alice, b"a film of alice's", title="Harbour at dawn")


def url(video):
    return f"{VIDEOS}{video.pk}/"


def test_a_film_is_told_with_its_names_pieces_and_stages(phone, video):
    told = phone.get(url(video)).json()
    assert told["title"] == "Harbour at dawn"
    assert (told["size"], told["sha256"]) == (video.size, video.sha256)
    assert told["state"] == "received"
    assert told["stream_url"] == f"/stream/{video.pk}/"
    (piece,) = told["pieces"]
    assert set(piece) == {"index", "offset", "size", "piece_cid", "copies"}
    assert [stage["name"] for stage in told["stages"]] == ["receive", "check", "store", "verify"]


def test_a_copy_of_a_stored_film_is_told_with_its_evidence(phone, alice):
    video = stored_video(alice, b"stored bytes")
    (piece,) = phone.get(url(video)).json()["pieces"]
    (copy,) = piece["copies"]
    assert copy["provider"] == "local"
    assert copy["verified_at"]


def test_mallory_learns_nothing_of_a_private_film(stranger, video):
    assert stranger.get(url(video)).status_code == 404
    assert stranger.patch(url(video), {"title": "x"}, format="json", headers=ANY).status_code == 404
    assert stranger.delete(url(video), headers=ANY).status_code == 404
    assert stranger.post(f"{url(video)}restore/").status_code == 404
    assert stranger.get(VIDEOS).json()["items"] == []
    named = {"X-Request-Id": "the-same"}
    missing = stranger.get(f"{VIDEOS}vid_nowhere/", headers=named).json()
    hidden = stranger.get(url(video), headers=named).json()
    assert missing | {"instance": ""} == hidden | {"instance": ""}


def test_who_may_watch_may_not_change(stranger, alice):
    shared = received_video(alice, b"shared", visibility="members")
    assert stranger.get(url(shared)).status_code == 200
    answer = stranger.patch(url(shared), {"title": "mine"}, format="json", headers=ANY)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    assert stranger.delete(url(shared), headers=ANY).status_code == 403


def test_nobody_sees_public_films_and_no_others(nobody, alice):
    public = received_video(alice, b"public", visibility="public")
    received_video(alice, b"members", visibility="members")
    assert [item["id"] for item in nobody.get(VIDEOS).json()["items"]] == [public.pk]
    answer = nobody.patch(url(public), {"title": "x"}, format="json", headers=ANY)
    assert answer.status_code == 401


def test_words_and_visibility_are_changed_and_written_down(phone, video):
    change = {"title": "Dawn", "description": "Quiet.", "visibility": "members"}
    told = phone.patch(url(video), change, format="json", headers=ANY).json()
    assert {name: told[name] for name in change} == change
    event = Event.objects.last()
    assert (event.type, event.data["changed"]) == ("video.changed", sorted(change))


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        pytest.param({"title": ""}, "/title", id="no title"),
        pytest.param({"title": "x" * 301}, "/title", id="title too long"),
        pytest.param({"title": "a\x00b"}, "/title", id="NUL"),
        pytest.param({"title": ["x"]}, "/title", id="a list"),
        pytest.param({"visibility": "everybody"}, "/visibility", id="unknown visibility"),
        pytest.param({"size": 1}, "/size", id="a fact"),
        pytest.param({"titel": "x"}, "/titel", id="a misspelt field"),
    ],
)
def test_a_wrong_change_names_its_field_and_changes_nothing(phone, video, change, pointer):
    answer = phone.patch(url(video), change, format="json", headers=ANY)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    video.refresh_from_db()
    assert video.title == "Harbour at dawn"


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff"])
def test_a_body_that_is_no_object_is_refused(phone, video, body):
    answer = phone.generic("PATCH", url(video), body, content_type="application/json", headers=ANY)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_a_film_goes_to_the_trash_and_comes_back(phone, video):
    assert phone.delete(url(video), headers=ANY).status_code == 204
    assert phone.get(url(video)).status_code == 404
    assert phone.get(VIDEOS).json()["items"] == []
    assert phone.post(f"{url(video)}restore/").status_code == 200
    assert phone.get(url(video)).status_code == 200


def test_pages_follow_each_other_without_gap_or_repetition(phone, alice):
    made = [received_video(alice, f"film {n}".encode()).pk for n in range(7)]
    at = made[0]
    # Films of one and the same moment must not be lost between two pages.
    Video.objects.update(created_at=Video.objects.get(pk=at).created_at)
    seen, address = [], f"{VIDEOS}?limit=3"
    while address:
        answer = phone.get(address)
        seen += [item["id"] for item in answer.json()["items"]]
        cursor = answer.json()["next_cursor"]
        assert bool(cursor) == ("Link" in answer)
        address = f"{VIDEOS}?limit=3&cursor={cursor}" if cursor else None
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "cursor=x",
        "cursor=eA",
        "state=gone",
        "titel=x",
        "piece_cid=baga",
        "visibility=all",
        "q=%00",
        "cursor=OTk5OS0xMi0zMVQyMzo1OTo1OS0yMzo1OSB2aWRfeA",
    ],
)
def test_a_wrong_question_is_refused_by_name(phone, query):
    answer = phone.get(f"{VIDEOS}?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"


def test_films_are_found_by_words_state_owner_and_piece(phone, alice, mallory, video):
    other = stored_video(mallory, b"another", title="Alps, take 2", visibility="members")

    def found(query):
        return [item["id"] for item in phone.get(f"{VIDEOS}?{query}").json()["items"]]

    assert found("q=dawn harbour") == [video.pk]
    assert found("q=dawn alps") == []
    assert found("state=stored") == [other.pk]
    assert found("owner=mallory") == [other.pk]
    assert found("visibility=private") == [video.pk]
    assert found(f"piece_cid={other.piece_cid}") == [other.pk]
    assert found(f"piece_cid={other.pieces.get().piece_cid}") == [other.pk]


def test_a_question_of_a_thousand_words_is_answered(phone, video):
    assert phone.get(f"{VIDEOS}?q={'dawn+' * 1500}").json()["items"]


def test_a_list_takes_as_many_queries_for_many_films_as_for_one(
    phone, alice, django_assert_max_num_queries
):
    received_video(alice, b"one")
    phone.get(VIDEOS)
    with django_assert_max_num_queries(6):
        phone.get(VIDEOS)
    for n in range(10):
        received_video(alice, f"film {n}".encode())
    with django_assert_max_num_queries(6):
        assert len(phone.get(VIDEOS).json()["items"]) == 11


@pytest.mark.open_storage
class TestStoredOpenOrEncrypted:
    @pytest.fixture
    def film(self, alice):
        """Stored open, and for everybody."""
        return stored_video(alice, b"a film", visibility="public")

    def test_list_detail_and_upload_say_which(self, phone, video, film):
        told = {item["id"]: item["encrypted"] for item in phone.get(VIDEOS).json()["items"]}
        assert told == {video.pk: True, film.pk: False}
        assert [phone.get(url(one)).json()["encrypted"] for one in (video, film)] == [True, False]
        uploads = phone.get("/api/v1/uploads/").json()["items"]
        assert {one["video"]: one["encrypted"] for one in uploads} == told

    def test_a_public_film_made_private_says_that_copies_stay_readable(self, phone, film):
        assert (
            phone.patch(url(film), {"title": "Pier"}, format="json", headers=ANY).json()["notice"]
            == ""
        )
        told = phone.patch(url(film), {"visibility": "private"}, format="json", headers=ANY).json()
        assert "stay readable for whoever knows their PieceCIDs" in told["notice"]
        assert "store it anew, encrypted" in told["notice"]
        assert not told["encrypted"]

    def test_an_encrypted_film_stays_so_when_it_is_made_public(self, phone, video):
        told = phone.patch(url(video), {"visibility": "public"}, format="json", headers=ANY).json()
        assert (told["encrypted"], told["notice"]) == (True, "")

    def test_it_is_stored_anew_when_asked(self, phone, film):
        phone.patch(url(film), {"visibility": "private"}, format="json", headers=ANY)
        answers = [phone.post(f"{url(film)}encrypt/") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [202, 202]
        stage = answers[0].json()["stages"][-1]
        assert (stage["name"], stage["state"], stage["total"]) == ("encrypt", "waiting", 12)
        Worker().drain()
        told = phone.get(url(film)).json()
        assert (told["encrypted"], told["state"]) == (True, "stored")
        assert (told["sha256"], told["size"]) == (film.sha256, film.size)
        assert told["piece_cid"] != film.piece_cid
        assert [stage["name"] for stage in told["stages"]][-1] == "verify"
        uploads = phone.get("/api/v1/uploads/").json()["items"]
        assert [one["encrypted"] for one in uploads] == [True]
        again = phone.post(f"{url(film)}encrypt/")
        assert (again.status_code, again.json()["code"]) == (409, "wrong-state")
        assert again.json()["detail"] == "This film is stored encrypted already."

    def test_a_film_for_everybody_is_not(self, phone, film):
        answer = phone.post(f"{url(film)}encrypt/")
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong-state")
        assert "Everybody may watch this film" in answer.json()["detail"]


def test_a_film_is_erased_out_of_the_trash_and_says_where_its_key_may_be(phone, alice):
    video = stored_video(alice, b"stored bytes")
    early = phone.post(f"{url(video)}erase/")
    assert (early.status_code, early.json()["code"]) == (409, "wrong-state")
    phone.delete(url(video), headers=ANY)
    RecoveryKit.objects.create(library_key="0" * 16, films=1)
    told = phone.post(f"{url(video)}erase/").json()
    assert (told["id"], told["encrypted"], told["in_last_kit"]) == (video.pk, True, True)
    assert told["last_kit_at"] and "contains this key" in told["notice"]
    assert not Video.objects.exists()
    assert not FilmKey.objects.exists()
    assert phone.post(f"{url(video)}erase/").status_code == 404
    event = phone.get("/api/v1/events/").json()["items"][-1]
    assert (event["type"], event["data"]["notice"]) == ("video.purged", told["notice"])
