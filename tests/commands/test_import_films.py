"""`manage.py import_films`, as processes that can be killed."""

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys

import pytest

from tests.running import ROOT, polling

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("commands")]


def film(path, seed: str, size: int = 300_000):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(hashlib.shake_256(seed.encode()).digest(size))
    return path


@pytest.fixture
def films(tmp_path):
    """Three films and a copy of one, in folders, among things that are no films."""
    folder = tmp_path / "films"
    film(folder / "harbour.mp4", "harbour")
    film(folder / "Alps" / "summit.mkv", "summit")
    film(folder / "Alps" / "Winter" / "snow.webm", "snow")
    film(folder / "Sea" / "harbour again.mp4", "harbour")
    film(folder / ".hidden" / "x.mp4", "hidden")
    (folder / "notes.txt").write_text("Bring the tripod.")
    return folder


def outcomes(lines):
    return sorted(line["outcome"] for line in lines)


def test_every_film_of_the_folders_comes_once_and_the_files_stay(installation, films):
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in _files(films)}
    lines = installation.json("import_films", str(films))
    assert outcomes(lines) == ["received", "received", "received", "there"]
    found = installation.rows("sorted(Video.objects.values_list('sha256', flat=True))")
    assert found == sorted({line["sha256"] for line in lines})
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in _files(films)} == before
    again = installation.json("import_films", str(films))
    assert outcomes(again) == ["there"] * 4
    assert installation.rows("Upload.objects.count()") == 3


def test_a_dry_run_says_the_same_and_changes_nothing(installation, films):
    lines = installation.json("import_films", str(films), "--dry-run")
    assert outcomes(lines) == ["there", "would-receive", "would-receive", "would-receive"]
    assert installation.rows("Upload.objects.count()") == 0


def test_films_get_an_owner_a_visibility_and_the_collection_of_their_folder(installation, films):
    said = ["--owner", "admin", "--visibility", "members", "--collection-from-folder"]
    installation.json("import_films", str(films / "Alps"), *said)
    what = "sorted(Video.objects.values_list('title', 'visibility', 'collection__name'))"
    assert installation.rows(what) == [
        ["snow", "members", "Winter"],
        ["summit", "members", "Alps"],
    ]


def test_killed_in_the_middle_it_goes_on_and_brings_every_film_once(installation, tmp_path):
    """As a power cut would: what was promised stays, and nothing comes twice."""
    folder = tmp_path / "films"
    film(folder / "a.mp4", "a")
    film(folder / "c.mp4", "c")
    with film(folder / "b.mp4", "b").open("r+b") as large:
        # Long enough to be caught half-way; most of it is a hole, and reads as zeros.
        large.truncate(400 * 1024 * 1024)
    running = _start(installation, folder)
    for _ in polling(60, every=0.005):
        assert running.poll() is None, "it ended before it could be killed"
        if any(0 < offset < length for offset, length in _offsets(installation)):
            break
    running.kill()
    running.communicate()
    promised = max(o for o, length in _offsets(installation) if o < length)
    assert promised > 0
    lines = {line["path"]: line for line in installation.json("import_films", str(folder))}
    large = lines[str(folder / "b.mp4")]
    assert large["outcome"] == "received"
    assert large["resumed_at"] >= promised
    found = installation.rows("sorted(Video.objects.values_list('sha256', flat=True))")
    assert found == sorted(_sha256(path) for path in _files(folder))
    assert installation.rows("Upload.objects.filter(state='receiving').count()") == 0


def test_stopped_with_ctrl_c_it_says_so_and_goes_on_later(installation, tmp_path):
    path = film(tmp_path / "films" / "long.mp4", "long")
    os.truncate(path, 400 * 1024 * 1024)
    running = _start(installation, path)
    for _ in polling(60, every=0.005):
        assert running.poll() is None, "it ended before it could be stopped"
        if any(offset for offset, _ in _offsets(installation)):
            break
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 2, said
    assert "the same command goes on" in said
    [line] = installation.json("import_films", str(path))
    assert (line["outcome"], line["resumed_at"] > 0) == ("received", True)


def test_what_is_named_itself_is_taken_whatever_it_looks_like(installation, films):
    (films / "broken.mp4").symlink_to(films / "nowhere.mp4")
    assert len(installation.json("import_films", str(films))) == 4
    assert outcomes(installation.json("import_films", str(films / "notes.txt"))) == ["received"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_named_and_the_exit_code_says_so(installation, films):
    (films / "harbour.mp4").chmod(0)
    lines = installation.json("import_films", str(films), code=1)
    assert "Permission denied" in next(x for x in lines if x["outcome"] == "failed")["problem"]


def test_a_path_that_is_not_there_fails_before_anything_is_read(installation, films):
    done = installation.manage("import_films", str(films), str(films / "nowhere"))
    assert done.returncode == 1
    assert "is not there" in done.stderr
    assert installation.rows("Upload.objects.count()") == 0


def test_somebody_without_an_account_gets_no_films(installation, films):
    done = installation.manage("import_films", str(films), "--owner", "nobody")
    assert done.returncode == 3
    assert "There is no account 'nobody'" in done.stderr


def _start(installation, path):
    command = [sys.executable, "manage.py", "import_films", str(path), "--json"]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=ROOT, env=installation.environment, **streams)


def _files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def _sha256(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _offsets(installation):
    with sqlite3.connect(f"file:{installation.data}/filmedia.sqlite3?mode=ro", uri=True) as rows:
        return rows.execute("SELECT offset, length FROM library_upload").fetchall()
