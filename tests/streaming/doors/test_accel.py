"""Bytes that the nginx in front sends by itself: the real one, with the set-up of our docs."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from weakref import WeakKeyDictionary

import httpx
import pytest

from library import media_addresses
from library.media_addresses import VISITOR, Bearer, Kind
from library.models import Stream, Visibility
from streaming.doors import limits
from streaming.doors.crowd import crowd
from streaming.doors.watched import Register
from tests import machine
from tests.making import SMALL_PIECES, stored_video
from tests.running import ROOT, polling, running
from tests.streaming.conftest import FILM
from tests.streaming.conftest import Asking as AskingOne
from tests.streaming.doors.test_media import Asking

pytestmark = [pytest.mark.django_db, pytest.mark.open_storage]
LOCATION = "/films-by-nginx/"


@pytest.fixture(autouse=True)
def handed_over(settings):
    settings.X_ACCEL_LOCATION = LOCATION
    settings.ENCRYPT_PUBLIC = False


@pytest.fixture
def film(alice):
    return stored_video(alice, FILM, piece_size=SMALL_PIECES, visibility=Visibility.PUBLIC)


def address(film, bearer=VISITOR, **how) -> str:
    return media_addresses.address_of(film, bearer, **how).url


SECOND = f"bytes={SMALL_PIECES + 5}-{SMALL_PIECES + 999}"


def test_a_range_inside_one_piece_is_left_to_nginx(film):
    answer = Asking()(address(film), Range=SECOND)
    piece = film.pieces.get(index=1)
    assert answer.status == 206
    assert answer.body == b""
    assert (
        answer["X-Accel-Redirect"] == f"{LOCATION}pieces/{piece.piece_cid[-2:]}/{piece.piece_cid}"
    )
    assert answer["X-Film-Range"] == "bytes=5-999"
    told = f"bytes {SMALL_PIECES + 5}-{SMALL_PIECES + 999}/{len(FILM)}"
    assert answer["X-Film-Content-Range"] == answer["Content-Range"] == told


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(None, id="all of it"),
        pytest.param(f"bytes={SMALL_PIECES - 5}-{SMALL_PIECES + 5}", id="two pieces"),
        pytest.param("bytes=0-4,9-12", id="several ranges"),
        pytest.param("bytes=99999999-", id="no range"),
    ],
)
def test_the_rest_is_sent_by_us(film, asked):
    answer = Asking()(address(film), **({"Range": asked} if asked else {}))
    assert "X-Accel-Redirect" not in answer.headers


def test_an_encrypted_film_is_sent_by_us(alice):
    film = stored_video(alice, FILM, visibility=Visibility.MEMBERS)
    answer = Asking()(address(film, Bearer(Kind.SESSION, alice)), Range="bytes=0-9")
    assert answer.body == FILM[:10]


def test_a_film_that_is_open_but_not_for_everybody_can_be_ended_so_it_is_sent_by_us(alice):
    film = stored_video(alice, FILM, visibility=Visibility.MEMBERS, stored_open=True)
    answer = Asking()(address(film, Bearer(Kind.SESSION, alice)), Range="bytes=0-9")
    assert answer.body == FILM[:10]


def test_what_a_budget_counts_is_sent_by_us(film):
    assert Asking()(address(film, budget=100), Range="bytes=0-9").body == FILM[:10]


def test_without_the_setting_nothing_is_left_to_nginx(film, settings):
    settings.X_ACCEL_LOCATION = ""
    assert Asking()(address(film), Range="bytes=0-9").body == FILM[:10]


def test_door_one_leaves_it_to_nginx_too(film, anyone):
    answer = anyone(f"/stream/{film.pk}/", Range=SECOND)
    assert answer["X-Film-Range"] == "bytes=5-999"
    assert "X-Accel-Redirect" not in anyone(f"/stream/{film.pk}/", "HEAD", Range=SECOND).headers


# --- what is known of it


@pytest.fixture
def register(monkeypatch):
    fresh = Register()
    monkeypatch.setattr("streaming.doors.delivery.register", fresh)
    return fresh


@pytest.fixture(params=["signed", "session"])
def ask(request, film, alice):
    """One range of the film, by whoever owns it."""
    if request.param == "session":
        asking = AskingOne(alice)
        return lambda: asking(f"/stream/{film.pk}/", Range=SECOND)
    url, asking_two = address(film, Bearer(Kind.SESSION, alice)), Asking()
    return lambda: asking_two(url, Range=SECOND)


def test_it_is_among_the_streams_and_its_bytes_are_not_counted(ask, film, alice, register):
    ask()
    register.write()
    row = Stream.objects.get()
    assert (row.user, row.video, row.source) == (alice, film, "nginx")
    assert (row.sent, row.requests) == (0, 0)


def test_it_needs_a_place_and_leaves_it(ask, monkeypatch, settings):
    settings.STREAMS_TOTAL = 1
    monkeypatch.setattr(limits, "WAIT_SECONDS", 0)
    for _ in range(3):
        assert ask().status == 206
    monkeypatch.setattr(crowd, "open", 1)
    assert ask().status == 503


def test_requests_for_next_to_nothing_are_counted(ask, alice, settings, monkeypatch):
    monkeypatch.setattr(limits, "_limits", WeakKeyDictionary())
    settings.STREAM_REQUESTS, settings.STREAM_REQUESTS_AT_ONCE = 0.01, 1
    # Each asks in an event loop of its own, which has limits of its own.
    only = limits.Limits(crowd)
    monkeypatch.setattr(limits, "limits", lambda: only)
    assert [ask().status for _ in range(2)] == [206, 429]


def test_its_pace_is_for_nginx_to_keep(ask, settings):
    assert "X-Accel-Limit-Rate" not in ask().headers
    settings.STREAM_RATE = 1_000_000
    assert ask()["X-Accel-Limit-Rate"] == "1000000"


def test_whoever_may_change_the_film_is_told_from_where_it_comes(ask, film, anyone):
    told = ask()
    assert (told["X-Filmedia-Source"], told["X-Filmedia-Verified"]) == ("shelf", "stored")
    assert "X-Filmedia-Source" not in anyone(f"/stream/{film.pk}/", Range=SECOND).headers


# --- with nginx


def documented(folder: Path, data: Path, site: int, port: int) -> str:
    """The part of docs/operations.md that is for nginx, in a whole configuration."""
    docs = (ROOT / "docs" / "operations.md").read_text()
    [servers] = re.findall(r"```nginx\n(.*?)```", docs, flags=re.DOTALL)
    for said, here in {
        "443 ssl": f"127.0.0.1:{port}",
        "127.0.0.1:8000": f"127.0.0.1:{site}",
        "/var/lib/filmedia": str(data),
        "/run/filmedia/films.sock": f"{folder}/s",
    }.items():
        assert said in servers, said
        servers = servers.replace(said, here)
    scratch = "".join(
        f"{name}_temp_path {folder}/{name}; "
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root; " if Path("/proc/self").stat().st_uid == 0 else ""
    head = f"pid {folder}/pid; error_log {folder}/log; daemon off; {user}worker_processes 1;"
    return f"{head} events {{}} http {{ access_log off; sendfile on; {scratch} {servers} }}"


@contextmanager
def nginx(folder: Path, data: Path, site: int) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    conf = folder / "conf"
    conf.write_text(documented(folder, data, site, port))
    process = subprocess.Popen([str(machine.nginx()), "-c", str(conf), "-e", f"{folder}/log"])
    try:
        for _ in polling(10):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


MAKE = """
from library.models import User, Visibility
from tests.making import SMALL_PIECES, stored_video
from tests.streaming.conftest import FILM
video = stored_video(
    User.objects.get(), FILM, piece_size=SMALL_PIECES, visibility=Visibility.PUBLIC
)
print("FILM", video.pk)
"""


@pytest.fixture(scope="module")
def in_front(tmp_path_factory):
    """A client of the nginx, the address of a film behind it, and how often it was us."""
    if machine.nginx() is None:
        pytest.skip("nginx is not here")
    # A short name: a socket's may not be long.
    folder = Path(tempfile.mkdtemp(prefix="nginx-"))
    more = {"X_ACCEL_LOCATION": LOCATION, "TRUSTED_PROXIES": "127.0.0.1", "ENCRYPT_PUBLIC": ""}
    data = tmp_path_factory.mktemp("accel") / "data"
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        server = stack.enter_context(running(data, worker=False, **more))
        made = server.manage("shell", "--no-imports", "-c", MAKE)
        [video] = re.findall(r"FILM (\w+)", made.stdout)
        url = stack.enter_context(nginx(folder, data, server.port))
        film = httpx.get(f"{url}/api/v1/videos/{video}/").json()
        with httpx.Client(base_url=url) as client:
            client.token = server.token()
            yield client, film


@pytest.mark.slow
@pytest.mark.xdist_group("nginx")
@pytest.mark.parametrize("door", ["media_url", "stream_url"])
class TestWithNginx:
    @pytest.mark.parametrize(
        ("start", "stop"),
        [
            pytest.param(0, 1, id="the first byte"),
            pytest.param(5, 700_000, id="in the first piece"),
            pytest.param(SMALL_PIECES, SMALL_PIECES + 1, id="where the second begins"),
            pytest.param(SMALL_PIECES + 7, 2 * SMALL_PIECES, id="to the end of the second"),
            pytest.param(2 * SMALL_PIECES + 7, len(FILM), id="to the end of the film"),
            pytest.param(SMALL_PIECES - 7, SMALL_PIECES + 7, id="of two pieces"),
        ],
    )
    def test_a_range_is_that_range_of_the_film(self, in_front, door, start, stop):
        client, film = in_front
        answer = client.get(film[door], headers={"Range": f"bytes={start}-{stop - 1}"})
        assert answer.status_code == 206
        assert answer.content == FILM[start:stop]
        said = answer.headers
        assert said.get_list("content-range") == [f"bytes {start}-{stop - 1}/{len(FILM)}"]
        assert said.get_list("content-length") == [str(stop - start)]
        assert said.get_list("etag") == [f'"{film["piece_cid"]}"']
        assert said.get_list("content-type") == ["video/mp4"]
        assert said.get_list("accept-ranges") == ["bytes"]
        assert len(said.get_list("content-disposition")) == 1
        assert len(said.get_list("content-security-policy")) == 1

    def test_it_says_the_same_as_without_it(self, in_front, door):
        client, film = in_front
        by_us = client.get(film[door], headers={"Range": f"bytes=5-{SMALL_PIECES + 5}"}).headers
        by_nginx = client.get(film[door], headers={"Range": f"bytes=5-{SMALL_PIECES - 5}"}).headers
        for name in ("etag", "last-modified", "cache-control", "content-type", "accept-ranges"):
            assert by_nginx.get_list(name) == by_us.get_list(name), name
        for name in ("content-disposition", "content-security-policy", "x-content-type-options"):
            assert by_nginx.get_list(name) == by_us.get_list(name), name

    def test_whoever_may_change_it_is_told_from_where_it_comes(self, in_front, door):
        client, film = in_front
        signed_in = {"Authorization": f"Bearer {client.token}"}
        own = client.get(f"/api/v1/videos/{film['id']}/", headers=signed_in).json()
        for url, headers, told in ((film[door], {}, []), (own[door], signed_in, ["stored"])):
            said = client.get(url, headers={"Range": "bytes=5-9", **headers}).headers
            assert said.get_list("x-filmedia-source") == ["shelf"] * len(told)
            assert said.get_list("x-filmedia-verified") == told

    def test_conditions_are_ours(self, in_front, door):
        client, film = in_front
        etag = f'"{film["piece_cid"]}"'
        asked = {"Range": "bytes=0-9", "If-Range": etag}
        assert client.get(film[door], headers=asked).content == FILM[:10]
        asked = {"Range": "bytes=0-9", "If-Range": '"another"'}
        assert client.get(film[door], headers=asked).content == FILM
        assert client.get(film[door], headers={"If-None-Match": etag}).status_code == 304

    def test_all_of_it_comes(self, in_front, door):
        client, film = in_front
        answer = client.get(film[door])
        assert (answer.status_code, answer.content) == (200, FILM)

    def test_nobody_reads_files_by_themselves(self, in_front, door):
        client, film = in_front
        cid = film["pieces"][0]["piece_cid"]
        assert client.get(f"{LOCATION}pieces/{cid[-2:]}/{cid}").status_code == 404
        assert client.get(f"{LOCATION}filmedia.sqlite3").status_code == 404
