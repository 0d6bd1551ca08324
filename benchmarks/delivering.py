"""
How quickly films that are on this machine leave it, through each door, beside nginx and a
Node server that send the same file: one long range, and 64 viewers who jump about.

One client for all, which holds what comes against the file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import doors, figures
from benchmarks.doors import MIB, Door, drain
from benchmarks.first_bytes import Jumper, percentile
from benchmarks.peers import IN_FRONT, in_front, nginx
from tests.running import ROOT, running

RANGE = 512 * MIB
VIEWERS, SECONDS, ROUNDS = 64, 2, 5
FIRST_BYTES = 3000


def single(doors: Mapping[str, Door]) -> dict[str, float]:
    """Bytes a second of one range of 512 MiB."""
    runs = {name: lambda door=door: drain(door, RANGE) for name, door in doors.items()}  # type: ignore[misc]
    seconds = figures.interleaved(runs, ROUNDS)
    return {name: RANGE / took for name, took in seconds.items()}


def many(doors: Mapping[str, Door], source: Path, rounds: int = ROUNDS) -> dict[str, float]:
    """Bytes a second that 64 viewers of random ranges of 1 MiB get together."""
    rates: dict[str, list[float]] = {name: [] for name in doors}
    for seed in range(rounds + 1):
        for name, door in doors.items():
            rate = load(door, source, seed * VIEWERS)
            if seed:
                rates[name].append(rate)
    return {name: median(each) for name, each in rates.items()}


def load(door: Door, source: Path, seed: int) -> float:
    script = str(ROOT / "benchmarks" / "load.py")
    asked = [str(door.port), door.path, str(source), str(VIEWERS), str(MIB), str(SECONDS)]
    command = [sys.executable, "-I", "-S", script, *asked, str(seed)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    told = json.loads(done.stdout)
    return float(told["bytes"] / told["seconds"])


def cold(doors: Mapping[str, Door], folders: list[Path]) -> dict[str, float]:
    """As `single`, each time with the files out of the memory."""
    runs = {
        name: lambda door=door: drain(door, RANGE)  # type: ignore[misc]
        for name, door in doors.items()
    }
    cool(folders)
    seconds = figures.interleaved(runs, 3, after=lambda: cool(folders))
    return {name: RANGE / took for name, took in seconds.items()}


def cool(folders: list[Path]) -> None:
    """Have the kernel forget what is in these files."""
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and path.stat().st_size >= MIB:
                descriptor = os.open(path, os.O_RDONLY)
                os.fsync(descriptor)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(descriptor)


def first_bytes(doors: Mapping[str, Door], source: Path) -> dict[str, list[float]]:
    """Seconds to the first byte of random ranges of 64 KiB, door by door in turns."""
    times: dict[str, list[float]] = {name: [] for name in doors}
    for turn in range(11):
        for name, door in doors.items():
            # Anew each turn: servers close a connection that is idle for some seconds.
            with Jumper(door.port, door.path, source, seed=turn) as jumper:
                took = [jumper.anywhere(64 * 1024) for _ in range(FIRST_BYTES // 10)]
            if turn:
                times[name] += took
    return times


TARGETS = {
    ("single", "signed door", "nginx"): 0.9,
    ("single", "Django view", "nginx"): 0.6,
    ("many", "signed door", "nginx"): 0.8,
    ("many", "signed door", "Node"): 0.8,
    ("many", "Django view", "nginx"): 0.3,
}
PEERS = ("nginx", "Node")


def compared(kind: str, what: str, rates: Mapping[str, float]) -> list[figures.Figure]:
    """A row for each door beside each peer."""
    return [
        figures.Figure(
            f"{what}: {name}",
            rates[name] / 1e6,
            rates[peer] / 1e6,
            TARGETS.get((kind, name, peer)),
            peer_name=peer,
        )
        for name in rates
        for peer in PEERS
        if name not in PEERS and peer in rates
    ]


def waited(times: Mapping[str, list[float]]) -> list[figures.Most]:
    limits = {"signed door": 5.0}
    return [
        figures.Most(
            f"first byte of 64 KiB, hot, p99: {name} (median {percentile(each, 0.5):.2f} ms)",
            percentile(each, 0.99),
            limits.get(name),
            "ms",
        )
        for name, each in times.items()
    ]


@contextmanager
def behind_nginx(data: Path, source: Path) -> Iterator[Door]:
    """The signed door of a server that has nginx in front send what it can, as documented."""
    more = {
        "X_ACCEL_LOCATION": IN_FRONT,
        "TRUSTED_PROXIES": "127.0.0.1",
        "PIECE_SIZE": str(127 * 2**23),
    }
    # A short name: a socket's may not be long.
    with (
        TemporaryDirectory(prefix="nginx-") as place,
        running(data, worker=False, **doors.CROWD, **more) as server,
        in_front(Path(place), data, server.port) as port,
    ):
        door = doors.signed(server, doors.upload(server, source))
        yield Door(port, door.path)


def tables(folder: Path) -> Iterator[figures.Rows]:
    source = doors.film_of(folder / "film", RANGE)
    with (
        running(folder / "data", worker=False, **doors.CROWD) as server,
        nginx(folder / "nginx", folder) as port,
        doors.node(source) as node,
        ExitStack() as stack,
    ):
        video = doors.upload(server, source)
        beside = {
            "signed door": doors.signed(server, video),
            "Django view": doors.view(server, video),
            "nginx": Door(port, f"/{source.name}"),
            "Node": node,
        }
        behind = stack.enter_context(behind_nginx(folder / "behind", source))
        beside |= {"X-Accel": behind}
        yield "one range of 512 MiB", compared("single", "512 MiB", single(beside))
        rates = many(beside, source)
        yield "64 viewers of random 1 MiB", compared("many", "64 viewers", rates)
        yield "first bytes", waited(first_bytes(beside, source))
        kept = [folder]
        yield "out of memory", compared("cold", "512 MiB, cold", cold(beside, kept))
