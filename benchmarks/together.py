"""
Viewers who start the same film at the same moment: `together.py PORT PATH SOURCE COUNT`.

Each reads all of it, held against SOURCE. Prints, as JSON, the seconds until the last of them
had its first byte, and until all had everything.
"""

from __future__ import annotations

import json
import mmap
import select
import socket
import sys
from time import perf_counter


class Viewer:
    def __init__(self, port: int, path: str, number: int) -> None:
        self.wire = socket.create_connection(("127.0.0.1", port))
        who = f"Host: 127.0.0.1\r\nUser-Agent: viewer {number}"
        request = f"GET {path} HTTP/1.1\r\n{who}\r\nRange: bytes=0-\r\n\r\n"
        self.request, self.head, self.position = request.encode(), b"", -1

    def read(self, into: memoryview, film: mmap.mmap) -> bool:
        """Whether there is more to come."""
        count = self.wire.recv_into(into)
        if count == 0:
            raise RuntimeError(f"the film ended at {self.position:,} of {len(film):,}")
        data = bytes(into[:count])
        if self.position < 0:
            self.head += data
            head, end, data = self.head.partition(b"\r\n\r\n")
            if not end:
                return True
            if not head.startswith(b"HTTP/1.1 206"):
                raise RuntimeError(self.head.decode(errors="replace"))
            self.position = 0
        if data != film[self.position : self.position + len(data)]:
            raise RuntimeError(f"wrong bytes from {self.position:,} on")
        self.position += len(data)
        return self.position < len(film)


def main(port: int, path: str, source: str, count: int) -> None:
    with open(source, "rb") as file:  # noqa: PTH123 (this runs with nothing loaded)
        film = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    viewers = [Viewer(port, path, number) for number in range(count)]
    by_wire = {viewer.wire.fileno(): viewer for viewer in viewers}
    poll, into = select.epoll(), memoryview(bytearray(256 * 1024))
    began, first = perf_counter(), 0.0
    for number, viewer in by_wire.items():
        viewer.wire.sendall(viewer.request)
        viewer.wire.setblocking(False)
        poll.register(number, select.EPOLLIN)
    waiting = set(by_wire)
    while by_wire:
        for number, _ in poll.poll():
            viewer = by_wire[number]
            more = viewer.read(into, film)
            if viewer.position > 0 and number in waiting:
                waiting.discard(number)
                first = perf_counter() - began
            if not more:
                poll.unregister(number)
                del by_wire[number]
    print(json.dumps({"first": first, "all": perf_counter() - began}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
