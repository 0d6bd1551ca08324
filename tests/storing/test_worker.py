"""The worker as it runs: threads, signals, and processes that are killed."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from library import films, places
from library.models import Event, FilmKey, Piece, Step, Upload, Video
from library.storing import worker as workers
from library.storing.original import Original
from library.storing.worker import Worker
from tests.making import SMALL_PIECES, received_video, stored_video
from tests.running import KERNELS, ROOT, polling
from tests.scanning import runs_in_clear

pytestmark = pytest.mark.django_db(transaction=True)
sqlite_only = pytest.mark.skipif(
    "postgres" in os.environ.get("DATABASE_URL", ""), reason="locks the whole of SQLite"
)


@pytest.fixture
def command(data):
    """`manage.py worker` as a process of its own, on this test's rows and files."""
    started = []

    def start(*arguments, **environment):
        process = subprocess.Popen(
            [sys.executable, "manage.py", "worker", *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "filmedia.settings",
                "DATABASE_URL": database(),
                "FILMEDIA_DATA": str(data),
                "NUMBA_CACHE_DIR": str(KERNELS),
                "STEP_LEASE_SECONDS": "1",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def database():
    """The address of this test's database, for another process."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@contextmanager
def running(worker):
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.stopping.set()
        thread.join(timeout=20)
        assert not thread.is_alive()


def wait_for(fact, seconds=60):
    for _ in polling(seconds, every=0.005):
        if fact():
            return
    raise AssertionError(f"{list(Step.objects.values())} {list(Video.objects.values('state'))}")


def stored(video):
    return Video.objects.filter(pk=video.pk, state=Video.State.STORED).exists()


def whole(video):
    """Stored, and its pictures made."""
    return stored(video) and not video.steps.exclude(state=Step.State.DONE).exists()


def files():
    """All files but those of the database, the secrets and the kernels."""
    top = {"staging", "pieces", "films"}
    found = (path.relative_to(places.data()) for path in places.data().rglob("*"))
    return {
        str(path) for path in found if path.parts[0] in top and (places.data() / path).is_file()
    }


def files_of(videos):
    """What stored films have, and nothing else."""
    cids = Piece.objects.filter(video__in=videos).values_list("piece_cid", flat=True)
    wanted = {places.shelved_piece(cid) for cid in cids}
    for video in videos:
        wanted |= {places.roots(video.pk), places.poster(video.pk), places.storyboard(video.pk)}
    return {str(path.relative_to(places.data())) for path in wanted}


def test_once_does_what_is_due_and_what_comes_of_it(alice, film):
    video = received_video(alice, film)
    Worker().drain()
    assert stored(video)
    assert files() == files_of([video])
    assert set(video.steps.values_list("state", flat=True)) == {"done"}
    assert list(video.events.values_list("type", flat=True)) == [
        "upload.received",
        "video.checked",
        "video.storyboard",
        "video.verified",
        "video.stored",
    ]


def test_a_worker_does_what_arrives_while_it_runs(alice, film):
    with running(Worker(decode=2, transfer=2)):
        videos = [received_video(alice, film + bytes([n])) for n in range(3)]
        wait_for(lambda: all(whole(video) for video in videos))
    assert files() == files_of(videos)


def test_two_workers_do_each_step_once(alice, film):
    with running(Worker()), running(Worker()):
        videos = [received_video(alice, film + bytes([n])) for n in range(4)]
        wait_for(lambda: all(whole(video) for video in videos))
    assert set(Step.objects.values_list("lease", flat=True)) == {1}
    assert Event.objects.filter(type="video.stored").count() == 4


def test_a_slot_that_is_closed_does_nothing(alice, film):
    video = received_video(alice, film)
    Worker(transfer=0).drain()
    assert video.steps.get(kind="store").state == Step.State.WAITING


def test_a_step_that_meets_something_unexpected_is_put_off_not_lost(alice, film):
    video = received_video(alice, film)
    Worker(transfer=0).drain()
    # Where a folder should be made there is a file.
    places.shelf().write_bytes(b"")
    Worker().drain()
    step = video.steps.get(kind="store")
    assert (step.state, step.attempts) == (Step.State.WAITING, 1)
    assert step.error == "Something unexpected happened (NotADirectoryError: Not a directory)."


@sqlite_only
def test_a_database_that_is_locked_for_a_moment_only_makes_it_wait(alice, film, monkeypatch):
    import sqlite3

    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.2)
    video = received_video(alice, film)
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        troubled = threading.Event()
        monkeypatch.setattr(workers.log, "warning", lambda *words: troubled.set(), raising=True)
        with running(Worker()):
            assert troubled.wait(30)
            other.execute("ROLLBACK")
            wait_for(lambda: stored(video))


class TestAProcess:
    def test_hands_its_step_back_when_told_to_stop(self, alice, command):
        # Zeros are no film, so the check is left out.
        video = received_video(alice, bytes(SMALL_PIECES * 60))
        video.steps.update(state=Step.State.DONE)
        Step.objects.create(video=video, kind="store", slot="transfer", total_bytes=video.size)
        process = command(STEP_LEASE_SECONDS="600")
        verifying = Step.objects.filter(kind="verify", state=Step.State.RUNNING)
        wait_for(lambda: verifying.exists() or stored(video))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert not Step.objects.filter(state=Step.State.RUNNING).exists()
        # With leases of ten minutes, only what was handed back can go on now.
        assert command("--once").wait(timeout=60) == 0
        assert stored(video)

    def test_with_nothing_to_do_stops_at_once(self, command):
        process = command()
        for line in process.stderr:
            if b"is ready" in line:
                break
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0

    @pytest.mark.slow
    def test_killed_again_and_again_it_loses_nothing_and_leaves_nothing(
        self, alice, tmp_path, command
    ):
        from library import samples

        samples.write_film(tmp_path / "film.mp4", seconds=4, size=12_000_000)
        data = (tmp_path / "film.mp4").read_bytes()
        chance = random.Random()
        videos = [received_video(alice, data, piece_size=SMALL_PIECES)]
        hits = set()
        for kind in ["check", "store", "verify"] * 4:
            if videos[-1].steps.filter(kind=kind, state=Step.State.DONE).exists():
                # The same bytes, so that films share their pieces.
                videos.append(received_video(alice, data, piece_size=SMALL_PIECES))
            process = command()
            its_own = Step.objects.filter(state=Step.State.RUNNING, worker__endswith=process.pid)
            aim = its_own.filter(kind=kind)
            wait_for(lambda aim=aim: aim.exists() or stored(videos[-1]))
            time.sleep(chance.random() * 0.1)
            process.kill()
            process.wait()
            hits |= set(its_own.values_list("kind", flat=True))
        final = command()
        wait_for(lambda: all(stored(video) for video in videos))
        final.terminate()
        assert final.wait(timeout=20) == 0
        assert command("--once").wait(timeout=60) == 0

        assert hits, "no kill hit a running step"
        assert Video.objects.count() == Upload.objects.count() == len(videos)
        assert files() == files_of(videos)
        assert Event.objects.filter(type="video.stored").count() == len(videos)
        assert not Step.objects.exclude(state=Step.State.DONE).exists()
        assert not Step.objects.exclude(attempts=0).exists()

    @pytest.mark.slow
    def test_killed_again_and_again_while_it_stores_a_film_anew(
        self, alice, command, film, settings
    ):
        settings.PIECE_SIZE = SMALL_PIECES
        data = film + os.urandom(40_000_000)
        video = stored_video(alice, data, stored_open=True)
        films.store_anew(video)
        chance = random.Random()
        hits = 0
        for _ in range(6):
            process = command(PIECE_SIZE=str(SMALL_PIECES))
            its_own = Step.objects.filter(state=Step.State.RUNNING, worker__endswith=process.pid)
            aim = its_own.filter(kind=Step.Kind.ENCRYPT)
            wait_for(lambda aim=aim: aim.exists() or Video.objects.get().is_encrypted)
            time.sleep(chance.random() * 0.3)
            process.kill()
            process.wait()
            hits += its_own.exists()
            Step.objects.filter(state=Step.State.RUNNING).update(lease_until=timezone.now())
        final = command(PIECE_SIZE=str(SMALL_PIECES))
        wait_for(lambda: Video.objects.get().is_encrypted and stored(video))
        final.terminate()
        assert final.wait(timeout=20) == 0
        assert command("--once").wait(timeout=60) == 0

        assert hits, "no kill hit a running step"
        pictures = {f"films/{video.pk}/{name}.jpg" for name in ("poster", "storyboard")}
        assert files() == files_of([video]) - pictures
        assert FilmKey.objects.get().video == video
        assert runs_in_clear(data, places.data()) == []
        video.refresh_from_db()
        with Original(video) as original:
            assert original.read(0, len(data)) == data
