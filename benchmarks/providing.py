"""
How quickly a piece is sent to a storage provider over loopback, beside a plain httpx PUT of
the same bytes to the same place, and what a piece of 1 GiB adds to the sender's memory.

The place takes the bytes and forgets them, so that it weighs little; it is a process of its
own. Exits with 1 when a figure is missed.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import httpx

from benchmarks import figures
from benchmarks.memory import Memory
from filmedia.filecoin.provider.addresses import client
from filmedia.filecoin.provider.client import Provider

MIB = 1024 * 1024
SIZE = 1024 * MIB
SESSION = "00000000-0000-4000-8000-000000000000"
# What a sender has at hand at a time: as the pipeline reads films, and as careless ones do.
PORTIONS = {"portions of 1 MiB": MIB, "portions of 64 KiB": 64 * 1024}


async def sink(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers each PUT with 204 once all of its bytes, as many as announced, were thrown away."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            left = int(head.lower().partition(b"content-length:")[2].split()[0])
            while left:
                left -= len(await reader.read(min(left, MIB)))
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            await writer.drain()
    except asyncio.IncompleteReadError:
        writer.close()


async def serve() -> None:
    server = await asyncio.start_server(sink, "127.0.0.1", 0, limit=2 * MIB)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def sinking() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.providing", "sink"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()


async def read(path: Path, portion: int) -> AsyncIterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while data := file.read(portion):
            yield data


def sent_by_us(url: str, path: Path, portion: int) -> None:
    async def send() -> None:
        async with client(allow_insecure=True) as http:
            await Provider(url, http).send(SESSION, read(path, portion), SIZE, lambda _: None)

    asyncio.run(send())


def put_plainly(url: str, path: Path, portion: int) -> None:
    async def put() -> None:
        async with httpx.AsyncClient(timeout=None, trust_env=False) as http:
            answer = await http.put(
                f"{url}/pdp/piece/uploads/{SESSION}",
                content=read(path, portion),
                headers={"Content-Length": str(SIZE)},
            )
        assert answer.status_code == 204

    asyncio.run(put())


def compare(url: str, path: Path) -> list[figures.Figure]:
    rows = []
    for name, portion in PORTIONS.items():
        seconds = figures.interleaved(
            {
                "plain": lambda portion=portion: put_plainly(url, path, portion),  # type: ignore[misc]
                "ours": lambda portion=portion: sent_by_us(url, path, portion),  # type: ignore[misc]
            }
        )
        ours, plain = (SIZE / seconds[one] / 1e6 for one in ("ours", "plain"))
        rows.append(figures.Figure(f"1 GiB to a provider, {name}", ours, plain, 0.7))
    return rows


def memory_of_a_piece(url: str, path: Path) -> figures.Most:
    """First of all, in this process: so it has what the first sending loads in it, too."""
    with Memory(os.getpid()) as memory:
        sent_by_us(url, path, MIB)
    return figures.Most("memory added by sending 1 GiB", memory.added / MIB, 64, "MiB")


def main() -> int:
    if sys.argv[1:] == ["sink"]:
        asyncio.run(serve())
        return 0
    with tempfile.TemporaryDirectory() as folder, sinking() as url:
        path = Path(folder) / "piece"
        with path.open("wb") as file:
            for _ in range(SIZE // MIB):
                file.write(os.urandom(MIB))
        memory = memory_of_a_piece(url, path)
        met = figures.table(compare(url, path), "providing (peer: a plain httpx PUT)")
        return 0 if figures.limits([memory]) and met else 1


if __name__ == "__main__":
    sys.exit(main())
