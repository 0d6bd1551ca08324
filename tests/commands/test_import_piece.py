"""`manage.py import_piece`, as a process that can be killed."""

import hashlib
import os
import signal
import subprocess
import sys

import pytest

from tests.importing.serving import Serving
from tests.running import ROOT, polling

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("commands")]
PIECE = 127 * 2**13
FILM = hashlib.shake_256(b"by its pieces").digest(3 * PIECE)


@pytest.fixture
def elsewhere(installation):
    with Serving() as serving:
        installation.environment["IMPORT_HOSTS"] = serving.host
        yield serving


def pieces(elsewhere):
    return [elsewhere.keep(FILM[at : at + PIECE]) for at in range(0, len(FILM), PIECE)]


@pytest.mark.parametrize("name", ["import_piece", "import-piece"])
def test_a_film_comes_by_its_piececids(installation, elsewhere, name):
    [told] = installation.json(name, *pieces(elsewhere), "--from", elsewhere.url, "--title", "Pier")
    assert (told["state"], told["received"], told["title"]) == ("done", len(FILM), "Pier")
    found = installation.rows("list(Video.objects.values_list('id', 'sha256'))")
    assert found == [[told["video"], hashlib.sha256(FILM).hexdigest()]]
    # Once more, it is there.
    again = installation.json(name, *pieces(elsewhere), "--from", elsewhere.url)
    assert again[0]["video"] == told["video"]


def test_killed_in_the_middle_the_same_command_goes_on_with_the_next_piece(installation, elsewhere):
    cids = pieces(elsewhere)
    installation.environment["STEP_LEASE_SECONDS"] = "1"
    elsewhere.hanging.add(cids[1])
    command = [sys.executable, "manage.py", "import_piece", *cids, "--from", elsewhere.url]
    running = subprocess.Popen(
        command, cwd=ROOT, env=installation.environment, stdout=subprocess.DEVNULL
    )
    for _ in polling(60):
        if f"/piece/{cids[1]}" in elsewhere.asked:
            break
    assert running.poll() is None
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    elsewhere.hanging.clear()
    elsewhere.asked.clear()
    for _ in polling(30, every=0.3):
        # Until the dead one's lease is over.
        done = installation.manage("import_piece", *cids, "--from", elsewhere.url)
        if done.returncode == 0:
            break
    assert done.returncode == 0, done.stderr
    assert f"/piece/{cids[0]}" not in elsewhere.asked
    found = installation.rows("list(Video.objects.values_list('sha256', flat=True))")
    assert found == [hashlib.sha256(FILM).hexdigest()]


def test_wrong_bytes_fail_with_a_sentence(installation, elsewhere):
    cids = pieces(elsewhere)
    elsewhere.pieces[cids[1]] = bytes(PIECE)
    done = installation.manage("import_piece", *cids, "--from", elsewhere.url)
    assert done.returncode == 1
    assert f"gives other bytes than those of {cids[1]}" in done.stderr
    assert installation.rows("Video.objects.count()") == 0


def test_an_address_inside_is_refused_unless_the_operator_named_it(installation, elsewhere):
    cids = pieces(elsewhere)
    installation.environment["IMPORT_HOSTS"] = ""
    done = installation.manage("import_piece", *cids, "--from", elsewhere.url)
    assert done.returncode == 1
    assert "cannot be read from" in done.stderr
    assert elsewhere.asked == []
