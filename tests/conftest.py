"""The cast and the stage of every test."""

import socket

import pytest
from django.db import connection


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Nothing here may leave this machine."""
    connect = socket.socket.connect

    def only_loopback(self, address):
        if self.family != socket.AF_UNIX and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test reached for {address[0]}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_loopback)


@pytest.fixture(autouse=True, scope="session")
def emptied_with_all_that_points_at_it():
    """
    Between tests Django empties the tables it knows. On PostgreSQL it has to be told of knox's
    own table too, which our tokens replace: it points at users, and nothing fills it.
    """
    if connection.vendor != "postgresql":
        yield
        return
    flush = connection.ops.sql_flush

    def flush_all(*args, **options):
        return flush(*args, **options | {"allow_cascade": True})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection.ops, "sql_flush", flush_all)
        yield


@pytest.fixture(autouse=True)
def data(settings, tmp_path):
    """A data folder of the test's own."""
    settings.FILMEDIA_DATA = tmp_path / "data"
    settings.FILMEDIA_DATA.mkdir()
    return settings.FILMEDIA_DATA


@pytest.fixture(autouse=True)
def nothing_known_of_another_library():
    """What a process has learnt of films and accounts; in the next test others have their ids."""
    from streaming.doors.grants import grants
    from streaming.doors.known import known

    grants.__init__()
    known.__init__()


@pytest.fixture(autouse=True)
def stored_as_usual(request, settings):
    """Tests of films that are stored open have some also where everything is encrypted."""
    if request.node.get_closest_marker("open_storage"):
        settings.ENCRYPT_PUBLIC = False


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
