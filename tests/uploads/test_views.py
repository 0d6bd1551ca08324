"""tus over HTTP, as the endpoints speak it under any server."""

import base64
import hashlib
import io

import pytest

from library.models import Upload, Video
from library.uploads import receiving

pytestmark = pytest.mark.django_db(transaction=True)

BYTES = "application/offset+octet-stream"
UPLOADS = "/api/v1/uploads/"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class Tus:
    """A signed-in client that says which version of tus it speaks."""

    def __init__(self, client):
        self.client = client

    def __call__(self, method, url, data=b"", content_type=BYTES, **headers):
        headers = {"Tus-Resumable": "1.0.0"} | {
            name.replace("_", "-"): value for name, value in headers.items() if value is not None
        }
        return self.client.generic(method, url, data, content_type, headers=headers)

    def begin(self, length=10, **headers):
        answer = self("POST", UPLOADS, Upload_Length=str(length), **headers)
        assert answer.status_code == 201, answer.content
        return answer["Location"]


@pytest.fixture
def tus(client, alice):
    client.force_login(alice)
    return Tus(client)


def problem(answer):
    assert answer["Content-Type"] == "application/problem+json"
    return answer.json()


def test_a_film_is_created_sent_and_looked_up(tus):
    metadata = f"filename {encoded('a.mp4')},visibility {encoded('members')}"
    url = tus.begin(Upload_Metadata=metadata)
    assert tus("HEAD", url)["Upload-Offset"] == "0"
    answer = tus("PATCH", url, b"01234", Upload_Offset="0")
    assert (answer.status_code, answer["Upload-Offset"]) == (204, "5")
    assert tus("PATCH", url, b"56789", Upload_Offset="5").status_code == 204
    video = Video.objects.get()
    assert (video.filename, video.visibility) == ("a.mp4", "members")
    seen = tus("GET", url).json()
    assert (seen["state"], seen["offset"], seen["length"]) == ("received", 10, 10)
    assert seen["video"] == video.pk
    assert tus("HEAD", url)["Upload-Offset"] == "10"


def test_every_answer_speaks_of_tus_and_none_is_cached(tus):
    url = tus.begin()
    for answer in (tus("HEAD", url), tus("PATCH", url, b"0", Upload_Offset="3")):
        assert answer["Tus-Resumable"] == "1.0.0"
        assert answer["Cache-Control"] == "no-store"
    assert "Upload-Expires" in tus("HEAD", url)


def test_options_tell_anybody_what_is_spoken(client):
    answer = client.options(UPLOADS)
    assert answer.status_code == 204
    assert answer["Tus-Version"] == "1.0.0"
    assert set(answer["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "creation-defer-length",
        "checksum",
        "expiration",
        "termination",
    }
    assert answer["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert int(answer["Tus-Max-Size"]) == 1024**4


def test_creation_can_carry_the_first_bytes(tus):
    answer = tus("POST", UPLOADS, b"01234", Upload_Length="10")
    assert (answer.status_code, answer["Upload-Offset"]) == (201, "5")


def test_a_length_can_follow_later(tus):
    url = tus("POST", UPLOADS, Upload_Defer_Length="1")["Location"]
    head = tus("HEAD", url)
    assert head["Upload-Defer-Length"] == "1"
    assert "Upload-Length" not in head
    tus("PATCH", url, b"01234", Upload_Offset="0")
    answer = tus("PATCH", url, b"56789", Upload_Offset="5", Upload_Length="10")
    assert answer.status_code == 204
    assert Video.objects.get().size == 10


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_checksum_is_held_against_the_bytes(tus, algorithm):
    url = tus.begin()
    digest = base64.b64encode(hashlib.new(algorithm, b"01234").digest()).decode()
    wrong = tus("PATCH", url, b"0123X", Upload_Offset="0", Upload_Checksum=f"{algorithm} {digest}")
    assert (wrong.status_code, problem(wrong)["code"]) == (460, "checksum-mismatch")
    assert tus("HEAD", url)["Upload-Offset"] == "0"
    right = tus("PATCH", url, b"01234", Upload_Offset="0", Upload_Checksum=f"{algorithm} {digest}")
    assert (right.status_code, right["Upload-Offset"]) == (204, "5")


def test_an_upload_is_cancelled_and_then_gone(tus):
    url = tus.begin()
    assert tus("DELETE", url).status_code == 204
    assert tus("HEAD", url).status_code == 410
    again = tus("PATCH", url, b"0", Upload_Offset="0")
    assert (again.status_code, problem(again)["code"]) == (410, "upload-gone")
    assert tus("DELETE", url).status_code == 410


def test_the_method_can_travel_in_a_header(tus):
    url = tus.begin()
    answer = tus("POST", url, b"01", Upload_Offset="0", X_HTTP_Method_Override="PATCH")
    assert (answer.status_code, answer["Upload-Offset"]) == (204, "2")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Upload_Offset": None}, 400, id="no offset"),
        pytest.param({"Upload_Offset": "-1"}, 400, id="negative offset"),
        pytest.param({"Upload_Offset": "9" * 30}, 400, id="huge offset"),
        pytest.param({"Upload_Offset": "7"}, 409, id="an offset that is not ours"),
        pytest.param({"Upload_Offset": "0", "content_type": "video/mp4"}, 415, id="media type"),
        pytest.param({"Upload_Offset": "0", "Content_Encoding": "gzip"}, 415, id="compressed"),
        pytest.param({"Upload_Offset": "0", "Upload_Checksum": "md5 AAAA"}, 400, id="checksum"),
        pytest.param({"Upload_Offset": "0", "Tus_Resumable": "0.2.2"}, 412, id="other version"),
        pytest.param({"Upload_Offset": "0", "Upload_Length": "11"}, 400, id="another length"),
        pytest.param({"Upload_Offset": "0", "data": b"x" * 11}, 413, id="more than announced"),
    ],
)
def test_a_wrong_patch_gets_a_clear_answer_and_loses_nothing(tus, headers, status):
    url = tus.begin()
    options = {"data": b"01234", **headers}
    if "Tus_Resumable" in options:
        answer = tus.client.generic(
            "PATCH",
            url,
            b"01234",
            BYTES,
            headers={"Tus-Resumable": options["Tus_Resumable"], "Upload-Offset": "0"},
        )
        assert answer["Tus-Version"] == "1.0.0"
    else:
        answer = tus("PATCH", url, **options)
    assert answer.status_code == status
    assert problem(answer)["status"] == status
    assert tus("HEAD", url)["Upload-Offset"] == "0"
    assert tus("PATCH", url, b"0123456789", Upload_Offset="0").status_code == 204


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 400, id="no length"),
        pytest.param({"Upload_Length": "1.5"}, 400, id="no whole number"),
        pytest.param({"Upload_Length": "1" * 30}, 400, id="huge"),
        pytest.param({"Upload_Length": str(2 * 1024**4)}, 413, id="over the limit"),
        pytest.param({"Upload_Length": "1", "Upload_Defer_Length": "1"}, 400, id="both lengths"),
        pytest.param({"Upload_Length": "1", "Upload_Metadata": "a ###"}, 400, id="metadata"),
        pytest.param(
            {"Upload_Length": "1", "Upload_Metadata": f"visibility {encoded('all')}"},
            400,
            id="visibility",
        ),
        pytest.param(
            {"Upload_Length": "1", "Upload_Metadata": f"title {encoded('x' * 301)}"},
            400,
            id="title too long",
        ),
    ],
)
def test_a_wrong_creation_gets_a_clear_answer(tus, headers, status):
    answer = tus("POST", UPLOADS, **headers)
    assert answer.status_code == status
    assert problem(answer)["detail"]
    assert not Upload.objects.exists()


