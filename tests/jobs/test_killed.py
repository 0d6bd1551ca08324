"""A worker that is killed in the middle of a job: whoever goes on does each film once."""

import os
import random
import signal
import subprocess
import sys

import pytest
from django.db import connection

from library.models import Event, Job, JobItem, Video
from tests.jobs.conftest import begun
from tests.making import received_video
from tests.running import KERNELS, ROOT, polling

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
FILMS = 60


@pytest.fixture
def worker(data):
    """`manage.py worker` as a process of its own, on this test's rows."""
    started = []

    def start(*arguments):
        name = str(connection.settings_dict["NAME"])
        address = f"sqlite:///{name}"
        if connection.vendor != "sqlite":
            address = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
        process = subprocess.Popen(
            [sys.executable, "manage.py", "worker", "--decode", "0", "--transfer", "0", *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "filmedia.settings",
                "DATABASE_URL": address,
                "FILMEDIA_DATA": str(data),
                "NUMBA_CACHE_DIR": str(KERNELS),
                "STEP_LEASE_SECONDS": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def wait_for(fact):
    for _ in polling(60, every=0.005):
        if fact():
            return
    raise AssertionError(list(Job.objects.values()))


def test_each_film_is_done_once_however_often_the_worker_is_killed(alice, worker):
    videos = [received_video(alice, title=f"Film {number}") for number in range(FILMS)]
    job = begun(alice, "visibility", videos, visibility="members")
    done = JobItem.objects.filter(job=job, state=JobItem.State.DONE)
    chance = random.Random(20261128)
    for _ in range(3):
        before = done.count()
        process = worker()
        wanted = min(before + chance.randint(1, 12), FILMS)
        wait_for(lambda wanted=wanted: done.count() >= wanted)
        process.send_signal(signal.SIGKILL)
        process.wait()
    left = worker()
    wait_for(lambda: Job.objects.filter(pk=job.pk, state=Job.State.DONE).exists())
    left.send_signal(signal.SIGTERM)
    left.wait(timeout=20)
    assert done.count() == FILMS
    assert Video.objects.filter(visibility="members").count() == FILMS
    changed = Event.objects.filter(type="video.changed")
    assert changed.count() == FILMS
    assert changed.values("video").distinct().count() == FILMS
    assert set(Video.objects.values_list("version", flat=True)) == {2}
    assert Event.objects.filter(type="job.finished").count() == 1
