"""What a token may be used for."""

import re

import pytest
from django.urls import get_resolver
from rest_framework.test import APIClient
from rest_framework.views import APIView

from library.api.scoped import METHODS, needed_by
from library.api.view import Asked
from library.jobs import working
from library.models import DeviceToken
from library.models.scopes import SCOPES
from tests.making import stored_video

pytestmark = pytest.mark.django_db(transaction=True)

VIEWS = {
    entry.name: (entry, entry.callback.cls)
    for entry in get_resolver("library.api.urls").url_patterns
    if issubclass(getattr(entry.callback, "cls", object), APIView) and entry.name != "schema"
}
OPERATIONS = [
    (name, method)
    for name, (_, view) in VIEWS.items()
    for method in METHODS
    if hasattr(view, method.lower())
]


def scoped(user, *scopes) -> APIClient:
    client = APIClient()
    _, secret = DeviceToken.objects.create(user=user, device="script", scopes=list(scopes))
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_names_the_scopes_of_each_of_its_methods(name):
    _, view = VIEWS[name]
    assert issubclass(view, Asked), "it goes without scopes, throttles, ETags and kept answers"
    for method in METHODS:
        if hasattr(view, method.lower()):
            assert method in view.scopes, f"{method} {name} names no scope"
            assert set(view.scopes[method]) <= set(SCOPES)


@pytest.mark.parametrize(("name", "method"), OPERATIONS)
def test_a_token_is_told_all_that_it_lacks(alice, name, method):
    entry, view = VIEWS[name]
    needed = set(needed_by(view, method))
    if not needed or (name, method) == ("tokens", "POST"):
        pytest.skip("any token will do, or none")
    rest = set(SCOPES) - needed
    url = "/api/v1/" + re.sub(r"<\w+:\w+>", "vid_nowhere", str(entry.pattern))
    answer = scoped(alice, *rest).generic(method, url, headers={"Tus-Resumable": "1.0.0"})
    assert answer.status_code == 403
    told = answer.json()
    assert (told["code"], set(told["needed"])) == ("missing-scope", needed)
    assert set(told["available"]) == rest
    assert all(scope in told["detail"] for scope in needed)


def test_a_token_does_what_its_scopes_say(alice):
    video = stored_video(alice)
    reading = scoped(alice, "videos:read")
    assert reading.get("/api/v1/videos/").status_code == 200
    change = reading.patch(f"/api/v1/videos/{video.pk}/", {}, format="json")
    assert change.json()["needed"] == ["videos:write"]
    assert reading.get("/api/v1/me/").json()["scopes"] == ["videos:read"]
    assert reading.get(f"/stream/{video.pk}/").status_code == 403
    assert reading.get(f"/poster/{video.pk}/").status_code == 403
    streaming = scoped(alice, "stream")
    assert streaming.get(f"/api/v1/videos/{video.pk}/playback/").status_code == 200


def test_staff_need_the_scope_admin_for_what_only_staff_may(admin, alice):
    video = stored_video(alice, visibility="private")
    url = f"/api/v1/videos/{video.pk}/"
    assert scoped(admin, "videos:read", "admin").get(url).status_code == 200
    assert scoped(admin, "videos:read").get(url).status_code == 404


def test_a_token_without_admin_learns_nothing_by_jobs_that_staff_began(admin, alice):
    hidden = stored_video(alice, visibility="private")
    bulk = {"action": "manifest", "ids": [hidden.pk]}
    whole, reading = scoped(admin, *SCOPES), scoped(admin, "videos:read", "videos:write")
    job = whole.post("/api/v1/videos/bulk/", bulk, format="json").json()
    while working.take_one("a test"):
        pass
    for part in ("", "manifest/"):
        assert whole.get(f"/api/v1/jobs/{job['id']}/{part}").status_code == 200
        assert reading.get(f"/api/v1/jobs/{job['id']}/{part}").status_code == 404
    assert reading.get("/api/v1/jobs/").json()["items"] == []
    bulk = {"action": "manifest", "ids": [stored_video(admin).pk]}
    own = reading.post("/api/v1/videos/bulk/", bulk, format="json").json()
    assert [one["id"] for one in reading.get("/api/v1/jobs/").json()["items"]] == [own["id"]]


def test_a_session_has_no_scopes_to_lack(alice):
    client = APIClient()
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/me/").json()["scopes"] == list(SCOPES)
    assert client.get("/api/v1/videos/").status_code == 200


def test_a_token_cannot_make_itself_a_stronger_one(alice):
    right = {"username": "alice", "password": "alice's long password", "device": "script"}
    made = APIClient().post(
        "/api/v1/auth/tokens/", right | {"scopes": ["videos:read"]}, format="json"
    )
    assert made.json()["scopes"] == ["videos:read"]
    strong, _ = DeviceToken.objects.create(user=alice, device="phone")
    weak = scoped(alice, "videos:read")
    answer = weak.delete(f"/api/v1/auth/tokens/{strong.public_id}/")
    assert answer.json()["code"] == "missing-scope"
    assert DeviceToken.objects.filter(pk=strong.pk).exists()


@pytest.mark.parametrize("scopes", [[], ["videos:own"], "videos:read", ["videos:read", 5]])
def test_scopes_that_there_are_not_are_refused(alice, scopes):
    right = {"username": "alice", "password": "alice's long password", "device": "script"}
    answer = APIClient().post("/api/v1/auth/tokens/", right | {"scopes": scopes}, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith("/scopes")
