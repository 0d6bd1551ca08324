"""
Films that are with providers, and not in the cache: how soon their first byte is here from
80 ms away, how quickly they pass through beside plain httpx, how often a block is fetched
that a hundred want, and what slow viewers of them take in memory.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from benchmarks import doors, figures, holding
from benchmarks.doors import MIB, Door
from benchmarks.first_bytes import Jumper, percentile
from benchmarks.on_network import Film, Library, library
from filmedia.filecoin.piece import BLOCK_SIZE
from tests.running import ROOT

AWAY, LINK = 0.040, 100e6 / 8
PIECE = 127 * 2**20
ROUNDS = 4
LONG, SHORT = 5 * PIECE - MIB, 40 * MIB
JUMPS, APART = 60, 10
VIEWERS, SLOW, SLOW_RATE = 100, 64, 100_000

# Each prints the seconds from the request to the last byte; a process of its own, as ours is.
SYNC = """
import httpx, sys, time
url, start, stop = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
headers = {"Range": f"bytes={start}-{stop - 1}", "Accept-Encoding": "identity"}
with httpx.Client(trust_env=False) as client:
    began, count = time.perf_counter(), 0
    with client.stream("GET", url, headers=headers) as answer:
        assert answer.status_code == 206
        for part in answer.iter_raw():
            count += len(part)
    assert count == stop - start
    print(time.perf_counter() - began)
"""
# As a server reads, which has others to look after.
ASYNC = """
import asyncio, httpx, sys, time
url, start, stop = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
headers = {"Range": f"bytes={start}-{stop - 1}", "Accept-Encoding": "identity"}
async def main():
    async with httpx.AsyncClient(trust_env=False) as client:
        began, count = time.perf_counter(), 0
        async with client.stream("GET", url, headers=headers) as answer:
            assert answer.status_code == 206
            async for part in answer.aiter_raw():
                count += len(part)
        assert count == stop - start
        print(time.perf_counter() - began)
asyncio.run(main())
"""


def tables(folder: Path) -> Iterator[figures.Rows]:
    with library(folder, [LONG, SHORT], piece_size=PIECE) as there:
        long, short = there.films
        itself = through(there, long, "itself", "the stand-in provider")
        there.restart(emptied=True)
        as_nginx = through(there, long, "nginx", "nginx with its pieces")
        yield "verified, from a provider on this machine", [*itself, *as_nginx]
        there.restart(emptied=True)
        yield "from a provider that is 80 ms away", jumps(there, long)
        there.restart(emptied=True)
        yield "a film that nobody has watched", together(there, short)
        yield "viewers who are slow", slow(there, long)


def through(there: Library, film: Film, by: str, who: str) -> list[figures.Figure]:
    """Each round reads another piece, so that nothing of it is in the cache."""
    door = doors.signed(there.server, film.id)
    ours: list[float] = []
    plain: dict[str, list[float]] = {"httpx.AsyncClient": [], "httpx.Client": []}
    with ExitStack() as stack:
        for provider in there.providers:
            stack.enter_context(provider.near(by))
        for index, url in enumerate(_pieces(there, film)[:ROUNDS]):
            ours.append(doors.drain(door, PIECE, index * PIECE))
            for script, times in zip((ASYNC, SYNC), plain.values(), strict=True):
                command = [sys.executable, "-c", script, url, "0", str(PIECE)]
                done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
                times.append(float(done.stdout))
    rate = _rate(ours)
    return [
        figures.Figure(f"127 MiB from {who}", rate, _rate(times), 0.6, peer_name=name)
        for name, times in plain.items()
    ]


def _rate(times: list[float]) -> float:
    return PIECE / median(times[1:]) / 1e6


def _pieces(there: Library, film: Film) -> list[str]:
    """The addresses of the film's pieces at one of its providers."""
    with there.server.client() as client:
        told = client.get(f"/api/v1/videos/{film.id}/").json()
    base = f"http://127.0.0.1:{there.providers[0].port}/piece/"
    return [base + piece["piece_cid"] for piece in told["pieces"]]


def jumps(there: Library, film: Film) -> list[figures.Most]:
    """Each to a block that was never asked for, nor lies just behind one that was."""
    door = doors.signed(there.server, film.id)
    blocks = list(range(0, LONG // BLOCK_SIZE, APART // 2))
    random.Random(3).shuffle(blocks)
    there.far(delay=AWAY)
    with Jumper(door.port, door.path, film.source) as jumper:
        _jump(jumper, blocks.pop())
        kept = [_jump(jumper, blocks.pop()) for _ in range(JUMPS // 2)]
    there.restart(emptied=True)
    there.far(delay=AWAY, rate=LINK)
    cold = []
    for _ in range(JUMPS // 2):
        with Jumper(door.port, door.path, film.source) as jumper:
            cold.append(_jump(jumper, blocks.pop()))
        for provider in there.providers:
            provider.quiet()
    return [
        _waited("connection kept alive", kept, 200),
        _waited("cold connection, 100 Mbit/s", cold, 350),
    ]


def _jump(jumper: Jumper, block: int) -> float:
    return jumper.ask(block * BLOCK_SIZE + 100_000, 64 * 1024)


def _waited(what: str, times: list[float], limit: float) -> figures.Most:
    middle = f"(median {percentile(times, 0.5):.0f} ms)"
    most = percentile(times, 0.99)
    return figures.Most(f"first byte of 64 KiB, uncached, p99: {what} {middle}", most, limit, "ms")


def together(there: Library, film: Film) -> list[figures.Most]:
    """All of the film's blocks are fetched, and none of them twice."""
    there.far(delay=AWAY)
    door = doors.signed(there.server, film.id)
    script = str(ROOT / "benchmarks" / "together.py")
    asked = [str(door.port), door.path, str(film.source), str(VIEWERS)]
    command = [sys.executable, "-I", "-S", script, *asked]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    took, fetched = json.loads(done.stdout), there.fetches()
    if len(fetched) < SHORT // BLOCK_SIZE:
        raise RuntimeError(f"Only {len(fetched)} blocks were asked for at the providers.")
    return [
        figures.Most(
            f"fetches of a block that {VIEWERS} viewers want", max(fetched.values()), 1, ""
        ),
        figures.Most("fetches of all of them", sum(fetched.values()), len(fetched), ""),
        figures.Most("until each viewer had the first byte", took["first"] * 1000, None, "ms"),
        figures.Most("until each viewer had all 40 MiB", took["all"], None, "s"),
    ]


def slow(there: Library, film: Film) -> list[figures.Most]:
    """Of a film that is 80 ms away, each at another place of it."""
    door = doors.signed(there.server, film.id)
    there.far(delay=AWAY)
    apart = LONG // (SLOW + 8)
    stalled = holding.added(there.server, Door(door.port, door.path), SLOW, 0, apart)
    added = holding.added(there.server, Door(door.port, door.path), SLOW, SLOW_RATE, apart)
    return [
        figures.Most(f"server memory added by each of {SLOW} {who}", each / SLOW, 0.5, "MiB")
        for who, each in (("who stall", stalled), ("viewers at 100 KB/s", added))
    ]
