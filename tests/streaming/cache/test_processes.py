"""Several processes that share a cache fetch each block once between them."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from filmedia.filecoin.piece import BLOCK_SIZE
from library import places
from tests.streaming.cache.conftest import Known

ROOT = Path(__file__).resolve().parents[3]
SIZE = 9 * BLOCK_SIZE + 5000

VIEWERS = """
import asyncio, os, sys, django
django.setup()
from django.conf import settings
from pathlib import Path
settings.FILMEDIA_DATA = Path(sys.argv[1])
from streaming.cache.supply import ReadAhead, Supply
from tests.streaming.cache.conftest import Elsewhere, Known, read

known = Known(int(sys.argv[2]))
log = os.open(sys.argv[3], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

class Noted(Elsewhere):
    async def blocks(self, piece, first, count):
        async for number, fetched in numbered(super().blocks(piece, first, count), first):
            os.write(log, f"{piece.index} {number}\\n".encode())
            if sys.argv[4] == "hangs":
                print("fetching", flush=True)
                await asyncio.Event().wait()
            yield fetched

async def numbered(blocks, number):
    async for fetched in blocks:
        yield number, fetched
        number += 1

async def watch(supply):
    ahead = ReadAhead(known.film)
    for index in range(len(known.film)):
        assert await read(supply, known.film, index, ahead) == known.block(index)
    ahead.close()

async def main():
    supply = Supply(Noted(known))
    print("ready", flush=True)
    sys.stdin.readline()
    await asyncio.gather(*(watch(supply) for _ in range(50)))

asyncio.run(main())
"""


def process(data, log, how="fetches"):
    return subprocess.Popen(
        [sys.executable, "-c", VIEWERS, str(data), str(SIZE), str(log), how],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def begin(*together):
    for one in together:
        assert one.stdout.readline() == "ready\n"
    for one in together:
        one.stdin.write("go\n")
        one.stdin.flush()


def ended(one):
    one.communicate(timeout=60)
    return one.returncode


def test_100_viewers_in_two_processes_fetch_each_block_once(data, tmp_path):
    log = tmp_path / "fetched"
    both = [process(data, log) for _ in range(2)]
    begin(*both)
    assert [ended(one) for one in both] == [0, 0]
    fetched = Counter(log.read_text().splitlines())
    assert len(fetched) == 10
    assert set(fetched.values()) == {1}


def test_a_process_that_is_killed_while_it_fetches_holds_nobody_up(data, tmp_path):
    killed, other = process(data, tmp_path / "one", "hangs"), process(data, tmp_path / "two")
    begin(killed)
    assert killed.stdout.readline() == "fetching\n"
    begin(other)
    killed.send_signal(signal.SIGKILL)
    assert ended(killed) == -signal.SIGKILL
    assert ended(other) == 0
    known = Known(SIZE)
    for index in range(10):
        path = places.cached_block(known.film.cid, index)
        assert path.read_bytes() == known.block(index)
