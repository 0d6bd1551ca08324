"""The API's description is what is served."""

import html
import json
import re

import jsonschema
import pytest
from django.urls import get_resolver

from library.api.explained import EXPLAINED
from library.api.kinds import kinds
from library.api.problems import MEDIA_TYPE
from library.models.scopes import SCOPES
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
    undescribed = {"schema/", "docs/", "problems/", "problems/<slug:code>/"}
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


def test_every_example_is_what_its_shape_allows(schema):
    seen = 0
    for operations in schema["paths"].values():
        for operation in operations.values():
            for place in (operation.get("requestBody", {}), *operation["responses"].values()):
                for content in place.get("content", {}).values():
                    for example in _examples(content):
                        shape = {**content["schema"], "components": schema["components"]}
                        jsonschema.validate(example, shape, cls=jsonschema.Draft202012Validator)
                        seen += 1
    assert seen > 200


def _examples(content):
    if "example" in content:
        yield content["example"]
    yield from (example["value"] for example in content.get("examples", {}).values())


def test_every_answer_has_an_example(schema):
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items():
                for media_type, content in answer.get("content", {}).items():
                    if "json" in media_type:
                        assert list(_examples(content)), f"{method} {path} {status}"


def test_every_kind_of_problem_is_explained_and_its_type_opens_the_page(client, schema):
    import streaming.errors  # noqa: F401  # it has some of its own

    assert set(kinds()) == set(EXPLAINED)
    for kind in kinds().values():
        page = client.get(kind.example()["type"])
        text = re.sub("</?code>", "", html.unescape(page.content.decode()))
        assert page.status_code == 200
        assert kind.code in text and all(
            words.replace("`", "") in text for words in (kind.means, kind.remedy)
        )


def test_every_problem_of_the_api_is_listed_in_its_description(schema):
    listed = {
        code
        for operations in schema["paths"].values()
        for operation in operations.values()
        for answer in operation["responses"].values()
        for code in answer.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {})
    }
    elsewhere = {"bad-kit", "broken", "method-not-allowed", "bytes-unavailable"}
    elsewhere |= {"precondition-failed", "range-not-satisfiable"}
    elsewhere |= {"address-ended", "address-expired", "budget-used", "not-sure"}
    elsewhere |= {"too-many-ranges", "too-many-streams"}
    assert listed | elsewhere == set(kinds())


def test_the_page_to_read_tells_every_address_and_asks_nobody_else(client, schema):
    page = client.get("/api/v1/docs/")
    text = html.unescape(page.content.decode())
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', text)
    assert not re.findall(r"<style|style=|<script(?![^>]* src=)", text)
    for path, operations in schema["paths"].items():
        assert path in text
        for operation in operations.values():
            assert f'id="{operation["operationId"]}"' in text
            assert operation["summary"] in text
    # How to begin stands before anything else.
    steps = ["auth/tokens/", "uploads/", "Upload-Offset: 0", "stages", "playback/", "/stream/"]
    found = [text.index(step, text.index("<pre")) for step in steps]
    assert found == sorted(found)
    assert found[-1] < text.index('id="rules"')


def test_every_operation_says_what_it_is_for_and_which_scopes_it_needs(schema):
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], f"{method} {path}"
            assert set(operation["x-scopes"]) <= set(SCOPES)
            if method == "post" and path != "/api/v1/auth/tokens/":
                names = {parameter["name"] for parameter in operation.get("parameters", [])}
                assert "Idempotency-Key" in names, path
