"""Sockets for tests: within this process, and over a library that really runs."""

import asyncio
import json
import time

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from library.live.routing import websocket_application
from library.models import DeviceToken
from tests.running import running

HOST = "films.test:8000"
ORIGIN = f"http://{HOST}"
PATIENCE = 20.0


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    with running(tmp_path_factory.mktemp("live") / "data") as server:
        yield server


@pytest.fixture(autouse=True)
def allowed_hosts(settings):
    settings.ALLOWED_HOSTS = ["films.test"]


class Socket:
    """A websocket client that hears messages one by one."""

    def __init__(self, headers, path="/ws/events/"):
        given = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self.wire = WebsocketCommunicator(websocket_application, path, headers=given)

    async def __aenter__(self):
        self.accepted, _ = await self.wire.connect(timeout=PATIENCE)
        return self

    async def __aexit__(self, *error):
        if not self.wire.future.done():
            await self.wire.disconnect(timeout=PATIENCE)

    async def say(self, message):
        await self.wire.send_to(text_data=message if type(message) is str else json.dumps(message))

    async def hear(self, type=None, **data):
        """The next message; or the next of `type` whose data has these values."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            message = await self.wire.receive_json_from(timeout=end - time.monotonic())
            about = message.get("data", {})
            if type in (None, message["type"]) and data.items() <= about.items():
                return message
        raise AssertionError(f"no {type} with {data} came")

    async def numbered(self, until):
        """Every event with a number, up to the number `until`."""
        heard = []
        while not heard or heard[-1]["seq"] < until:
            message = await self.hear()
            if "seq" in message and message["type"] != "snapshot":
                heard.append(message)
        return heard

    async def code(self):
        """Why the server closes, passing over what it says before that."""
        while True:
            message = await self.wire.receive_output(timeout=PATIENCE)
            if message["type"] == "websocket.close":
                return message["code"]


def in_database(function, *arguments, **named):
    return database_sync_to_async(function)(*arguments, **named)


def session_of(user):
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session


def cookie(session):
    return {"Cookie": f"theme=dark; sessionid={session.session_key}", "Host": HOST}


def browser(user):
    """The headers of a page of ours, on which `user` is signed in."""
    return cookie(session_of(user)) | {"Origin": ORIGIN}


def device(user, **facts):
    row, token = DeviceToken.objects.create(user=user, device="a phone", **facts)
    return row, {"Authorization": f"Bearer {token}", "Host": HOST}


async def until_closed(socket, code):
    assert await asyncio.wait_for(socket.code(), PATIENCE) == code
