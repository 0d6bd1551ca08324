"""A stream that was begun by signing in ends with that, in its middle."""

from __future__ import annotations

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import Client

from library import devices, films
from library.models import DeviceToken, Visibility
from streaming.doors import delivery
from streaming.doors.grants import Grants
from streaming.doors.handler import ByteHandler
from tests.making import SMALL_PIECES, stored_video
from tests.streaming.conftest import FILM

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def grants(monkeypatch):
    fresh = Grants()
    monkeypatch.setattr(delivery, "grants", fresh)
    return fresh


@pytest.fixture
def film(alice):
    return stored_video(alice, FILM, piece_size=SMALL_PIECES, visibility=Visibility.MEMBERS)


@pytest.fixture
def session(mallory):
    client = Client()
    client.force_login(mallory, "django.contrib.auth.backends.ModelBackend")
    return client


def cookie(client) -> dict[str, str]:
    name = settings.SESSION_COOKIE_NAME
    return {"cookie": f"{name}={client.cookies[name].value}"}


def came(grants, path, headers, meanwhile) -> int:
    """How many bytes somebody is sent who has taken the first when this happens."""
    sent = 0

    async def watch() -> None:
        began, go_on = asyncio.Event(), asyncio.Event()

        async def receive():
            await asyncio.Event().wait()

        async def send(message):
            nonlocal sent
            assert message.get("status", 200) == 200
            sent += len(message.get("body", b""))
            if sent:
                began.set()
                await go_on.wait()

        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "scheme": "http",
            "query_string": b"",
            "http_version": "1.1",
            "client": ("127.0.0.1", 1),
            "server": ("testserver", 80),
            "headers": [(b"host", b"testserver"), *raw],
        }
        task = asyncio.create_task(ByteHandler(None)(scope, receive, send))
        await asyncio.wait_for(began.wait(), 20)
        await sync_to_async(meanwhile)()
        await sync_to_async(grants.look)()
        await sync_to_async(grants.end_streams)()
        go_on.set()
        await asyncio.wait_for(task, 20)

    asyncio.run(watch())
    assert not grants._running
    return sent


def test_whoever_has_signed_out_is_sent_no_more(grants, film, session):
    path = f"/stream/{film.pk}/"
    assert came(grants, path, cookie(session), lambda: session.post("/logout/")) < len(FILM)


def test_a_token_that_is_revoked_ends_what_it_began(grants, film, mallory):
    headers = {"authorization": f"Bearer {devices.sign_in(mallory, 'a phone')[1]}"}
    ended = came(grants, f"/stream/{film.pk}/", headers, DeviceToken.objects.all().delete)
    assert ended < len(FILM)


@pytest.mark.parametrize("asked", ["film", "piece"])
def test_what_is_in_the_trash_is_sent_to_nobody_any_more(grants, film, asked):
    films.change(film, visibility=Visibility.PUBLIC)
    path = f"/stream/{film.pk}/" if asked == "film" else f"/piece/{film.piece_cid}"
    assert came(grants, path, {}, lambda: films.trash(film)) < len(FILM)


def test_what_somebody_may_see_goes_on_to_its_end(grants, film, session):
    def change() -> None:
        films.change(film, title="Pier")

    assert came(grants, f"/stream/{film.pk}/", cookie(session), change) == len(FILM)
