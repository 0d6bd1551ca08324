"""A film of a hundred minutes, and people with browsers."""

import pytest

from tests.making import stored_video

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def video(alice):
    return stored_video(alice, duration=6000.0, streams=[{"kind": "audio", "codec": "aac"}])


@pytest.fixture
def public(alice):
    return stored_video(alice, b"9876543210", duration=6000.0, visibility="public")


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice, BACKEND)
    return client


@pytest.fixture
def as_mallory(client, mallory):
    client.force_login(mallory, BACKEND)
    return client
