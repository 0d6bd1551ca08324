"""
A provider of pieces on a plain socket, who does what no library for servers would let it do.

Each request is answered well, or with one of `FAULTS` by name. What `choose` gives for a
request is done; of a test that is a word, and of a storm a draw.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

FAULTS: dict[str, Callable[[Answer], Awaitable[None]]] = {}
_RANGE = re.compile(rb"range: bytes=(\d+)-(\d+)", re.IGNORECASE)
_PORTION = 64 * 1024


class Cut(Exception):
    """The connection ends here."""


@dataclass
class Answer:
    """A request, and what is needed to answer it."""

    writer: asyncio.StreamWriter
    data: bytes
    start: int
    stop: int
    path: str
    head: bytes
    random: random.Random
    gone: asyncio.Event
    sent: int = 0

    @property
    def body(self) -> bytes:
        return self.data[self.start : self.stop]

    def told(self, start: int | None = None) -> str:
        first = self.start if start is None else start
        return f"bytes {first}-{first + self.stop - self.start - 1}/{len(self.data)}"

    async def send(self, body: bytes, status: str = "206 Partial Content", **headers: str) -> None:
        """`Content-Length` and `Content-Range` are right unless given; "" leaves them out."""
        given = {"Content-Length": str(len(body))} | (
            {"Content-Range": self.told()} if status.startswith("206") else {}
        )
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{name}: {value}\r\n" for name, value in given.items() if value]
        self.writer.write(f"HTTP/1.1 {status}\r\n{''.join(lines)}\r\n".encode())
        await self.more(body)

    async def more(self, body: bytes) -> None:
        for start in range(0, len(body), _PORTION):
            self.writer.write(body[start : start + _PORTION])
            await self.writer.drain()
            self.sent += _PORTION

    async def stall(self) -> None:
        """Until whoever asked has had enough."""
        await self.gone.wait()
        raise Cut

    @property
    def somewhere(self) -> int:
        """A place in the body that is neither its beginning nor its end."""
        return self.random.randrange(1, max(len(self.body), 2))


def fault(act: Callable[[Answer], Awaitable[None]]) -> Callable[[Answer], Awaitable[None]]:
    FAULTS[act.__name__] = act
    return act


# --- wrong bytes --------------------------------------------------------------------------


@fault
async def flips(answer: Answer) -> None:
    body = bytearray(answer.body)
    body[answer.random.randrange(len(body))] ^= 1 << answer.random.randrange(8)
    await answer.send(bytes(body))


@fault
async def lies_about_the_range(answer: Answer) -> None:
    await answer.send(answer.body, Content_Range=answer.told(answer.start + 127))


@fault
async def says_nothing_of_the_range(answer: Answer) -> None:
    await answer.send(answer.body, Content_Range="")


@fault
async def gives_everything(answer: Answer) -> None:
    await answer.send(answer.data, "200 OK")


@fault
async def compresses(answer: Answer) -> None:
    await answer.send(gzip.compress(answer.data, 1), "200 OK", Content_Encoding="gzip")


@fault
async def compresses_the_range(answer: Answer) -> None:
    await answer.send(gzip.compress(answer.body, 1), Content_Encoding="gzip")


@fault
async def sends_html(answer: Answer) -> None:
    await answer.send(b"<h1>Welcome to nginx!</h1>", "200 OK", Content_Type="text/html")


# --- too few and too many -----------------------------------------------------------------


@fault
async def shortens(answer: Answer) -> None:
    await answer.send(answer.body[: -answer.random.randrange(1, 100)])


@fault
async def shortens_unseen(answer: Answer) -> None:
    await answer.send(answer.body[: answer.somewhere], Content_Length="", Connection="close")
    raise Cut


@fault
async def ends_early(answer: Answer) -> None:
    await answer.send(answer.body[: answer.somewhere], Content_Length=str(len(answer.body)))
    raise Cut


@fault
async def resets(answer: Answer) -> None:
    await answer.send(answer.body[: answer.somewhere], Content_Length=str(len(answer.body)))
    answer.writer.transport.abort()
    raise Cut


@fault
async def sends_more(answer: Answer) -> None:
    await answer.send(answer.body + b"x" * 1000)


@fault
async def slips_in_an_answer(answer: Answer) -> None:
    """What follows looks like the answer to the next question."""
    lie = b"\0" * len(answer.body)
    told = f"Content-Range: {answer.told()}\r\nContent-Length: {len(lie)}"
    extra = f"HTTP/1.1 206 Partial Content\r\n{told}\r\n\r\n".encode() + lie
    await answer.send(answer.body + extra, Content_Length=str(len(answer.body)))


# --- late ---------------------------------------------------------------------------------


@fault
async def delays(answer: Answer) -> None:
    await asyncio.sleep(answer.random.uniform(0.05, 0.5))
    await answer.send(answer.body)


@fault
async def never_answers(answer: Answer) -> None:
    await answer.stall()


@fault
async def stalls(answer: Answer) -> None:
    await answer.send(answer.body[: answer.somewhere], Content_Length=str(len(answer.body)))
    await answer.stall()


@fault
async def stalls_in_its_head(answer: Answer) -> None:
    answer.writer.write(b"HTTP/1.1 206 Partial Content\r\nContent-Le")
    await answer.stall()


# --- no answer ----------------------------------------------------------------------------


@fault
async def hangs_up(answer: Answer) -> None:
    raise Cut


@fault
async def talks_nonsense(answer: Answer) -> None:
    answer.writer.write(b"\x16\x03\x01 is not HTTP\r\n\r\n")
    raise Cut


@fault
async def is_busy(answer: Answer) -> None:
    await answer.send(b"Too Many Requests", "429 Too Many Requests", Retry_After="0")


@fault
async def is_busy_for_long(answer: Answer) -> None:
    await answer.send(b"Too Many Requests", "429 Too Many Requests", Retry_After="30")


@fault
async def is_away(answer: Answer) -> None:
    await answer.send(b"", "503 Service Unavailable", Retry_After="0")


@fault
async def fails(answer: Answer) -> None:
    await answer.send(b"panic", "500 Internal Server Error")


@fault
async def has_lost_it(answer: Answer) -> None:
    await answer.send(b"piece not found", "404 Not Found")


@fault
async def sends_elsewhere(answer: Answer) -> None:
    await answer.send(b"", "302 Found", Location="http://127.0.0.1:9/")


# --- unusual, and right -------------------------------------------------------------------


@fault
async def sends_in_chunks(answer: Answer) -> None:
    await answer.send(b"", Content_Length="", Transfer_Encoding="chunked")
    size = answer.random.randrange(1000, 100_000)
    for start in range(0, len(answer.body), size):
        part = answer.body[start : start + size]
        await answer.more(f"{len(part):x}\r\n".encode() + part + b"\r\n")
    await answer.more(b"0\r\n\r\n")


@fault
async def ends_with_the_connection(answer: Answer) -> None:
    await answer.send(answer.body, Content_Length="", Connection="close")
    raise Cut


@fault
async def hangs_up_afterwards(answer: Answer) -> None:
    await answer.send(answer.body)
    raise Cut


@fault
async def says_it_goes_on(answer: Answer) -> None:
    answer.writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n")
    await answer.send(answer.body)


RIGHT = {
    "delays",
    "sends_in_chunks",
    "ends_with_the_connection",
    "hangs_up_afterwards",
    "says_it_goes_on",
    "slips_in_an_answer",
}


@dataclass
class Rough:
    """`pieces` are by the last part of their addresses. Use it as a context."""

    pieces: dict[str, bytes]
    choose: Callable[[], str] = lambda: ""
    seed: int = 0
    url: str = ""
    # Every range that was asked for, how often each fault was done, what was sent about so far.
    asked: list[tuple[int, int]] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    open: int = 0
    sent: int = 0

    async def __aenter__(self) -> Rough:
        self._random = random.Random(self.seed)
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open += 1
        try:
            while True:
                await self._answer(await reader.readuntil(b"\r\n\r\n"), reader, writer)
        except (Cut, asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.close()

    async def _answer(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        path = head.split(b" ", 2)[1].decode()
        data = self.pieces[path.rpartition("/")[2]]
        found = _RANGE.search(head)
        start, stop = (int(found[1]), int(found[2]) + 1) if found else (0, len(data))
        self.asked.append((start, stop))
        self.heads.append(head)
        name = self.choose()
        self.done[name] += 1
        gone = asyncio.Event()
        answer = Answer(writer, data, start, stop, path, head, self._random, gone)
        watch = asyncio.create_task(_watch(reader, gone))
        try:
            await (FAULTS[name](answer) if name else answer.send(answer.body))
        finally:
            self.sent += answer.sent
            watch.cancel()
            await asyncio.wait([watch])


async def _watch(reader: asyncio.StreamReader, gone: asyncio.Event) -> None:
    """Nobody sends anything before they have their answer, so what comes is the end."""
    while not reader.at_eof():
        await asyncio.sleep(0.02)
    gone.set()
