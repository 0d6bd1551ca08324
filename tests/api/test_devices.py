"""Signing in on a device, and out."""

from datetime import timedelta

import pytest
from django.utils import timezone

from library.models import DeviceToken

pytestmark = pytest.mark.django_db

TOKENS = "/api/v1/auth/tokens/"
RIGHT = {"username": "alice", "password": "alice's long password", "device": "phone"}


def test_a_token_opens_the_api_and_tells_when_it_ends(nobody, alice):
    answer = nobody.post(TOKENS, RIGHT, format="json")
    assert answer.status_code == 201
    told = answer.json()
    assert set(told) == {"id", "token", "device", "scopes", "expires_at"}
    assert answer["Cache-Control"] == "no-store"
    nobody.credentials(HTTP_AUTHORIZATION=f"Bearer {told['token']}")
    assert nobody.get("/api/v1/me/").json()["username"] == "alice"


def test_the_secret_is_not_kept(nobody, alice):
    token = nobody.post(TOKENS, RIGHT, format="json").json()["token"]
    kept = DeviceToken.objects.get()
    assert token not in {kept.digest, kept.token_key, kept.public_id}


@pytest.mark.parametrize(
    "change", [{"password": "wrong"}, {"username": "nobody"}], ids=["password", "name"]
)
def test_what_was_wrong_is_not_told(nobody, alice, change):
    answer = nobody.post(TOKENS, RIGHT | change, format="json")
    assert answer.status_code == 401
    assert answer.json()["detail"] == "The user name or the password is wrong."


@pytest.mark.parametrize("missing", ["username", "password", "device"])
def test_each_missing_field_is_named(nobody, alice, missing):
    given = {name: value for name, value in RIGHT.items() if name != missing}
    answer = nobody.post(TOKENS, given, format="json")
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{missing}"]


def test_guessing_is_slowed_down(nobody, alice, settings):
    settings.AXES_FAILURE_LIMIT = 3
    for _ in range(3):
        nobody.post(TOKENS, RIGHT | {"password": "guess"}, format="json")
    answer = nobody.post(TOKENS, RIGHT, format="json")
    assert answer.status_code == 429
    assert answer.json()["code"] == "too-many-failures"
    assert int(answer["Retry-After"]) > 0


def test_devices_are_listed_and_signed_out_one_by_one(phone, device_of, alice):
    tablet = device_of(alice)
    items = phone.get(TOKENS).json()["items"]
    assert [item["current"] for item in items].count(True) == 1
    other = next(item for item in items if not item["current"])
    assert phone.delete(f"{TOKENS}{other['id']}/").status_code == 204
    assert tablet.get("/api/v1/me/").status_code == 401
    assert phone.get("/api/v1/me/").status_code == 200


def test_mallory_signs_nobody_else_out(phone, stranger):
    (mine,) = phone.get(TOKENS).json()["items"]
    assert stranger.delete(f"{TOKENS}{mine['id']}/").status_code == 404
    assert phone.get("/api/v1/me/").status_code == 200


def test_a_token_that_has_expired_opens_nothing(phone):
    DeviceToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    answer = phone.get("/api/v1/me/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_token_of_somebody_who_may_not_come_in_any_more_opens_nothing(phone, alice):
    alice.is_active = False
    alice.save()
    assert phone.get("/api/v1/me/").status_code == 401


@pytest.mark.parametrize(
    "value", ["Bearer", "Bearer a b", "Bearer \xff\xfe", "Bearer " + "x" * 500]
)
def test_a_token_that_cannot_be_read_is_refused_like_a_wrong_one(nobody, value):
    nobody.credentials(HTTP_AUTHORIZATION=value)
    answer = nobody.get("/api/v1/videos/")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_a_device_is_seen_again_at_most_each_minute(phone):
    phone.get("/api/v1/me/")
    seen = DeviceToken.objects.get().last_used_at
    phone.get("/api/v1/me/")
    assert DeviceToken.objects.get().last_used_at == seen is not None
