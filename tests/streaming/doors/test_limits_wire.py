"""Limits over the wire: what a player's connections that hold still mean for its next one."""

import socket
from pathlib import Path

import pytest

from tests.making import SMALL_PIECES
from tests.running import polling, running
from tests.streaming.doors.test_wire import FILM, Film, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("streaming over the wire")]


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    folder = tmp_path_factory.mktemp("limits") / "data"
    settings = {
        "PIECE_SIZE": str(SMALL_PIECES),
        "STREAMS_PER_USER": "2",
        "STREAMS_PER_ADDRESS": "2",
    }
    with running(folder, worker=False, **settings) as server:
        yield Film(server)


def signed(film):
    """The film's address at door two."""
    code = (
        "from datetime import timedelta; from library import media_addresses as m; "
        "from library.models import User, Video; "
        f"print('AT', m.address_of(Video.objects.get(pk='{film.id}'), "
        "m.Bearer(m.Kind.DEVICE, User.objects.get())).url)"
    )
    made = film.server.manage("shell", "--no-imports", "-c", code)
    return next(line for line in made.stdout.splitlines() if line.startswith("AT")).split()[1]


@pytest.fixture(params=["session", "signed"])
def door(request, film):
    path = film.path if request.param == "session" else signed(film)

    def ask(*, take: int):
        """A connection on which the film was asked for, and so much of the answer."""
        wire = socket.create_connection(("127.0.0.1", film.server.port), timeout=60)
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        got = b""
        while len(got) < take and (part := wire.recv(take - len(got))):
            got += part
        return wire, got

    return ask


def rest(wire):
    got = 0
    try:
        while part := wire.recv(1 << 20):
            got += len(part)
    except ConnectionResetError:
        pass
    return got


def test_a_stalled_player_is_not_locked_out_by_its_own_connections(door):
    held = [door(take=4096) for _ in range(2)]
    assert [got[:12] for _, got in held] == [b"HTTP/1.1 200"] * 2
    wire, got = door(take=12)
    assert got == b"HTTP/1.1 503"
    wire.shutdown(socket.SHUT_WR)
    told = b"".join(iter(lambda: wire.recv(1 << 16), b""))
    assert b"\r\nretry-after: 5\r\n" in told.lower()
    assert b'"code": "too-many-streams"' in told
    wire.close()
    # Nothing could be sent to those two for ten seconds, once these are over.
    for _ in polling(30):
        wire, got = door(take=12)
        wire.close()
        if got == b"HTTP/1.1 200":
            break
    else:
        raise AssertionError("it was never let in")
    # Whichever of them has stalled for longest.
    assert min([rest(wire) for wire, _ in held]) < len(FILM) - 4096
    for wire, _ in held:
        wire.close()


def test_answers_whose_places_were_taken_leave_nothing_behind(door, film):
    """Their client takes nothing and says nothing: it never lets go by itself."""
    before = film.viewers()
    held = [door(take=4096)[0] for _ in range(2)]
    for _ in polling(30):
        wire, got = door(take=12)
        if got == b"HTTP/1.1 200":
            held.append(wire)
            break
        wire.close()
    else:
        raise AssertionError("it was never let in")
    # The one whose place was taken, though nobody closed it.
    wait_until(lambda: film.viewers() <= before + 2)
    for wire in held:
        wire.close()
    wait_until(lambda: film.viewers() <= before)


def test_the_server_may_open_as_many_files_as_the_system_lets_it(film):
    limits = Path(f"/proc/{film.server.process.pid}/limits").read_text()
    [line] = [line for line in limits.splitlines() if line.startswith("Max open files")]
    soft, hard = line.split()[3:5]
    assert soft in {hard, str(2**20)}
