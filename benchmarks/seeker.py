"""
People who jump about in many films: `seeker.py PORT PEOPLE COUNT SEED`, the films on its
standard input as a JSON list of [path, file].

Everything that comes is held against the file. Prints a line when a fifth of the requests is
over, and at the end, as JSON, how they went:

    right      just what was asked for
    refused    an answer that says so: 503
    broken     the connection ended before the length that was announced
    wrong      a byte that is not the film's
    quiet      an answer that announces something else than what was asked for
"""

from __future__ import annotations

import asyncio
import json
import mmap
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator

LONGEST = 256 * 1024
_STATUS = re.compile(rb"HTTP/1\.1 (\d+)")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_RANGE = re.compile(rb"\r\ncontent-range: *bytes (\d+-\d+)/", re.IGNORECASE)
Films = list[tuple[str, mmap.mmap]]


class Person:
    """On a connection of their own, and on a new one when it breaks."""

    def __init__(self, port: int, films: Films, seed: int) -> None:
        self.port, self.films, self.dice = port, films, random.Random(seed)
        self.who = f"Host: 127.0.0.1\r\nUser-Agent: viewer {seed}"
        self.went: Counter[str] = Counter()
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def jump(self) -> None:
        path, film = self.dice.choice(self.films)
        # Short ones as often as long ones, and single bytes too.
        length = min(int(2 ** self.dice.uniform(0, 18)), len(film), LONGEST)
        start = self.dice.randrange(len(film) - length + 1)
        try:
            how = await self._ask(path, film, start, length)
        except (asyncio.IncompleteReadError, ConnectionError):
            how = "broken"
        if how != "right":
            self._hang_up()
        self.went[how] += 1

    async def _ask(self, path: str, film: mmap.mmap, start: int, length: int) -> str:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        asked = f"{start}-{start + length - 1}"
        request = f"GET {path} HTTP/1.1\r\n{self.who}\r\nRange: bytes={asked}\r\n\r\n"
        self._writer.write(request.encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, told = _STATUS.match(head), _LENGTH.search(head)
        if status is not None and status[1] == b"503":
            return "refused"
        place = _RANGE.search(head)
        if status is None or status[1] != b"206" or told is None or place is None:
            return "quiet"
        if place[1].decode() != asked or int(told[1]) != length:
            return "quiet"
        return await self._compared(self._reader, film, start, length)

    async def _compared(
        self, reader: asyncio.StreamReader, film: mmap.mmap, start: int, length: int
    ) -> str:
        while length:
            data = await reader.read(min(length, 64 * 1024))
            if not data:
                return "broken"
            if data != film[start : start + len(data)]:
                return "wrong"
            start, length = start + len(data), length - len(data)
        return "right"

    def _hang_up(self) -> None:
        if self._writer is not None:
            self._writer.transport.abort()
        self._reader = self._writer = None


async def main(port: int, people: int, count: int, seed: int, films: Films) -> None:
    turns = iter(range(count))

    async def jump_on(person: Person, turns: Iterator[int]) -> None:
        for turn in turns:
            await person.jump()
            if turn == count // 5:
                print("warm", flush=True)

    there = [Person(port, films, seed + number) for number in range(people)]
    await asyncio.gather(*(jump_on(person, turns) for person in there))
    print(json.dumps(sum((person.went for person in there), Counter())))


def _open(path: str) -> mmap.mmap:
    with open(path, "rb") as file:  # noqa: PTH123 (this runs with nothing loaded but what it needs)
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


if __name__ == "__main__":
    given = json.loads(sys.stdin.readline())
    port, people, count, seed = map(int, sys.argv[1:5])
    asyncio.run(main(port, people, count, seed, [(path, _open(file)) for path, file in given]))
