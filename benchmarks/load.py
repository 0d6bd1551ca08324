"""
Viewers who jump about in a film, each on a connection that is kept:
`load.py PORT PATH SOURCE COUNT RANGE SECONDS`.

One process that reads into the same memory again and again, so that it is not the
bottleneck. The ends of each range are held against SOURCE, the file that was to come.
Prints, as JSON, what came in the time that counts.
"""

from __future__ import annotations

import json
import mmap
import random
import select
import socket
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

HEAD, WARM_UP, ENDS = 16 * 1024, 0.3, 64


class Viewer:
    """One connection; asks for the next range as soon as it has the last."""

    def __init__(self, port: int, path: str, source: mmap.mmap, size: int, seed: int) -> None:
        self.wire = socket.create_connection(("127.0.0.1", port))
        self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.path, self.source, self.size = path, source, size
        # What tells one from another, for a server that counts who is watching.
        self.agent = f"viewer {seed}"
        self.dice = random.Random(seed)
        self.ask()
        self.wire.setblocking(False)

    def ask(self) -> None:
        self.start = self.dice.randrange(len(self.source) - self.size + 1)
        self.left = self.size
        self.head: bytes | None = b""
        asked = f"bytes={self.start}-{self.start + self.size - 1}"
        who = f"Host: 127.0.0.1\r\nUser-Agent: {self.agent}"
        request = f"GET {self.path} HTTP/1.1\r\n{who}\r\nRange: {asked}\r\n\r\n"
        # Into an empty socket: it always fits.
        self.wire.send(request.encode())

    def read(self, into: memoryview) -> int:
        """What has come by now, at most `into`; only bytes of the film are counted."""
        if self.head is None:
            count = self.wire.recv_into(into[: min(len(into), self.left)])
            if count == 0:
                raise RuntimeError(f"{self.left} bytes of a range did not come")
            self._check(into[:count])
            return self._took(count)
        self.head += self.wire.recv(HEAD)
        head, end, begun = self.head.partition(b"\r\n\r\n")
        if not end:
            return 0
        told = f"content-length: {self.size}".encode()
        if b" 206 " not in head[:13] or told not in head.lower():
            raise RuntimeError(head.decode(errors="replace"))
        self.head = None
        self._check(begun)
        return self._took(len(begun))

    def _check(self, data: Any) -> None:
        at = self.start + self.size - self.left
        if data[:ENDS] != self.source[at : at + min(ENDS, len(data))]:
            raise RuntimeError(f"wrong bytes at {at}")

    def _took(self, count: int) -> int:
        self.left -= count
        if self.left == 0:
            self.ask()
        return count


def watch(viewers: list[Viewer], seconds: float) -> tuple[int, float]:
    """Bytes that came, and in how many seconds; the first ones are not counted."""
    poll = select.epoll()
    by_wire = {viewer.wire.fileno(): viewer for viewer in viewers}
    for number in by_wire:
        poll.register(number, select.EPOLLIN)
    into = memoryview(bytearray(512 * 1024))
    begun = perf_counter() + WARM_UP
    end, count, counts = begun + seconds, 0, False
    while (now := perf_counter()) < end:
        if not counts and now >= begun:
            begun, count, counts = now, 0, True
        for number, _ in poll.poll(1):
            count += by_wire[number].read(into)
    return count, perf_counter() - begun


def main(
    port: int, path: str, source: Path, viewers: int, size: int, seconds: float, seed: int
) -> None:
    with source.open("rb") as file:
        kept = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    there = [Viewer(port, path, kept, size, seed + number) for number in range(viewers)]
    count, took = watch(there, seconds)
    print(json.dumps({"bytes": count, "seconds": took}))


if __name__ == "__main__":
    main(
        int(sys.argv[1]),
        sys.argv[2],
        Path(sys.argv[3]),
        int(sys.argv[4]),
        int(sys.argv[5]),
        float(sys.argv[6]),
        int(sys.argv[7]),
    )