def test_a_full_disk_is_said_before_the_first_byte(tus, settings):
    settings.DISK_KEEP_FREE = 2**60
    answer = tus("POST", UPLOADS, Upload_Length="10")
    assert (answer.status_code, problem(answer)["code"]) == (507, "no-space")


def test_mallory_finds_no_upload_of_alices(tus, client, mallory):
    url = tus.begin()
    client.force_login(mallory)
    stranger = Tus(client)
    for answer in (
        stranger("HEAD", url),
        stranger("GET", url),
        stranger("PATCH", url, b"0", Upload_Offset="0"),
        stranger("DELETE", url),
    ):
        assert answer.status_code == 404
    nowhere = stranger("GET", f"{UPLOADS}upl_nowhere/")
    assert nowhere.status_code == 404
    assert stranger("GET", UPLOADS).json()["items"] == []


def test_nobody_uploads_without_signing_in(client):
    answer = Tus(client)("POST", UPLOADS, Upload_Length="10")
    assert answer.status_code == 401


def test_a_session_needs_the_csrf_token(alice):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    answer = Tus(strict)("POST", UPLOADS, Upload_Length="10")
    assert answer.status_code == 403
    assert not Upload.objects.exists()


def test_a_list_of_uploads_takes_as_many_queries_for_many(
    tus, alice, django_assert_max_num_queries
):
    for count in (1, 6):
        for _ in range(count):
            upload = receiving.begin(alice, length=4)
            receiving.receive(upload, io.BytesIO(b"same"), offset=0)
        with django_assert_max_num_queries(9):
            items = tus("GET", UPLOADS).json()["items"]
    assert sum(item["duplicate"] is not None for item in items) == 6


def test_a_member_sees_their_own_uploads_newest_first(tus, alice):
    first = receiving.begin(alice, length=5)
    second = receiving.begin(alice, length=5)
    items = tus("GET", UPLOADS).json()["items"]
    assert [item["id"] for item in items] == [second.pk, first.pk]


def test_a_cursor_leads_on_to_older_uploads(tus, alice):
    first, second = (receiving.begin(alice, length=5) for _ in range(2))
    page = tus("GET", f"{UPLOADS}?limit=1").json()
    assert [item["id"] for item in page["items"]] == [second.pk]
    rest = tus("GET", f"{UPLOADS}?limit=1&cursor={page['next_cursor']}").json()
    assert ([item["id"] for item in rest["items"]], rest["next_cursor"]) == ([first.pk], None)
