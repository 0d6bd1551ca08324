"""Errors, in one shape, wherever they come from."""

from urllib.parse import unquote

import pytest
from django.test import Client

from library.api import problem_page
from tests.making import received_video

pytestmark = pytest.mark.django_db(transaction=True)

MEMBERS = {"type", "title", "status", "detail", "instance", "code"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/api/v1/nowhere/", 404, id="an address that leads nowhere"),
        pytest.param("GET", "/api/v1/", 404, id="the root"),
        pytest.param("GET", "/api/", 404, id="above every version"),
        pytest.param("GET", "/api/v2/videos/", 404, id="a version there is not"),
        pytest.param("POST", "/api/v1/nowhere/", 404, id="a POST that leads nowhere"),
        pytest.param("GET", "/api/v1/videos/%00/", 404, id="an id with NUL"),
        pytest.param("GET", "/api/v1/videos/x/y/z", 404, id="below a film"),
        pytest.param("POST", "/api/v1/videos/vid_x/restore/", 401, id="without signing in"),
        pytest.param("GET", "/api/v1/videos/vid_x/", 404, id="a film that is not there"),
    ],
)
def test_every_error_is_a_problem(nobody, method, path, status):
    answer = nobody.generic(method, path)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert set(told) >= MEMBERS
    assert (told["status"], told["instance"]) == (status, unquote(path))


def test_who_has_not_signed_in_is_told_how(nobody):
    told = nobody.get("/api/v1/videos/").json() | nobody.post("/api/v1/uploads/").json()
    assert told["code"] == "sign-in-first"
    assert "/api/v1/auth/tokens/" in told["detail"]


def test_a_method_it_does_not_have_is_a_problem_too(phone):
    answer = phone.put("/api/v1/videos/", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert "GET" in answer["Allow"]


def test_a_foreign_form_that_leads_nowhere_is_a_problem_too():
    answer = Client(enforce_csrf_checks=True).post("/api/v1/nowhere/")
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        pytest.param(b"[" * 200_000, "application/json", id="nested too deeply"),
        pytest.param(b"{}", "application/json; charset=klingon", id="an unknown charset"),
    ],
)
def test_json_that_makes_parsers_stumble_is_refused(nobody, body, media_type):
    answer = nobody.generic("POST", "/api/v1/auth/tokens/", body, content_type=media_type)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("address", "sent", "status"),
    [
        pytest.param(
            "auth/tokens/", {"data": b" " * 3_000_000 + b"{}"}, 413, id="a body too large"
        ),
        pytest.param("videos/?" + "&".join(["tag=a"] * 2_000), {}, 400, id="too many parameters"),
        pytest.param("videos/", {"HTTP_HOST": "elsewhere.example"}, 400, id="another host"),
    ],
)
def test_what_no_view_gets_to_read_is_a_problem_too(nobody, address, sent, status):
    method = "POST" if "data" in sent else "GET"
    answer = nobody.generic(method, f"/api/v1/{address}", content_type="application/json", **sent)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert set(answer.json()) >= MEMBERS


def test_a_form_of_too_many_fields_is_a_problem_too(phone, alice):
    address = f"/api/v1/videos/{received_video(alice).pk}/captions/"
    answer = phone.post(address, {f"f{number}": "x" for number in range(1_500)})
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable")


def test_a_type_leads_to_a_page_that_explains_it(nobody):
    told = nobody.get("/api/v1/nowhere/").json()
    assert "<code>not-found</code>" in nobody.get(told["type"]).content.decode()
    assert told["type"] in nobody.get("/api/v1/problems/").content.decode()


def test_too_many_sign_ins_say_when_to_come_back(nobody, settings):
    from rest_framework.throttling import ScopedRateThrottle

    rates = ScopedRateThrottle.THROTTLE_RATES
    assert rates["sign-in"] == "30/min"
    body = {"username": "x", "password": "y", "device": "z"}
    settings.AXES_ENABLED = False
    for _ in range(30):
        nobody.post("/api/v1/auth/tokens/", body, format="json")
    answer = nobody.post("/api/v1/auth/tokens/", body, format="json")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) == answer.json()["retry_after"] > 0


def test_sign_ins_are_counted_by_the_connection_whatever_it_says_of_itself(nobody, settings):
    body = {"username": "x", "password": "y", "device": "z"}
    settings.AXES_ENABLED = False
    answers = [
        nobody.post(
            "/api/v1/auth/tokens/",
            body,
            format="json",
            headers={"X-Forwarded-For": f"192.0.2.{number}"},
        ).status_code
        for number in range(31)
    ]
    assert answers.count(429) == 1


def test_a_failure_of_ours_tells_nothing_of_itself(nobody, monkeypatch, settings):
    def broken(request):
        raise RuntimeError("the password is secret")

    nobody.raise_request_exception = False
    monkeypatch.setattr(problem_page, "render", lambda *_: broken(None))
    answer = nobody.get("/api/v1/problems/")
    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    assert "secret" not in answer.content.decode()
