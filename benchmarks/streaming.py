"""
How quickly a single range of 512 MiB is sent, beside nginx sending the same file; and what
viewers of a 1 GiB film add to the server's memory: a hundred at 256 KB/s, and one that stalls.

Both servers have the file in memory, and one client reads from both. Exits with 1 when a
figure is missed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import figures
from benchmarks.memory import Memory
from benchmarks.peers import nginx
from benchmarks.uploading import Ours
from tests.running import ROOT, Running, running

MIB = 1024 * 1024
RANGE = 512 * MIB
FILM = 1024 * MIB
VIEWERS, RATE = 100, 256_000
# Long enough for every viewer to have had much more than any buffer holds.
WATCHED_SECONDS = 20

# A client that is not the bottleneck: it reads into the same memory again and again.
DRAIN = """
import socket, sys
port, path, wanted = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
wire = socket.create_connection(("127.0.0.1", port))
request = f"GET {path} HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nRange: bytes=0-{wanted - 1}\\r\\n"
wire.sendall(f"{request}Connection: close\\r\\n\\r\\n".encode())
buffer, count = bytearray(1024 * 1024), 0
head, _, begin = wire.recv(4096).partition(b"\\r\\n\\r\\n")
assert head.startswith(b"HTTP/1.1 206"), head
count = len(begin)
while read := wire.recv_into(buffer):
    count += read
assert count == wanted, count
"""


def drain(port: int, path: str) -> None:
    command = [sys.executable, "-I", "-S", "-c", DRAIN, str(port), path, str(RANGE)]
    subprocess.run(command, check=True)


def upload(server: Running, source: Path) -> str:
    """The address of the film that these bytes have become, for everybody to watch."""
    with server.client() as client:
        video = client.get(Ours(server).upload(source)).json()["video"]
    return f"/stream/{video}/"


def compare(server: Running, folder: Path, source: Path) -> figures.Figure:
    path = upload(server, source)
    with nginx(folder / "nginx", folder) as port:
        seconds = figures.interleaved(
            {
                "ours": lambda: drain(server.port, path),
                "nginx": lambda: drain(port, f"/{source.name}"),
            }
        )
    rates = {name: RANGE / took / 1e6 for name, took in seconds.items()}
    what = "a single range of 512 MiB"
    return figures.Figure(what, rates["ours"], rates["nginx"], 0.6, peer_name="nginx")


@contextmanager
def viewers(port: int, path: str, count: int, rate: int) -> Iterator[None]:
    script = str(ROOT / "benchmarks" / "viewers.py")
    command = [sys.executable, script, str(port), path, str(count), str(rate)]
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


def memory_of(server: Running, path: str, count: int, rate: int, what: str) -> figures.Most:
    assert server.process is not None
    with Memory(server.process.pid) as memory, viewers(server.port, path, count, rate):
        time.sleep(WATCHED_SECONDS)
    return figures.Most(f"server memory added by {what}", memory.added / MIB, 64, "MiB")


def main() -> int:
    folder = ROOT / "build" / "bench-streaming"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        fast, long = folder / "fast", folder / "long"
        with fast.open("wb") as file:
            for _ in range(RANGE // MIB):
                file.write(os.urandom(MIB))
        with long.open("wb") as file:
            file.truncate(FILM)
        with running(folder / "data", worker=False) as server:
            met = figures.table([compare(server, folder, fast)], "streaming")
            path = upload(server, long)
            drain(server.port, path)  # what a first viewer loads stays loaded
            limits = [
                memory_of(server, path, 1, 0, "a viewer that stalls"),
                memory_of(server, path, VIEWERS, RATE, "100 viewers at 256 KB/s"),
            ]
        return 0 if figures.limits(limits) and met else 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
