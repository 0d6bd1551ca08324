"""
A provider that is far away, or cannot be relied on: `far.py LISTEN UPSTREAM`, two ports.

Stands before a provider of this machine and holds back what passes, each way. A new
connection costs a journey there and back before its first request sets out, as TCP's
handshake does; nothing else of TCP is played. With a rate, all connections share one line of
so many bytes a second. `lies` is the share of readings in which something is wrong.

It is told what to do on its standard input, a JSON object a line, answers each with what was
asked of it so far, and ends when the input does.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

AT_ONCE, WINDOW = 64 * 1024, 8 * 1024 * 1024
_RANGE = re.compile(rb"\r\nrange: *bytes=(\d+)-(\d+)", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
LIES = ("flip", "shorten", "break", "delay", "drop")


class Broken(Exception):
    """The connection ends here."""


class Far:
    """How it is at the moment, and what it was asked for."""

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.delay, self.rate, self.lies = 0.0, 0.0, 0.0
        self.dice = random.Random(7)
        self.asked: Counter[tuple[str, int, int]] = Counter()
        self.lied: Counter[str] = Counter()
        self.connections = self.busy = 0
        self.idle: set[asyncio.StreamWriter] = set()
        self._line_is_free = 0.0
        self._serving: set[asyncio.Task[None] | None] = set()

    def told(self, order: dict[str, Any]) -> dict[str, Any]:
        for name in ("delay", "rate", "lies"):
            if name in order:
                setattr(self, name, float(order[name]))
        if order.get("cut"):
            for writer in list(self.idle):
                writer.close()
        asked = [[*what, times] for what, times in self.asked.items()]
        so_far = {
            "asked": asked,
            "lied": dict(self.lied),
            "connections": self.connections,
            "busy": self.busy,
        }
        if order.get("forget"):
            self.asked.clear()
            self.lied.clear()
            self.connections = 0
        return so_far

    def due(self, size: int) -> float:
        """When bytes that set out now are there."""
        now = asyncio.get_running_loop().time()
        if self.rate:
            now = self._line_is_free = max(now, self._line_is_free) + size / self.rate
        return now + self.delay

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        # Nobody else holds it: what waits for what it holds itself would be swept away.
        task = asyncio.current_task()
        self._serving.add(task)
        try:
            await self._serve(reader, writer)
        finally:
            self._serving.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened = asyncio.get_running_loop().time() + 2 * self.delay
        there, to_there = await asyncio.open_connection("127.0.0.1", self.upstream, limit=WINDOW)
        back = Line(writer, self.due)
        try:
            async with asyncio.TaskGroup() as tasks:
                sending = tasks.create_task(back.send())
                try:
                    await self._requests(reader, writer, there, to_there, back, opened)
                finally:
                    sending.cancel()
        except* (Broken, OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.idle.discard(writer)
            to_there.close()
            writer.transport.abort()

    async def _requests(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        to_there: asyncio.StreamWriter,
        back: Line,
        opened: float,
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self.idle.add(writer)
            head = await reader.readuntil(b"\r\n\r\n")
            self.idle.discard(writer)
            await asyncio.sleep(max(loop.time(), opened) + self.delay - loop.time())
            self._count(head)
            lie = self.dice.choice(LIES) if self.dice.random() < self.lies else ""
            self.lied[lie or "honest"] += 1
            to_there.write(head)
            self.busy += 1
            try:
                await self._answer(there, back, lie)
                await back.empty()
            finally:
                self.busy -= 1

    def _count(self, head: bytes) -> None:
        path = head.split(b" ", 2)[1].decode()
        found = _RANGE.search(head)
        start, stop = (int(found[1]), int(found[2]) + 1) if found else (0, -1)
        self.asked[path.rpartition("/")[2], start, stop] += 1

    async def _answer(self, there: asyncio.StreamReader, back: Line, lie: str) -> None:
        head = await there.readuntil(b"\r\n\r\n")
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        if lie == "drop":
            raise Broken
        if lie == "delay":
            await asyncio.sleep(self.dice.uniform(0.05, 0.5))
        sent = length
        if lie in ("shorten", "break") and length:
            sent = self.dice.randrange(length)
        if lie == "shorten":
            # As if the piece were shorter: nothing of HTTP is wrong with it.
            head = _LENGTH.sub(b"\r\nContent-Length: %d" % sent, head)
        await back.put(head)
        flipped = self.dice.randrange(length) if lie == "flip" and length else -1
        position = 0
        async for data in _exactly(there, length):
            if position <= flipped < position + len(data):
                at = flipped - position
                data = data[:at] + bytes([data[at] ^ 1 << self.dice.randrange(8)]) + data[at + 1 :]
            if position < sent:
                await back.put(data[: sent - position])
            position += len(data)
        if lie == "break":
            await back.empty()
            raise Broken


class Line:
    """One way back, in which bytes are for a while before they are there."""

    def __init__(self, writer: asyncio.StreamWriter, due: Callable[[int], float]) -> None:
        self._writer, self._due = writer, due
        self._under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(WINDOW // AT_ONCE)

    async def put(self, data: bytes) -> None:
        await self._under_way.put((self._due(len(data)), data))

    async def empty(self) -> None:
        await self._under_way.join()

    async def send(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, data = await self._under_way.get()
            if (wait := due - loop.time()) > 0:
                await asyncio.sleep(wait)
            self._writer.write(data)
            await self._writer.drain()
            self._under_way.task_done()


async def _exactly(reader: asyncio.StreamReader, length: int) -> AsyncIterator[bytes]:
    while length:
        data = await reader.read(min(AT_ONCE, length))
        if not data:
            raise Broken
        length -= len(data)
        yield data


async def orders(far: Far) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        print(json.dumps(far.told(json.loads(line))), flush=True)


async def main(listen: int, upstream: int) -> None:
    far = Far(upstream)
    server = await asyncio.start_server(far.serve, "127.0.0.1", listen)
    print("ready", flush=True)
    await orders(far)
    server.close()
    # Whoever is connected to it is left as a machine leaves that goes down.
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
