"""How long it is from a request for a range to its first byte, for a client that only waits."""

from __future__ import annotations

import mmap
import random
import socket
from pathlib import Path
from time import perf_counter

WHOLE_HEAD = b"\r\n\r\n"


class Jumper:
    """Asks for one range after the other on a connection that is kept. Close it."""

    def __init__(self, port: int, path: str, source: Path, seed: int = 1) -> None:
        self.path, self.dice = path, random.Random(seed)
        self.who = f"Host: 127.0.0.1\r\nUser-Agent: viewer {seed}"
        with source.open("rb") as file:
            self.source = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.wire = socket.create_connection(("127.0.0.1", port))
        self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Jumper:
        return self

    def __exit__(self, *_: object) -> None:
        self.wire.close()

    def anywhere(self, size: int) -> float:
        return self.ask(self.dice.randrange(len(self.source) - size + 1), size)

    def ask(self, start: int, size: int) -> float:
        """Seconds to the first byte of the range. Raises where it is not the right range."""
        asked = f"Range: bytes={start}-{start + size - 1}"
        request = f"GET {self.path} HTTP/1.1\r\n{self.who}\r\n{asked}\r\n\r\n"
        began = perf_counter()
        self.wire.sendall(request.encode())
        come = b""
        while not come.partition(WHOLE_HEAD)[2]:
            data = self.wire.recv(65536)
            if not data:
                raise RuntimeError(f"the connection ended: {come[:400]!r}")
            come += data
        took = perf_counter() - began
        head, _, body = come.partition(WHOLE_HEAD)
        if b" 206 " not in head[:13]:
            raise RuntimeError(come.decode(errors="replace"))
        while True:
            if body != self.source[start : start + len(body)]:
                raise RuntimeError(f"wrong bytes in {asked}")
            start, size = start + len(body), size - len(body)
            if size == 0:
                break
            body = self.wire.recv(min(size, 1 << 20))
            if not body:
                raise RuntimeError(f"{size:,} bytes did not come of {asked}")
        return took


def percentile(times: list[float], share: float) -> float:
    """In milliseconds, of times in seconds."""
    ordered = sorted(times)
    return 1000 * ordered[min(int(len(ordered) * share), len(ordered) - 1)]
