"""Signed addresses in what the API tells of films: who gets one, and what for."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from library import films
from library.media_addresses import Grant, Kind, opened
from library.models import DeviceToken, Visibility
from tests.making import stored_video

pytestmark = pytest.mark.django_db


def told(client, video) -> dict:
    return client.get(f"/api/v1/videos/{video.pk}/").json()


def grant(url: str) -> Grant:
    assert url.startswith("/media/")
    return opened(url.removeprefix("/media/"))


def test_a_device_gets_an_address_that_rests_on_its_token(phone, alice):
    video = stored_video(alice)
    film = told(phone, video)
    given = grant(film["media_url"])
    assert (given.kind, given.user, given.video) == (Kind.DEVICE, alice.pk, video.pk)
    ends = datetime.fromisoformat(film["media_expires_at"])
    assert timedelta(hours=6) <= ends - timezone.now() < timedelta(hours=6, minutes=16)


def test_it_ends_with_the_token(alice):
    video = stored_video(alice)
    soon = timedelta(minutes=20)
    device, token = DeviceToken.objects.create(user=alice, device="phone", expiry=soon)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert grant(told(client, video)["media_url"]).expires == int(device.expiry.timestamp())


def test_a_token_that_may_not_stream_gets_none(alice):
    video = stored_video(alice)
    scopes = ["videos:read"]
    _, token = DeviceToken.objects.create(user=alice, device="phone", scopes=scopes)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    film = told(client, video)
    assert (film["media_url"], film["media_expires_at"]) == (None, None)


def test_a_session_gets_one_that_rests_on_it(client, alice):
    video = stored_video(alice)
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    assert grant(told(client, video)["media_url"]).kind == Kind.SESSION


def test_a_visitor_gets_one_for_what_everybody_may_watch(nobody, alice):
    video = stored_video(alice, visibility=Visibility.PUBLIC)
    given = grant(told(nobody, video)["media_url"])
    assert (given.kind, given.user) == (Kind.VISITOR, 0)


def test_a_list_tells_them_too(phone, alice):
    video = stored_video(alice)
    [film] = phone.get("/api/v1/videos/").json()["items"]
    assert grant(film["media_url"]).video == video.pk


def test_a_player_is_told_the_same(phone, alice):
    video = stored_video(alice)
    [source] = phone.get(f"/api/v1/videos/{video.pk}/playback/").json()["sources"]
    film = told(phone, video)
    assert source["url"] == film["media_url"]
    assert source["expires_at"] == film["media_expires_at"]


def test_what_is_told_stays_the_same_for_a_while(phone, alice):
    video = stored_video(alice)
    first = phone.get(f"/api/v1/videos/{video.pk}/")
    again = phone.get(f"/api/v1/videos/{video.pk}/", HTTP_IF_NONE_MATCH=first["ETag"])
    # Unless a quarter of an hour began between the two.
    if again.status_code != 304:
        first = phone.get(f"/api/v1/videos/{video.pk}/")
        again = phone.get(f"/api/v1/videos/{video.pk}/", HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304


def test_a_film_in_the_trash_has_none(phone, alice):
    video = stored_video(alice)
    films.trash(video)
    [film] = phone.get("/api/v1/videos/?in=trash").json()["items"]
    assert film["media_url"] is None


def test_staff_act_as_staff_only_where_their_token_may(admin):
    video = stored_video(admin)
    for scopes, as_staff in ((["stream", "videos:read"], False), (None, True)):
        more = {"scopes": scopes} if scopes else {}
        _, token = DeviceToken.objects.create(user=admin, device="phone", **more)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert grant(told(client, video)["media_url"]).as_staff is as_staff
