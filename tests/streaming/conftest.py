"""What asks for bytes, and a film whose every byte is known."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from knox.models import get_token_model

from tests.making import SMALL_PIECES, stored_video


def known_bytes(size: int, seed: bytes = b"film") -> bytes:
    """Bytes in which no part is like another."""
    return hashlib.shake_256(seed).digest(size)


# Three pieces, the last one shorter.
FILM = known_bytes(2 * SMALL_PIECES + 300_000)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def __getitem__(self, name: str) -> str:
        return self.headers[name]


class Asking:
    """Somebody who asks, with a session, a token or neither; the whole product answers."""

    def __init__(self, user=None, token: str = "") -> None:
        self.client = AsyncClient()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        if user is not None:
            self.client.force_login(user, "django.contrib.auth.backends.ModelBackend")

    def __call__(self, url: str, method: str = "GET", **headers: str) -> Answer:
        spelled = {name.replace("_", "-"): value for name, value in headers.items()}
        return async_to_sync(self._ask)(method, url, self.headers | spelled)

    async def _ask(self, method: str, url: str, headers: dict[str, str]) -> Answer:
        response = await self.client.generic(method, url, headers=headers)
        if not response.streaming:
            body = response.content
        # Of a 304 and the like the test client has dropped what would not be sent.
        elif not response.is_async:
            body = b"".join(response)
        else:
            body = b"".join([part async for part in response])
        # A server sends no body to HEAD.
        body = b"" if method == "HEAD" else body
        return Answer(response.status_code, dict(response.items()), body)


@pytest.fixture
def anyone():
    return Asking()


@pytest.fixture
def as_alice(alice):
    return Asking(alice)


@pytest.fixture
def as_mallory(mallory):
    return Asking(mallory)


@pytest.fixture
def film(alice):
    return stored_video(alice, FILM, piece_size=SMALL_PIECES)


def token_of(user, **fields) -> str:
    _, secret = get_token_model().objects.create(user, **fields)
    return secret


def flip(path, position: int) -> None:
    """Change one byte of a file that may be shared with others under this name only."""
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.unlink()
    path.write_bytes(data)
