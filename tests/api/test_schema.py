"""The API's description is what is served."""

import json
import re

import jsonschema
import pytest
from django.urls import get_resolver

from library.uploads import receiving
from tests.api.conftest import ANY
from tests.making import received_video, stored_video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def schema(client):
    answer = client.get("/api/v1/schema/?format=json")
    assert answer.status_code == 200
    return json.loads(answer.content)


def check(schema, method, path, answer):
    """Hold an answer against what its operation says of that status."""
    operation = schema["paths"][path][method]
    described = operation["responses"][str(answer.status_code)]
    media_type = answer["Content-Type"].partition(";")[0]
    shape = described["content"][media_type]["schema"]
    jsonschema.validate(
        answer.json(),
        {**shape, "components": schema["components"]},
        cls=jsonschema.Draft202012Validator,
    )


def test_it_is_openapi_3_1_and_every_route_is_in_it(schema):
    assert schema["openapi"].startswith("3.1")
    undescribed = {"schema/", "docs/", "problems/"}
    routes = {
        re.sub(r"<\w+:(\w+)>", r"{\1}", f"/api/v1/{pattern.pattern}")
        for pattern in get_resolver("library.api.urls").url_patterns
        if str(pattern.pattern) not in undescribed and pattern.name != "nowhere"
    }
    assert set(schema["paths"]) == routes


def test_it_says_what_is_served(schema, phone, nobody, alice, client):
    video = stored_video(alice, b"a stored film")
    received_video(alice, b"a received film")
    upload = receiving.begin(alice, length=10, filename="a.mp4")
    detail, item = "/api/v1/videos/{video_id}/", f"/api/v1/videos/{video.pk}/"
    uploads, one = "/api/v1/uploads/", "/api/v1/uploads/{upload_id}/"
    tokens = "/api/v1/auth/tokens/"
    check(schema, "get", "/api/v1/videos/", phone.get("/api/v1/videos/"))
    check(schema, "get", "/api/v1/videos/", phone.get("/api/v1/videos/?limit=x"))
    check(schema, "get", detail, phone.get(item))
    check(schema, "get", detail, nobody.get(item))
    check(schema, "patch", detail, phone.patch(item, {"title": "New"}, format="json", headers=ANY))
    check(schema, "patch", detail, phone.patch(item, {"title": ""}, format="json", headers=ANY))
    check(schema, "patch", detail, nobody.patch(item, {"title": ""}, format="json", headers=ANY))
    check(schema, "post", f"{detail}restore/", phone.post(f"{item}restore/"))
    open_one = stored_video(alice, b"stored open", stored_open=True)
    address = f"/api/v1/videos/{open_one.pk}/"
    check(
        schema, "patch", detail, phone.patch(address, {"title": "New"}, format="json", headers=ANY)
    )
    check(schema, "post", f"{detail}encrypt/", phone.post(f"{address}encrypt/"))
    check(schema, "get", detail, phone.get(address))
    check(schema, "post", f"{detail}encrypt/", phone.post(f"{item}encrypt/"))
    check(schema, "post", f"{detail}erase/", phone.post(f"{item}erase/"))
    phone.delete(item, headers=ANY)
    check(schema, "post", f"{detail}erase/", phone.post(f"{item}erase/"))
    check(schema, "get", uploads, phone.get(uploads))
    check(schema, "get", one, phone.get(f"{uploads}{upload.pk}/"))
    check(schema, "get", "/api/v1/events/", phone.get("/api/v1/events/"))
    check(schema, "get", "/api/v1/me/", phone.get("/api/v1/me/"))
    check(schema, "get", "/api/v1/me/", nobody.get("/api/v1/me/"))
    check(schema, "get", tokens, phone.get(tokens))
    right = {"username": "alice", "password": "alice's long password", "device": "phone"}
    check(schema, "post", tokens, nobody.post(tokens, right, format="json"))
    check(schema, "post", tokens, nobody.post(tokens, right | {"password": "x"}, format="json"))
    check(schema, "post", tokens, nobody.post(tokens, {}, format="json"))


def test_every_member_that_is_told_is_described(schema, phone, alice):
    video = stored_video(alice, b"a stored film")
    receiving.begin(alice, length=10)
    shapes = schema["components"]["schemas"]
    told = phone.get(f"/api/v1/videos/{video.pk}/").json()
    assert set(told) == set(shapes["VideoDetailShape"]["properties"])
    changed = phone.patch(f"/api/v1/videos/{video.pk}/", {}, format="json", headers=ANY).json()
    assert set(changed) == set(shapes["ChangedVideoShape"]["properties"])
    told = phone.get("/api/v1/videos/").json()["items"][0]
    assert set(told) == set(shapes["FoundVideoShape"]["properties"])
    told = phone.get("/api/v1/uploads/").json()["items"][0]
    assert set(told) == set(shapes["UploadShape"]["properties"])


def test_the_page_that_shows_it_asks_nobody_else(client):
    page = client.get("/api/v1/docs/").content.decode()
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
