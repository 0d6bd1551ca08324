"""Requests that come twice: what they mean is done once, and answered alike."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from library.errors import WrongState
from library.models import Collection, IdempotencyKey, Upload
from library.storing import sweeps
from tests.making import received_video

pytestmark = pytest.mark.django_db(transaction=True)

COLLECTIONS = "/api/v1/collections/"
KEY = {"Idempotency-Key": "one-of-mine"}
WORDS = b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello.\n"


def make(client, name="Alps", headers=KEY):
    return client.post(COLLECTIONS, {"name": name}, format="json", headers=headers)


def test_the_first_answer_comes_back_byte_for_byte(phone):
    first, second = make(phone), make(phone)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    for name in ("Content-Type", "Location", "ETag"):
        assert second[name] == first[name]
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Collection.objects.count() == 1


def test_a_key_with_another_body_or_at_another_address_is_refused(phone):
    make(phone)
    for answer in (
        make(phone, "Sea"),
        phone.post("/api/v1/playlists/", {"title": "Alps"}, format="json", headers=KEY),
        phone.post(f"{COLLECTIONS}?x=1", {"name": "Alps"}, format="json", headers=KEY),
    ):
        assert answer.status_code in {400, 422}
    assert make(phone, "Sea").json()["code"] == "idempotency-mismatch"
    assert Collection.objects.count() == 1


def test_a_key_is_its_persons_own(phone, stranger):
    assert make(phone).json()["id"] != make(stranger).json()["id"]


def test_without_a_key_or_with_another_it_is_done_again(phone):
    make(phone)
    assert make(phone, "Sea", {"Idempotency-Key": "another"}).status_code == 201
    assert make(phone, "Woods", {}).status_code == 201
    assert IdempotencyKey.objects.count() == 2


def test_while_it_is_being_answered_the_second_one_is_told_to_wait(phone, alice):
    make(phone)
    IdempotencyKey.objects.update(status=None, created_at=timezone.now())
    answer = make(phone)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency-in-progress")
    assert int(answer["Retry-After"]) == answer.json()["retry_after"]


def test_what_was_left_without_an_answer_is_taken_over_after_a_minute(phone, alice):
    make(phone)
    Collection.objects.all().delete()
    IdempotencyKey.objects.update(status=None, created_at=timezone.now() - timedelta(minutes=2))
    assert make(phone).status_code == 201
    assert "Idempotency-Replayed" in make(phone)


def test_a_refusal_is_kept_and_an_answer_that_blames_us_is_not(phone, monkeypatch):
    assert make(phone, "").status_code == 400
    assert make(phone, "")["Idempotency-Replayed"] == "true"

    def broken(*_, **__):
        raise RuntimeError("of ours")

    other = {"Idempotency-Key": "for-a-failure"}
    phone.raise_request_exception = False
    with monkeypatch.context() as broken_for_now:
        broken_for_now.setattr("library.catalogue.collections.create", broken)
        assert make(phone, "Sea", other).status_code == 500
    assert make(phone, "Sea", other).status_code == 201


def test_what_was_begun_is_undone_with_the_refusal_that_is_kept(phone, monkeypatch):
    def halfway(owner, name, note=""):
        Collection.objects.create(owner=owner, name=name, key=name)
        raise WrongState("Not as things are now.")

    monkeypatch.setattr("library.catalogue.collections.create", halfway)
    assert (make(phone).status_code, make(phone).status_code) == (409, 409)
    assert not Collection.objects.exists()


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "é"])
def test_a_key_that_is_none_is_refused(phone, key):
    answer = make(phone, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_keys_are_forgotten_after_a_day(phone):
    make(phone)
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    sweeps.overdue()
    assert not IdempotencyKey.objects.exists()
    assert make(phone, "Sea").status_code == 201


def test_an_upload_is_begun_once(phone, alice):
    headers = {**KEY, "Tus-Resumable": "1.0.0", "Upload-Length": "10"}
    first, second = (phone.generic("POST", "/api/v1/uploads/", headers=headers) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first["Location"] == second["Location"]
    assert Upload.objects.count() == 1
    other = phone.generic("POST", "/api/v1/uploads/", headers={**headers, "Upload-Length": "11"})
    assert json.loads(other.content)["code"] == "idempotency-mismatch"


def test_a_token_is_never_kept_to_be_told_again(nobody, alice):
    right = {"username": "alice", "password": "alice's long password", "device": "phone"}
    made = [
        nobody.post("/api/v1/auth/tokens/", right, format="json", headers=KEY).json()["token"]
        for _ in range(2)
    ]
    assert made[0] != made[1]
    assert not IdempotencyKey.objects.exists()


@pytest.fixture
def by_session(alice):
    """A browser of alice's, whose forms are held to CSRF."""
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(alice)
    client.cookies["csrftoken"] = token = "a" * 32
    client.credentials(HTTP_X_CSRFTOKEN=token)
    return client


@pytest.mark.parametrize("who", ["phone", "by_session"])
def test_a_form_that_is_sent_again_is_the_same_whatever_its_boundary(request, alice, who):
    client, film = request.getfixturevalue(who), received_video(alice)

    def add(words: bytes, boundary: str):
        parts = [("language", "", b"en"), ("file", '; filename="a.vtt"', words)]
        body = b"".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode()
            + value
            + b"\r\n"
            for name, more, value in parts
        )
        return client.post(
            f"/api/v1/videos/{film.pk}/captions/",
            body + f"--{boundary}--\r\n".encode(),
            content_type=f"multipart/form-data; boundary={boundary}",
            headers=KEY,
        )

    first, second = add(WORDS, "one"), add(WORDS, "two")
    assert (first.status_code, second.content) == (201, first.content)
    assert b"Hello." in first.content
    assert add(WORDS.replace(b"Hello", b"Other"), "three").status_code == 422


def test_what_a_browser_sends_again_is_done_once_too(by_session):
    assert make(by_session).content == make(by_session).content
    assert Collection.objects.count() == 1
