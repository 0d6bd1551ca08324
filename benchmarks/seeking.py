"""
20,000 jumps about in 50 films that are with providers, and with a cache that holds a part of
them: what they add to the server's memory. Then the same with providers that flip, shorten,
break off, delay and drop: no byte may be wrong, and no stream may end quietly short.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from benchmarks import doors, figures
from benchmarks.doors import MIB
from benchmarks.memory import Memory
from benchmarks.on_network import Library, library
from tests.running import ROOT

FILMS, JUMPS, PEOPLE = 50, 20_000, 16
# From a part of one block to several pieces.
SIZES = [(200 + 217 * at % 9000) * 1024 for at in range(FILMS)]
SMALL_PIECES = 127 * 2**15
CACHE = 64 * MIB
LIES = 0.3


def tables(folder: Path) -> Iterator[figures.Rows]:
    environment = {"CACHE_SIZE": str(CACHE)}
    with library(folder, SIZES, piece_size=SMALL_PIECES, **environment) as there:
        yield "jumps", jumped(there)
        there.restart(emptied=True)
        there.far(lies=LIES)
        yield "providers that lie", lied(there)


def jumped(there: Library) -> list[figures.Most]:
    assert there.server.process is not None
    with seeking(there, 1) as seeker:
        assert seeker.stdout is not None
        seeker.stdout.readline()
        began = perf_counter()
        with Memory(there.server.process.pid) as memory:
            went = json.loads(seeker.stdout.readline())
        took = perf_counter() - began
    what = f"server memory added by the last {JUMPS * 4 // 5:,} of {JUMPS:,} jumps"
    fetched = sum(there.fetches().values())
    return [
        figures.Most(what, memory.added / MIB, 32, "MiB"),
        figures.Most("jumps that did not get what they asked for", JUMPS - went["right"], 0, ""),
        figures.Most(
            f"a jump, of {PEOPLE} people", took / (JUMPS * 0.8 / PEOPLE) * 1e3, None, "ms"
        ),
        figures.Most("blocks that were fetched", fetched, None, ""),
    ]


def lied(there: Library) -> list[figures.Most]:
    with seeking(there, 2) as seeker:
        assert seeker.stdout is not None
        seeker.stdout.readline()
        went = json.loads(seeker.stdout.readline())
    lies = sum(
        times
        for provider in there.providers
        for lie, times in provider.told()["lied"].items()
        if lie != "honest"
    )
    if lies < JUMPS // 100:
        raise RuntimeError(f"There were only {lies} lies, so that this shows nothing.")
    return [
        figures.Most(f"wrong bytes after {lies:,} lies", went.get("wrong", 0), 0, ""),
        figures.Most("streams that ended quietly short", went.get("quiet", 0), 0, ""),
        figures.Most("jumps without an answer", JUMPS - went.get("right", 0), JUMPS // 2, ""),
        figures.Most("refused (503)", went.get("refused", 0), None, ""),
        figures.Most("ended short of what was announced", went.get("broken", 0), None, ""),
    ]


@contextmanager
def seeking(there: Library, seed: int) -> Iterator[subprocess.Popen[str]]:
    films = [[doors.signed(there.server, film.id).path, str(film.source)] for film in there.films]
    script = str(ROOT / "benchmarks" / "seeker.py")
    asked = [str(there.server.port), str(PEOPLE), str(JUMPS), str(seed)]
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", script, *asked],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdin is not None
        process.stdin.write(json.dumps(films) + "\n")
        process.stdin.flush()
        yield process
    finally:
        process.terminate()
        process.wait()
