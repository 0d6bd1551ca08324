"""
Viewers of one film over plain sockets: `viewers.py PORT PATH COUNT RATE [APART]`. Each begins
that many bytes after the one before, or all where the film does.

Runs until it is told to end, in a process of its own, so that its work is not the server's.
They come one after the other, as people do, and a line is printed when the last has its
first bytes. A RATE of 0 never reads on.
"""

from __future__ import annotations

import asyncio
import socket
import sys

PAUSE = 0.1


async def watch(
    port: int, path: str, rate: int, number: int, start: int, started: asyncio.Event
) -> None:
    wire = socket.create_connection(("127.0.0.1", port))
    wire.setblocking(False)
    loop = asyncio.get_running_loop()
    who = f"Host: 127.0.0.1\r\nUser-Agent: viewer {number}"
    request = f"GET {path} HTTP/1.1\r\n{who}\r\nRange: bytes={start}-\r\n\r\n"
    await loop.sock_sendall(wire, request.encode())
    first = await loop.sock_recv(wire, 4096)
    if not first.startswith(b"HTTP/1.1 206"):
        raise RuntimeError(first.decode(errors="replace"))
    started.set()
    if not rate:
        await asyncio.Event().wait()
    due = loop.time()
    while True:
        missing = int(rate * PAUSE)
        while missing:
            data = await loop.sock_recv(wire, missing)
            if not data:
                raise RuntimeError("the film ended early")
            missing -= len(data)
        due += PAUSE
        await asyncio.sleep(max(0.0, due - loop.time()))


async def main(port: int, path: str, count: int, rate: int, apart: int = 0) -> None:
    async with asyncio.TaskGroup() as viewers:
        for number in range(count):
            started = asyncio.Event()
            viewers.create_task(watch(port, path, rate, number, number * apart, started))
            await started.wait()
        print("all are watching", flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:])))
