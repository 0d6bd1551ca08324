"""What viewers add to the server's memory: a hundred at 256 KB/s, one that stalls, jumpers."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import doors, figures
from benchmarks.doors import MIB, Door, drain
from benchmarks.memory import Memory
from tests.running import ROOT, Running, running

FILM = 1024 * MIB
VIEWERS, RATE = 100, 256_000
# Long enough for every viewer to have had much more than any buffer holds.
WATCHED_SECONDS = 20


def tables(folder: Path) -> Iterator[figures.Rows]:
    source = folder / "long"
    with source.open("wb") as file:
        file.truncate(FILM)
    with running(folder / "data", worker=False, **doors.CROWD) as server:
        door = doors.view(server, doors.upload(server, source))
        drain(door, FILM // 2)  # what a first viewer loads stays loaded
        stalled = added(server, door, 1, 0)
        watching = added(server, door, VIEWERS, RATE)
    yield (
        "memory",
        [
            figures.Most("server memory added by a viewer that stalls", stalled, 64, "MiB"),
            figures.Most("server memory added by 100 viewers at 256 KB/s", watching, 64, "MiB"),
        ],
    )


@contextmanager
def viewers(door: Door, count: int, rate: int, apart: int = 0) -> Iterator[None]:
    script = str(ROOT / "benchmarks" / "viewers.py")
    asked = [str(door.port), door.path, str(count), str(rate), str(apart)]
    command = [sys.executable, script, *asked]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        if not process.stdout.readline():
            raise RuntimeError("The viewers did not get their film.")
        yield
        if process.poll() is not None:
            raise RuntimeError("A viewer was left without film.")
    finally:
        process.terminate()
        process.wait()


def added(server: Running, door: Door, count: int, rate: int, apart: int = 0) -> float:
    """MiB that the server takes more while so many watch."""
    assert server.process is not None
    with Memory(server.process.pid) as memory, viewers(door, count, rate, apart):
        time.sleep(WATCHED_SECONDS)
    return memory.added / MIB
