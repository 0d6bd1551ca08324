"""The library as `make run` brings it up."""

import os
import re
import signal
import stat
from pathlib import Path

import httpx
import pytest

from tests.running import Running, polling

pytestmark = pytest.mark.slow


@pytest.fixture
def fresh(tmp_path):
    """An installation in which nobody is named as administrator."""
    nobody = {"DJANGO_SUPERUSER_USERNAME": "", "DJANGO_SUPERUSER_PASSWORD": ""}
    library = Running(tmp_path / "data", **nobody).start()
    yield library
    library.stop()


def test_a_first_start_prints_a_link_that_makes_the_first_account_once(fresh):
    link = re.search(r"http://\S+/setup/\S+", fresh.log.read_text())[0]
    with httpx.Client(base_url=fresh.url, follow_redirects=True) as browser:
        page = browser.get(link)
        assert page.status_code == 200
        csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
        form = {
            "csrfmiddlewaretoken": csrf,
            "username": "ada",
            "password": "a long and good password",
            "password1": "a long and good password",
            "password2": "a long and good password",
        }
        assert browser.post(link, data=form).status_code == 200
    assert fresh.token("ada", "a long and good password")
    assert httpx.get(link).status_code == 404


def test_the_secrets_are_made_for_their_owner_alone_and_kept(fresh):
    folder = fresh.data / "secrets"
    before = {path.name: path.read_text() for path in folder.iterdir()}
    assert {"filmedia_secret_key", "filmedia_library_key"} <= set(before)
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    fresh.stop()
    fresh.start()
    assert {path.name: path.read_text() for path in folder.iterdir()} == before


def test_health_is_answered_without_signing_in(fresh):
    assert httpx.get(f"{fresh.url}/healthz").json() == {"status": "ok"}
    assert httpx.get(f"{fresh.url}/readyz").json() == {"status": "ok"}


def test_ctrl_c_stops_it_without_a_word_too_many(fresh):
    fresh.process.send_signal(signal.SIGINT)
    assert fresh.process.wait(timeout=30) == 0
    fresh.process = None
    said = fresh.log.read_text()
    assert "Stopped." in said
    assert "Traceback" not in said


def test_a_port_that_is_taken_is_said_before_any_link(fresh, tmp_path):
    other = fresh.manage("serve")
    assert other.returncode != 0
    assert f"PORT={fresh.port + 1} make run" in other.stderr
    assert "/setup/" not in other.stdout


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "abc"), ("PIECE_SIZE", "1000"), ("DEBUG", "perhaps")]
)
def test_a_wrong_setting_is_one_line(tmp_path, name, value):
    library = Running(tmp_path / "data", **{name: value})
    done = library.manage("check")
    assert done.returncode != 0
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_only_loopback_is_listened_on(fresh):
    listening = [
        line.split()[1]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[1].endswith(f":{fresh.port:04X}")
    ]
    assert listening == [f"0100007F:{fresh.port:04X}"]


def workers(library: Running) -> list[int]:
    """The workers that use this installation's data folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_text().split("\0")
            environment = (process / "environ").read_text()
        except (OSError, UnicodeDecodeError):
            continue
        if "worker" in command and f"FILMEDIA_DATA={library.data}\0" in environment:
            found.append(int(process.name))
    return found


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_the_worker_ends_with_the_server(fresh, end):
    assert len(workers(fresh)) == 1
    getattr(fresh, end)()
    for _ in polling(15):
        if not workers(fresh):
            return
    raise AssertionError("the worker went on alone")


def test_a_worker_that_dies_is_started_again(fresh):
    (before,) = workers(fresh)
    os.kill(before, 9)
    for _ in polling(15):
        if (now := workers(fresh)) and now != [before]:
            return
    raise AssertionError("nobody works any more")
