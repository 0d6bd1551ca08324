"""The cast and the stage of every test."""

import socket

import pytest


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Nothing here may leave this machine."""
    connect = socket.socket.connect

    def only_loopback(self, address):
        if self.family != socket.AF_UNIX and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test reached for {address[0]}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_loopback)


@pytest.fixture(autouse=True)
def data(settings, tmp_path):
    """A data folder of the test's own."""
    settings.FILMEDIA_DATA = tmp_path / "data"
    settings.FILMEDIA_DATA.mkdir()
    return settings.FILMEDIA_DATA


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def alice(django_user_model):
    """Owns films."""
    return django_user_model.objects.create_user("alice", password="alice's long password")


@pytest.fixture
def mallory(django_user_model):
    """Owns nothing and should see nothing of Alice's."""
    return django_user_model.objects.create_user("mallory", password="mallory's long password")


@pytest.fixture
def admin(django_user_model):
    """Runs the library."""
    return django_user_model.objects.create_superuser("admin", password="admin's long password")
