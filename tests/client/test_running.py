"""`filmedia` against a running library, from outside: killed, cut, spoiled, two at once."""

import hashlib
import os
import pty
import signal
import stat

import pytest

from filmedia.filecoin.piece import piece_cid
from tests.client.conftest import MIB, Client
from tests.client.proxy import Proxy
from tests.running import PASSWORD, USERNAME, Running, polling

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("client")]


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def through(library, home, token):
    """The client behind a wire that can be cut."""
    with Proxy(library.port) as proxy:
        yield Client(library, home, token, proxy.url), proxy


def upload(client, path, *more):
    [told] = client.json("upload", path, *more)
    return told


# --- signing in


def test_signing_in_asks_for_the_password_and_keeps_a_token_for_this_person_alone(library, home):
    """On a terminal, as a person does."""
    client = Client(library, home, token="")
    person, terminal = pty.openpty()
    running = client.start("login", library.url, stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    seen = ""
    answers = [("User name: ", USERNAME), ("Password: ", PASSWORD)]
    while running.poll() is None or answers:
        try:
            seen += os.read(person, 4096).decode()
        except OSError:
            break
        if answers and seen.endswith(answers[0][0]):
            os.write(person, f"{answers.pop(0)[1]}\n".encode())
    os.close(person)
    assert running.wait(timeout=30) == 0, seen
    assert PASSWORD not in seen
    kept = home / "config" / "filmedia" / "config.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert client.run("ls", "--json").returncode == 0
    assert client.run("logout").returncode == 0
    assert not kept.exists()
    client.run("ls", code=3)


def test_a_wrong_password_and_a_token_of_nobody_need_access(library, home):
    client = Client(library, home, token="")
    said = ["login", library.url, "--username", USERNAME, "--password-stdin"]
    assert "password is wrong" in client.run(*said, code=3, given="wrong\n").stderr
    stranger = Client(library, home, token="a-token-of-nobody")
    assert "Sign in again" in stranger.run("ls", code=3).stderr


# --- uploading


def test_two_films_at_once_are_stored_and_said_to_be(client, make_file):
    paths = [make_file("a.mp4", 3 * MIB), make_file("b.mp4", 3 * MIB)]
    told = client.json("upload", *paths, "--jobs", 2, "--tag", "pairs")
    assert {line["state"] for line in told} == {"stored"}
    assert {line["sha256"] for line in told} == {sha256(path) for path in paths}
    listed = client.json("ls", "--tag", "pairs")
    assert {film["id"] for film in listed} == {line["video"] for line in told}


def test_killed_half_way_the_same_command_goes_on_from_there(client, library, make_file):
    path = make_file("large.mp4", 48 * MIB)
    running = client.start("upload", path)
    with library.client() as api:
        for _ in polling(60, every=0.01):
            assert running.poll() is None, running.communicate()
            began = [u for u in _uploads(api) if u["filename"] == "large.mp4"]
            if began and began[0]["offset"] >= 4 * MIB:
                break
        os.kill(running.pid, signal.SIGKILL)
        running.communicate()
        [there] = [u for u in _uploads(api) if u["filename"] == "large.mp4"]
    assert there["state"] == "receiving"
    told = upload(client, path)
    assert told["state"] == "stored"
    assert told["resumed_at"] >= 4 * MIB
    assert told["sent"] == path.stat().st_size - told["resumed_at"]
    assert told["sha256"] == sha256(path)


def test_a_file_that_changes_meanwhile_is_refused(through, make_file):
    client, proxy = through
    path = make_file("changing.mp4", 24 * MIB)
    running = client.start("upload", path)
    for _ in polling(60, every=0.005):
        if proxy.up > 2 * MIB:
            break
    with path.open("r+b") as file:
        file.write(b"other bytes")
    _, said = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "changed while it was being sent" in said
    # As it is now, it is another one.
    assert upload(client, path)["sha256"] == sha256(path)


def test_a_connection_that_is_cut_goes_on_by_itself(through, make_file):
    client, proxy = through
    path = make_file("cut.mp4", 6 * MIB)
    proxy.cut_up = 3 * MIB
    told = upload(client, path)
    assert proxy.cuts == 1
    assert told["state"] == "stored"
    assert told["sha256"] == sha256(path)
    assert proxy.up < 8 * MIB


def test_what_the_library_has_is_not_sent_again(client, make_file):
    path = make_file("twice.mp4")
    first, second = upload(client, path), upload(client, path)
    assert (second["was_there"], second["sent"], second["video"]) == (True, 0, first["video"])


def test_a_library_that_is_away_is_waited_for(tmp_path, home):
    server = Running(tmp_path / "data", ACCEPT_ANY_FILE="1").start()
    try:
        client = Client(server, home, server.token())
        server.kill()
        path = home / "patient.mp4"
        path.write_bytes(b"\x00\x01 patience")
        running = client.start("ls")
        assert running.wait(timeout=60) == 1, "a list is not worth waiting for"
        running.communicate()
        server.start()
        with Proxy(server.port) as proxy:
            client = Client(server, home, client.environment["FILMEDIA_TOKEN"], proxy.url)
            path.write_bytes(os.urandom(6 * MIB))
            waiting = client.start("upload", path)
            for _ in polling(60, every=0.002):
                if proxy.up > MIB:
                    break
            server.kill()
            said = waiting.stderr.readline()
            while "Trying again in" not in said:
                assert said, "it gave up"
                said = waiting.stderr.readline()
            server.start()
            out, said = waiting.communicate(timeout=120)
            assert waiting.returncode == 0, said
            assert "Stored" in out
    finally:
        server.stop()


# --- listing


def test_films_are_listed_by_words_tag_and_state_over_several_pages(client, make_file, library):
    for number in range(3):
        name = f"pier-{number}.mp4"
        upload(client, make_file(name), "--tag", "pier", "--title", f"Pier {number}")
    assert len(client.json("ls", "--tag", "pier")) == 3
    assert [film["title"] for film in client.json("ls", "Pier 1")] == ["Pier 1"]
    assert len(client.json("ls", "--tag", "pier", "--state", "stored", "--mine")) == 3
    assert client.json("ls", "--tag", "pier", "--state", "at-risk") == []
    assert len(client.json("ls", "--tag", "pier", "--limit", "2")) == 2
    cells = client.run("ls", "--tag", "pier").stdout.splitlines()
    assert [line.split("\t")[1] for line in cells] == ["Pier 2", "Pier 1", "Pier 0"]
    # What is refused is refused in words.
    assert "one of" in client.run("ls", "--state", "lost", code=1).stderr


# --- getting


@pytest.mark.parametrize("visibility", ["private", "public"])
def test_a_film_comes_back_as_it_went(client, make_file, visibility, tmp_path):
    path = make_file("back.mp4", 2 * MIB + 12)
    film = upload(client, path, "--visibility", visibility)["video"]
    [told] = client.json("get", film, "-o", tmp_path / "got.mp4")
    assert told["sha256"] == sha256(path) == sha256(tmp_path / "got.mp4")
    assert client.run("get", film, "-o", tmp_path / "got.mp4", code=1).stderr.count("--force") == 1


def test_a_public_film_is_held_against_its_piececid(client, make_file, tmp_path):
    path = make_file("open.mp4", 2 * MIB)
    told = upload(client, path, "--visibility", "public")
    assert told["piece_cid"] == piece_cid(path.read_bytes())
    said = client.run("get", told["piece_cid"], "-o", tmp_path / "got.mp4").stderr
    assert f"PieceCID {told['piece_cid']}" in said


def test_killed_half_way_a_download_goes_on_from_there(through, make_file, tmp_path):
    client, proxy = through
    path = make_file("down.mp4", 24 * MIB)
    film = upload(client, path)["video"]
    target, part = tmp_path / "got.mp4", tmp_path / "got.mp4.part"
    before = proxy.down
    running = client.start("get", film, "-o", target)
    for _ in polling(60, every=0.002):
        if part.exists() and part.stat().st_size > 2 * MIB:
            break
    os.kill(running.pid, signal.SIGKILL)
    running.communicate()
    assert not target.exists()
    kept = part.stat().st_size
    assert kept > 2 * MIB
    before = proxy.down
    [told] = client.json("get", film, "-o", target)
    assert told["resumed_at"] == kept
    assert proxy.down - before < 24 * MIB - kept + MIB
    assert sha256(target) == sha256(path)
    assert not part.exists()


def test_bytes_that_are_spoiled_on_the_way_are_not_kept(through, make_file, tmp_path):
    client, proxy = through
    path = make_file("spoiled.mp4", MIB)
    film = upload(client, path)["video"]
    clean = path.read_bytes()[500_000:500_100]
    proxy.spoil = lambda data: data.replace(clean, b"x" * 100)
    done = client.run("get", film, "-o", tmp_path / "got.mp4", code=1)
    assert "They are not kept" in done.stderr
    assert list(tmp_path.glob("got*")) == []


# --- verifying


def test_a_film_and_a_file_are_held_against_what_the_library_names(client, make_file):
    path = make_file("proof.mp4", 2 * MIB)
    film = upload(client, path, "--visibility", "public")["video"]
    [report] = client.json("verify", film)
    assert report["ok"] is True
    assert {check["what"] for check in report["checks"]} == {
        "SHA-256 of the film",
        "PieceCID of the film",
        "Piece 0",
        "PieceCID of all pieces",
    }
    assert client.json("verify", film, "--file", path)[0]["ok"] is True
    with path.open("r+b") as file:
        file.seek(MIB)
        file.write(b"!")
    [report] = client.json("verify", film, "--file", path, code=1)
    assert [check["ok"] for check in report["checks"]] == [False, False]


def test_bytes_of_the_library_that_are_wrong_fail(through, make_file):
    client, proxy = through
    path = make_file("wrong.mp4", MIB)
    film = upload(client, path, "--visibility", "public")["video"]
    clean = path.read_bytes()[500_000:500_100]
    proxy.spoil = lambda data: data.replace(clean, b"x" * 100)
    [report] = client.json("verify", film, code=1)
    assert report["ok"] is False


def _uploads(api):
    return api.get("/api/v1/uploads/").json()["items"]
