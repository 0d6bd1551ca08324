"""
Where a film can be had: ours, and those of the servers it is compared with.

`drain` reads from any of them with a client that is not the bottleneck.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.uploading import Ours
from tests.node import NODE, environment
from tests.running import ROOT, Running

MIB = 1024 * 1024
# All viewers come from one address here, and are to be served as those of many are.
CROWD = {"STREAMS_PER_USER": "0", "STREAMS_PER_ADDRESS": "0", "STREAM_REQUESTS": "0"}

# It reads into the same memory again and again.
DRAIN = """
import socket, sys, time
port, path, wanted, start = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
began = time.perf_counter()
wire = socket.create_connection(("127.0.0.1", port))
asked = f"bytes={start}-{start + wanted - 1}"
request = f"GET {path} HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nRange: {asked}\\r\\n"
wire.sendall(f"{request}Connection: close\\r\\n\\r\\n".encode())
buffer, count = bytearray(1024 * 1024), 0
head, _, begin = wire.recv(4096).partition(b"\\r\\n\\r\\n")
assert head.startswith(b"HTTP/1.1 206"), head
count = len(begin)
while read := wire.recv_into(buffer):
    count += read
assert count == wanted, count
print(time.perf_counter() - began)
"""


@dataclass(frozen=True)
class Door:
    """Where a film can be had."""

    port: int
    path: str


def drain(door: Door, size: int, start: int = 0) -> float:
    """Read a range to its end; in how many seconds, without those that the client took to start."""
    asked = [str(door.port), door.path, str(size), str(start)]
    command = [sys.executable, "-I", "-S", "-c", DRAIN, *asked]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


@contextmanager
def node(source: Path) -> Iterator[Door]:
    script = ROOT / "benchmarks" / "node_server.mjs"
    process = subprocess.Popen(
        [NODE, str(script), str(source)], env=environment(), stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Door(int(process.stdout.readline()), "/film")
    finally:
        process.terminate()
        process.wait()


def film_of(path: Path, size: int) -> Path:
    """A file of random bytes, which nothing on the way can make smaller."""
    with path.open("wb") as file:
        for _ in range(size // MIB):
            file.write(os.urandom(MIB))
    return path


def upload(server: Running, source: Path) -> str:
    """The id of the film that these bytes have become, for everybody to watch."""
    with server.client() as client:
        return str(client.get(Ours(server).upload(source)).json()["video"])


def view(server: Running, video: str) -> Door:
    return Door(server.port, f"/stream/{video}/")


def signed(server: Running, video: str) -> Door:
    """By the address that the API gives of a film to whoever asks."""
    told = httpx.get(f"{server.url}/api/v1/videos/{video}/").json()
    return Door(server.port, str(told["media_url"]))
