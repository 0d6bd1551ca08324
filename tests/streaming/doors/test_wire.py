"""Bytes over the wire, from the server that `make run` starts."""

import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from tests.making import SMALL_PIECES
from tests.running import ROOT, polling, running
from tests.streaming.conftest import known_bytes

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("streaming over the wire")]

# More than the buffers between a server and a viewer hold.
PIECES = 40
FILM = known_bytes(PIECES * SMALL_PIECES)

MAKE = """
from library.models import User, Visibility
from tests.making import stored_video
from tests.streaming.doors.test_wire import FILM
video = stored_video(User.objects.get(), FILM, visibility=Visibility.PUBLIC)
print("FILM", video.pk, *(piece.piece_cid for piece in video.pieces.order_by("index")))
"""


# The state of such a socket in /proc/net/tcp.
LISTENING = "0A"


class Film:
    def __init__(self, server):
        self.server = server
        made = server.manage("shell", "--no-imports", "-c", MAKE)
        line = next(line for line in made.stdout.splitlines() if line.startswith("FILM"))
        _, self.id, *cids = line.split()
        self.pieces = [server.data / "pieces" / cid[-2:] / cid for cid in cids]
        self.path = f"/stream/{self.id}/"

    def ask(self, connection, method="GET", **headers):
        spelled = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, self.path, headers=spelled)
        return connection.getresponse()

    def watch(self):
        """A viewer who has the first bytes and reads no more."""
        wire = socket.create_connection(("127.0.0.1", self.server.port), timeout=30)
        wire.sendall(f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert wire.recv(4096).startswith(b"HTTP/1.1 200")
        return wire

    def open_files(self):
        """How many of its pieces the server holds open."""
        count = 0
        for descriptor in Path(f"/proc/{self.server.process.pid}/fd").iterdir():
            try:
                count += descriptor.readlink() in self.pieces
            except FileNotFoundError:
                continue
        return count

    def viewers(self):
        """How many connections of viewers the server holds, those that hung up unheard included."""
        held = set()
        for descriptor in Path(f"/proc/{self.server.process.pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                held.add(str(descriptor.readlink()))
        rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(
            int(row[1].rpartition(":")[2], 16) == self.server.port
            and row[3] != LISTENING
            and f"socket:[{row[9]}]" in held
            for row in rows
        )


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("streaming") / "data"
    settings = {"PIECE_SIZE": str(SMALL_PIECES), "STREAMS_PER_ADDRESS": "1000"}
    with running(folder, worker=False, **settings) as server:
        yield server


@pytest.fixture(scope="module")
def film(server):
    return Film(server)


@pytest.fixture
def connection(server):
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        yield connection


@pytest.fixture
def doomed(server, film):
    """A film whose pieces may be taken away; the next test finds them where they were."""
    aside = [(path, path.read_bytes()) for path in film.pieces]
    yield film
    for path, data in aside:
        path.unlink(missing_ok=True)
        path.write_bytes(data)


def wait_until(is_so):
    for _ in polling(30):
        if is_so():
            return
    raise AssertionError("it never came true")


def test_one_connection_serves_answers_of_every_kind(film, connection):
    """Each says truly where it ends, or the next could not be understood."""
    tag = film.ask(connection, "HEAD")
    assert (tag.status, tag.read(), tag.headers["Content-Length"]) == (200, b"", str(len(FILM)))
    for headers, status, body in (
        ({"Range": "bytes=-5"}, 206, FILM[-5:]),
        ({"If_None_Match": tag.headers["ETag"]}, 304, b""),
        ({"Range": "bytes=5-9"}, 206, FILM[5:10]),
        ({"Range": f"bytes={len(FILM)}-"}, 416, None),
        ({"If_Match": '"other"'}, 412, None),
        ({}, 200, FILM),
        ({"Range": f"bytes={SMALL_PIECES - 1}-{SMALL_PIECES}"}, 206, FILM[SMALL_PIECES - 1 :][:2]),
    ):
        answer = film.ask(connection, **headers)
        read = answer.read()
        assert answer.status == status
        assert body is None or read == body
    parts = film.ask(connection, Range="bytes=0-0,-1")
    assert len(parts.read()) == int(parts.headers["Content-Length"])
    assert film.ask(connection, "POST").status == 405


def test_a_304_says_nothing_of_its_length(film, connection):
    answer = film.ask(connection, If_None_Match="*")
    assert answer.status == 304
    assert (answer.headers["Content-Length"], answer.headers["Transfer-Encoding"]) == (None, None)


def test_a_film_that_is_not_there_is_a_503_with_a_sentence(doomed, connection):
    doomed.pieces[0].unlink()
    for headers in ({}, {"Range": "bytes=0-9"}, {"Range": "bytes=0-9,20-29"}):
        answer = doomed.ask(connection, **headers)
        problem = json.loads(answer.read())
        assert (answer.status, answer.headers["Content-Type"]) == (503, "application/problem+json")
        assert problem["detail"].startswith("Piece 0 of this film cannot be read at the moment.")
    assert doomed.ask(connection, Range=f"bytes={SMALL_PIECES}-").status == 206


def test_bytes_that_vanish_end_the_connection_short(doomed, connection):
    answer = doomed.ask(connection)
    got = answer.read(1000)
    # The viewer does not read on, so the server cannot be at the end yet.
    for path in doomed.pieces[30:]:
        path.unlink()
    with pytest.raises(http.client.IncompleteRead) as error:
        answer.read()
    got += error.value.partial
    assert answer.headers["Content-Length"] == str(len(FILM))
    assert got == FILM[: 30 * SMALL_PIECES]


def test_a_hundred_viewers_who_leave_free_everything(film):
    # Those of the tests before have hung up; the server may not have heard of all of it yet.
    wait_until(lambda: film.viewers() == 0)
    with ExitStack() as viewers:
        watching = [viewers.enter_context(film.watch()) for _ in range(100)]
        assert film.viewers() == 100
        assert film.open_files() > 0
        for wire in watching[::2]:
            # As a phone that loses its network: no goodbye, just a reset.
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wait_until(lambda: film.viewers() == 0 and film.open_files() == 0)


def test_viewers_hold_no_connection_to_the_database(film):
    database = film.server.data / "filmedia.sqlite3"

    def connections():
        folder = Path(f"/proc/{film.server.process.pid}/fd")
        return sum(link.resolve() == database for link in folder.iterdir() if link.exists())

    before = connections()
    with ExitStack() as viewers:
        for _ in range(20):
            viewers.enter_context(film.watch())
        wait_until(lambda: connections() < before + 10)


def test_a_viewer_who_stalls_keeps_nobody_waiting(film, connection):
    with film.watch():
        for start in range(0, len(FILM), SMALL_PIECES):
            answer = film.ask(connection, Range=f"bytes={start}-{start + 99}")
            assert answer.read() == FILM[start : start + 100]


def test_a_download_that_is_interrupted_goes_on(doomed, server, tmp_path):
    """Ctrl-C in the middle, at a piece that does not come; then the same command again."""
    held = doomed.pieces[20]
    whole = held.read_bytes()
    held.unlink()
    os.mkfifo(held)
    part = tmp_path / "harbour.mp4.part"
    command = [sys.executable, "manage.py", "download", doomed.id, "--to", str(tmp_path)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=server.environment,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that runs tests in the background would have them ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_until(lambda: part.exists() and part.stat().st_size == 20 * SMALL_PIECES)
    process.send_signal(signal.SIGINT)
    assert any("Stopping" in line for line in process.stderr)

    def let_go():
        """Whoever waits for the piece gets an end now, and none of its bytes."""
        try:
            os.close(os.open(held, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return process.poll() is not None
        return True

    wait_until(let_go)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "The same command goes on from here." in said
    assert FILM.startswith(part.read_bytes())

    held.unlink()
    held.write_bytes(whole)
    again = server.manage(*command[2:])
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "harbour.mp4").read_bytes() == FILM
    assert not part.exists()
