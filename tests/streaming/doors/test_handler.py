"""Django for bytes: what the site's middleware would do for such an address is done here too."""

from __future__ import annotations

import asyncio

import pytest
from django.conf import settings as django_settings
from django.test import Client

from streaming.doors.handler import ByteHandler
from tests.making import SMALL_PIECES, stored_video
from tests.streaming.conftest import FILM

pytestmark = pytest.mark.django_db(transaction=True)


async def site(scope, receive, send):
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def ask(path, *, method="GET", host=b"testserver", leave=False, **headers):
    """Status, headers and body, or where the viewer leaves after the first part, what came."""
    sent = []

    async def talk():
        gone = asyncio.Event()

        async def receive():
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)
            if leave and message.get("body"):
                gone.set()
                await asyncio.sleep(0)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "scheme": "http",
            "query_string": b"",
            "http_version": "1.1",
            "client": ("127.0.0.1", 1),
            "server": ("testserver", 80),
            "headers": [(b"host", host)]
            + [
                (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
            ],
        }
        await ByteHandler(site)(scope, receive, send)

    asyncio.run(talk())
    body = b"".join(message.get("body", b"") for message in sent[1:])
    head = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], head, body


@pytest.fixture
def film(alice):
    return stored_video(alice, FILM, piece_size=SMALL_PIECES, visibility="public")


@pytest.fixture
def private(alice):
    return stored_video(alice, FILM[:5000], piece_size=SMALL_PIECES)


def cookie_of(user):
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    name = django_settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


def test_a_film_comes_whole_with_the_headers_of_the_site(film):
    status, headers, body = ask(f"/stream/{film.pk}/")
    assert (status, body) == (200, FILM)
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-request-id"]


def test_a_session_is_known_by_its_cookie_and_nobody_without(private, alice, mallory):
    path = f"/stream/{private.pk}/"
    assert ask(path, cookie=cookie_of(alice), range="bytes=1-9")[::2] == (206, FILM[1:10])
    assert ask(path, cookie=cookie_of(mallory))[0] == 404
    assert ask(path)[0] == 404
    assert ask(path, cookie=f"{django_settings.SESSION_COOKIE_NAME}=stolen")[0] == 404


def test_a_host_that_is_not_ours_is_refused(film, settings):
    settings.ALLOWED_HOSTS = ["films.example.org"]
    assert ask(f"/stream/{film.pk}/", host=b"evil.example.org")[0] == 400


def test_a_site_behind_tls_sends_plain_requests_there(film, settings):
    settings.SECURE_SSL_REDIRECT = True
    status, headers, _ = ask(f"/stream/{film.pk}/")
    assert (status, headers["location"]) == (301, f"https://testserver/stream/{film.pk}/")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("POST", "/stream/vid_a/"), ("GET", "/stream/vid_a/hls/x"), ("GET", "/media/x")],
)
def test_all_else_is_the_sites(method, path):
    assert ask(path, method=method)[0] == 299


def test_a_viewer_who_leaves_ends_the_reading(film):
    status, _, body = ask(f"/stream/{film.pk}/", leave=True)
    assert status == 200
    assert 0 < len(body) < len(FILM)
