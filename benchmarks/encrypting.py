"""
What encryption costs: a film that is stored encrypted beside the same one stored open.

The upload of 1 GiB, a single range of 512 MiB, the first byte of a small range, and what an
upload of 10 GiB and a hundred viewers add to the server's memory. Both films are there for
everybody: one was private when it was uploaded, and stays encrypted. Exits with 1 when a
figure is missed.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import figures
from benchmarks.streaming import MIB, RANGE, RATE, VIEWERS, drain, memory_of
from benchmarks.uploading import SIZE, Ours, memory_of_a_large_upload
from tests.running import ROOT, Running, running

OPEN, ENCRYPTED = "public", "private"
SMALL = 64 * 1024
SEEKS = 400


def uploads(server: Running, source: Path) -> figures.Figure:
    ours = Ours(server)

    def between_rounds() -> None:
        shutil.rmtree(server.data / "staging", ignore_errors=True)
        (server.data / "staging").mkdir()

    seconds = figures.interleaved(
        {
            kind: lambda kind=kind: ours.upload(source, kind)  # type: ignore[misc]
            for kind in (OPEN, ENCRYPTED)
        },
        rounds=7,
        after=between_rounds,
    )
    return _beside_open("1 GiB through tus, encrypted", SIZE, seconds, 0.9)


def films(server: Running, source: Path) -> dict[str, str]:
    """The addresses of a film stored open and of the same one stored encrypted."""
    return {kind: _film(server, source, kind) for kind in (OPEN, ENCRYPTED)}


def _film(server: Running, source: Path, kind: str) -> str:
    with server.client() as client:
        video = client.get(Ours(server).upload(source, kind)).json()["video"]
        everybody = {"visibility": "public"}
        client.patch(f"/api/v1/videos/{video}/", json=everybody).raise_for_status()
        if client.get(f"/api/v1/videos/{video}/").json()["encrypted"] != (kind == ENCRYPTED):
            raise RuntimeError(f"A {kind} film is not stored as it should be.")
    return f"/stream/{video}/"


def ranges(server: Running, paths: dict[str, str]) -> figures.Figure:
    seconds = figures.interleaved(
        {
            kind: lambda path=path: drain(server.port, path)  # type: ignore[misc]
            for kind, path in paths.items()
        },
        rounds=15,
    )
    return _beside_open("a single range of 512 MiB, encrypted", RANGE, seconds, 0.7)


def first_bytes(server: Running, paths: dict[str, str]) -> figures.Most:
    """How much later the first byte of a small range comes, at random places, from memory."""
    luck = Random(3)
    took: dict[str, list[float]] = {kind: [] for kind in paths}
    with socket.create_connection(("127.0.0.1", server.port)) as wire:
        for counted in [False] * 20 + [True] * SEEKS:
            start = luck.randrange(RANGE - SMALL)
            for kind, path in paths.items():
                seconds = _first_byte(wire, path, start)
                if counted:
                    took[kind].append(seconds)
    later = (median(took[ENCRYPTED]) - median(took[OPEN])) * 1000
    what = f"first byte of 64 KiB, later than open ({median(took[OPEN]) * 1000:.2f} ms)"
    return figures.Most(what, max(later, 0), 1, "ms")


def _first_byte(wire: socket.socket, path: str, start: int) -> float:
    asked = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Range: bytes={start}-{start + SMALL - 1}\r\n\r\n"
    )
    began = perf_counter()
    wire.sendall(asked.encode())
    answer = b""
    while (end := answer.find(b"\r\n\r\n")) < 0 or len(answer) <= end + 4:
        answer += wire.recv(65536)
    took = perf_counter() - began
    if not answer.startswith(b"HTTP/1.1 206"):
        raise RuntimeError(answer[:100].decode())
    rest = SMALL - (len(answer) - end - 4)
    while rest:
        rest -= len(wire.recv(rest))
    return took


def _beside_open(what: str, size: int, seconds: dict[str, float], target: float) -> figures.Figure:
    rates = {kind: size / took / 1e6 for kind, took in seconds.items()}
    return figures.Figure(what, rates[ENCRYPTED], rates[OPEN], target, peer_name="open")


def main() -> int:
    folder = ROOT / "build" / "bench-encrypting"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        source = folder / "source"
        with source.open("wb") as file:
            for _ in range(SIZE // MIB):
                file.write(os.urandom(MIB))
        with running(folder / "uploads", worker=False) as server:
            rows = [uploads(server, source)]
        shutil.rmtree(folder / "uploads")
        with running(folder / "films", worker=False) as server:
            path = _film(server, source, ENCRYPTED)
            drain(server.port, path)  # what a first viewer loads stays loaded
            what = "100 viewers at 256 KB/s, encrypted"
            limits = [memory_of(server, path, VIEWERS, RATE, what)]
            os.truncate(source, RANGE)
            paths = films(server, source)
            rows.append(ranges(server, paths))
            limits.append(first_bytes(server, paths))
        met = figures.table(rows, "encryption (peer: the same film stored open)")
        shutil.rmtree(folder / "films")
        limits.append(memory_of_a_large_upload(folder, ENCRYPTED))
        return 0 if figures.limits(limits) and met else 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
