"""Imports over the API and on their page."""

import hashlib
import json
from html.parser import HTMLParser

import jsonschema
import pytest
from rest_framework.test import APIClient

from filmedia.filecoin.piece import PieceCid
from library.importing import asking, fetching
from library.models import DeviceToken, Import, Upload, Video

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/imports/"


@pytest.fixture
def cid(elsewhere):
    return elsewhere.keep(b"0123456789" * 1000)


@pytest.fixture
def client_of():
    def make(user, **scopes):
        api = APIClient()
        _, token = DeviceToken.objects.create(user=user, device="phone", **scopes)
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return api

    return make


@pytest.fixture
def staff(client_of, admin):
    return client_of(admin)


@pytest.fixture
def shape(client):
    schema = json.loads(client.get("/api/v1/schema/?format=json").content)

    def hold(name, told):
        wanted = {**schema["components"]["schemas"][name], "components": schema["components"]}
        jsonschema.validate(told, wanted, cls=jsonschema.Draft202012Validator)
        assert set(told) == set(wanted["properties"])

    return hold


def test_a_film_is_asked_for_fetched_by_a_worker_and_told(staff, elsewhere, cid, shape):
    said = {"cids": [cid], "sources": [elsewhere.url], "title": "Pier", "tags": ["sea"]}
    answer = staff.post(URL, said, format="json")
    assert answer.status_code == 202, answer.content
    told = answer.json()
    assert answer["Location"] == told["url"]
    assert (told["state"], told["received"], told["size"]) == ("waiting", 0, 10_000)
    shape("ImportShape", told)
    assert fetching.take_one("a worker")
    assert not fetching.take_one("a worker")
    told = staff.get(told["url"]).json()
    shape("ImportShape", told)
    video = Video.objects.get()
    assert (told["state"], told["video"], told["received"]) == ("done", video.pk, 10_000)
    assert [tag.name for tag in video.tags.all()] == ["sea"]
    listed = staff.get(URL).json()
    shape("ImportPageShape", listed)
    assert listed["items"] == [told]


def test_the_same_sent_twice_by_its_key_is_asked_for_once(staff, elsewhere, cid):
    said = {"cids": [cid], "sources": [elsewhere.url]}
    first, second = (
        staff.post(URL, said, format="json", headers={"Idempotency-Key": "once"}) for _ in "ab"
    )
    assert first.json() == second.json()
    assert Import.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cids": ["bafy"]}, "cids"),
        ({"cids": []}, "cids"),
        ({"sources": ["https://127.0.0.1"]}, "sources"),
        ({"sources": []}, "sources"),
        ({"sources": ["\x00"]}, "sources"),
        ({"title": "a\x00b"}, "title"),
        ({"visibility": "all"}, "visibility"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(staff, elsewhere, cid, change, field):
    said = {"cids": [cid], "sources": [elsewhere.url]} | change
    answer = staff.post(URL, said, format="json")
    assert answer.status_code == 400, answer.content
    assert field in answer.content.decode()
    assert not Import.objects.exists()
    assert not Upload.objects.exists()


def test_members_may_not_and_staff_by_a_token_without_admin_neither(
    client_of, alice, admin, elsewhere, cid
):
    said = {"cids": [cid], "sources": [elsewhere.url]}
    narrow = client_of(admin, scopes=["videos:read", "uploads:write"])
    for api in (client_of(alice), narrow):
        assert api.post(URL, said, format="json").status_code == 403
    assert elsewhere.asked == []


def test_one_s_own_can_be_cancelled_and_another_s_is_not_there(
    client_of, alice, mallory, elsewhere, cid
):
    row = asking.ask(alice, [cid], [elsewhere.url])
    stranger, owner = client_of(mallory), client_of(alice)
    assert stranger.get(f"{URL}{row.pk}/").status_code == 404
    assert stranger.delete(f"{URL}{row.pk}/").status_code == 404
    assert stranger.get(URL).json()["items"] == []
    assert owner.delete(f"{URL}{row.pk}/").status_code == 204
    assert owner.delete(f"{URL}{row.pk}/").status_code == 409
    assert owner.get(f"{URL}{row.pk}/").json()["state"] == "cancelled"


# --- the page


class _Alerts(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.inside, self.words = False, ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.inside = self.inside or dict(attributes).get("role") == "alert"

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "div"

    def handle_data(self, data):
        self.words += data if self.inside else ""


def test_the_page_takes_a_film_and_shows_where_it_is(client, admin, elsewhere, cid):
    client.force_login(admin, "django.contrib.auth.backends.ModelBackend")
    v1 = PieceCid.parse(cid).v1
    said = {"cids": f"\n{v1}:10000\n", "sources": elsewhere.url, "title": "Pier <1>"}
    page = client.post("/import/", said, follow=True)
    assert page.redirect_chain == [("/import/", 302)]
    assert "Pier &lt;1&gt;" in page.content.decode()
    assert "Waiting" in page.content.decode()
    fetching.take_one("a worker")
    page = client.get("/import/").content.decode()
    assert f'href="/watch/{Video.objects.get().pk}/"' in page
    assert 'name="cancel"' not in page


def test_what_was_typed_stays_beside_the_reason_it_is_refused(client, admin, elsewhere, cid):
    client.force_login(admin, "django.contrib.auth.backends.ModelBackend")
    answer = client.post("/import/", {"cids": cid, "sources": "https://10.0.0.1", "title": "Pier"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "not of the public internet" in _Alerts(page).words
    assert cid in page
    assert 'value="Pier"' in page


def test_the_page_cancels_an_import(client, admin, elsewhere, cid):
    client.force_login(admin, "django.contrib.auth.backends.ModelBackend")
    row = asking.ask(admin, [cid], [elsewhere.url])
    assert f'value="{row.pk}"' in client.get("/import/").content.decode()
    client.post("/import/", {"cancel": row.pk})
    row.refresh_from_db()
    assert row.state == Import.State.CANCELLED
    for nonsense in ("imp_nowhere", "a\x00b"):
        assert client.post("/import/", {"cancel": nonsense}).status_code == 400


def test_nobody_sends_bytes_between_those_that_are_fetched(staff, elsewhere, cid):
    """At the border of two pieces, a whole one could be put in place of that which was named."""
    upload = staff.post(URL, {"cids": [cid], "sources": [elsewhere.url]}, format="json").json()[
        "upload"
    ]
    sent = staff.generic(
        "PATCH",
        f"/api/v1/uploads/{upload}/",
        b"x" * 10_000,
        content_type="application/offset+octet-stream",
        headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0"},
    )
    assert (sent.status_code, sent.json()["code"]) == (409, "wrong-state")
    assert fetching.take_one("a worker")
    assert Video.objects.get().sha256 == hashlib.sha256(b"0123456789" * 1000).hexdigest()
