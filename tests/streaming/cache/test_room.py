"""The cache stays within its bounds, and what goes is what was watched longest ago."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from filmedia.filecoin.piece import BLOCK_SIZE
from library import places
from streaming.cache import room, store
from streaming.cache.opened import Pool
from streaming.cache.store import Store
from streaming.cache.supply import ReadAhead, Supply
from tests.streaming.cache.conftest import (
    Elsewhere,
    Known,
    found_on_disk,
    on_disk,
    opened_blocks,
    read,
    settled,
)

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[3]


def kept(known) -> list[int]:
    folder = places.cached_film(known.film.cid)
    return sorted(int(path.name) for path in folder.iterdir()) if folder.exists() else []


async def test_what_was_watched_longest_ago_goes_first(known, elsewhere, settings, monkeypatch):
    monkeypatch.setattr(store, "TOUCH_EVERY", 0.0)
    monkeypatch.setattr("streaming.cache.supply.TOUCH_EVERY", 0.0)
    settings.CACHE_SIZE = 4 * BLOCK_SIZE
    supply = Supply(elsewhere)
    for index in (0, 1, 2, 3):
        await read(supply, known.film, index)
    # Watched again, so no more the oldest; once from the file that is open, once anew.
    await read(supply, known.film, 0)
    await settled()
    supply._store.pool.close()
    await read(supply, known.film, 1)
    await read(supply, known.film, 4)
    await read(supply, known.film, 5)
    await settled()
    assert kept(known) == [0, 1, 4, 5]


async def test_a_block_that_is_watched_much_is_noted_once_a_minute(known, elsewhere, monkeypatch):
    noted = []
    utime = os.utime
    monkeypatch.setattr(os, "utime", lambda *what, **how: noted.append(utime(*what, **how)))
    supply = Supply(elsewhere)
    for _ in range(50):
        await read(supply, known.film, 0)
    await settled()
    assert noted == []
    supply._store.pool.take((known.film.cid, 0)).touched_at -= 61
    for _ in range(50):
        await read(supply, known.film, 0)
    await settled()
    assert len(noted) == 1


async def test_the_bound_holds_while_many_blocks_come(settings, counted_anew):
    films = [Known(9 * BLOCK_SIZE + 5000, bytes([65 + number])) for number in range(3)]
    settings.CACHE_SIZE = 5 * BLOCK_SIZE + 1234
    supply = Supply(Elsewhere(*films))
    most = 0

    async def watch(known):
        nonlocal most
        ahead = ReadAhead(known.film)
        for index in range(10):
            assert await read(supply, known.film, index, ahead) == known.block(index)
            most = max(most, on_disk())
        ahead.close()

    await asyncio.gather(*(watch(known) for known in films))
    assert 4 * BLOCK_SIZE < most <= settings.CACHE_SIZE
    assert room.used() == on_disk()
    assert counted_anew.evictions >= 30 - 5


async def test_evicting_harms_nobody_who_is_reading(known, elsewhere, settings):
    settings.CACHE_SIZE = 2 * BLOCK_SIZE
    supply = Supply(elsewhere)
    with await supply.block(known.film, 0) as block:
        for index in range(1, 8):
            await read(supply, known.film, index)
        assert not places.cached_block(known.film.cid, 0).exists()
        assert block.read(0, BLOCK_SIZE) == known.block(0)
        now = block.read_now(77, 100)
        assert now is None or bytes(now) == known.block(0)[77:177]


async def test_room_that_evicted_blocks_took_is_free_soon(known, elsewhere, settings):
    """The system keeps the bytes of a removed file for as long as somebody has it open."""
    settings.CACHE_SIZE = 2 * BLOCK_SIZE
    supply = Supply(elsewhere)
    for index in range(8):
        await read(supply, known.film, index)
    await settled()
    removed = [path for path in opened_blocks() if path.endswith("(deleted)")]
    assert removed == []


async def test_the_disk_keeps_room_for_everything_else(known, elsewhere, settings, monkeypatch):
    supply = Supply(elsewhere)
    for index in range(3):
        await read(supply, known.film, index)
    statvfs = os.statvfs
    free = 10 * BLOCK_SIZE

    class Disk:
        def __init__(self, path):
            told = statvfs(path)
            self.f_frsize = told.f_frsize
            self.f_bavail = (free - found_on_disk()) // told.f_frsize

    monkeypatch.setattr(os, "statvfs", Disk)
    settings.CACHE_KEEP_FREE = 6 * BLOCK_SIZE
    for index in range(3, 9):
        assert await read(supply, known.film, index) == known.block(index)
    assert on_disk() <= 4 * BLOCK_SIZE
    assert kept(known)[-1] == 8
    # Somebody else fills the disk: the next block finds no room, whatever goes.
    free = 5 * BLOCK_SIZE
    assert await read(supply, known.film, 0) == known.block(0)
    assert on_disk() == 0


async def test_what_others_removed_is_room_again(known, elsewhere, settings):
    settings.CACHE_SIZE = 4 * BLOCK_SIZE
    supply = Supply(elsewhere)
    for index in range(4):
        await read(supply, known.film, index)
    for index in range(3):
        places.cached_block(known.film.cid, index).unlink()
    await read(supply, known.film, 5)
    # Nothing had to go for it.
    assert kept(known) == [3, 5]
    assert room.used() == on_disk()


@pytest.mark.parametrize("number", [b"", b"nonsense", b"99999999999999999999999999", b"0"])
async def test_a_wrong_count_is_put_right_at_the_next_start(known, elsewhere, settings, number):
    for index in range(4):
        await read(Supply(elsewhere), known.film, index)
    (places.cache() / "size").write_bytes(number)
    settings.CACHE_SIZE = 3 * BLOCK_SIZE
    supply = Supply(elsewhere)
    await settled()
    assert on_disk() <= settings.CACHE_SIZE
    assert room.used() == on_disk()
    await supply.aclose()


@pytest.mark.parametrize("lose", [Path.unlink, lambda path: path.write_bytes(b"nonsense")])
async def test_the_bound_holds_where_the_count_is_lost_meanwhile(known, elsewhere, settings, lose):
    settings.CACHE_SIZE = 4 * BLOCK_SIZE
    supply = Supply(elsewhere)
    for index in range(4):
        await read(supply, known.film, index)
    lose(places.cache() / "size")
    for index in range(4, 8):
        await read(supply, known.film, index)
        assert on_disk() <= settings.CACHE_SIZE
    assert room.used() == on_disk()


async def test_what_a_killed_process_left_in_the_making_goes(known, elsewhere, settings):
    room.arriving().mkdir(parents=True)
    (room.arriving() / "99999999-0").write_bytes(bytes(BLOCK_SIZE))
    draft = room.set_aside(1000, lambda: None)
    Supply(elsewhere)
    await settled()
    assert [path.stat().st_size for path in room.arriving().iterdir()] == [1000]
    assert room.used() == 1000
    os.close(draft.descriptor)


def test_only_so_many_files_stay_open_without_a_reader(known):
    keeper = Store()
    keeper.pool = Pool(most_idle=3)
    for index in range(8):
        data = memoryview(known.block(index))
        keeper.pool.release(keeper.put(known.film, index, data, "p"))
    assert len(opened_blocks()) == 3
    keeper.pool.close()
    assert opened_blocks() == []


WRITER = """
import sys, django
django.setup()
from django.conf import settings
from pathlib import Path
settings.FILMEDIA_DATA, settings.CACHE_SIZE = Path(sys.argv[1]), int(sys.argv[2])
from streaming.cache import room
from streaming.cache.store import Store
from tests.streaming.cache.conftest import Known, on_disk
known = Known(20 * 1040384, sys.argv[3].encode(), 20)
keeper, most = Store(), 0
for _ in range(3):
    for index in range(20):
        opened = keeper.put(known.film, index, memoryview(known.block(index)), "p")
        most = max(most, on_disk())
        keeper.pool.release(opened)
print(most)
"""


async def test_the_bound_holds_with_two_processes_that_write(data, settings):
    settings.CACHE_SIZE = 7 * BLOCK_SIZE
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(data), str(settings.CACHE_SIZE), seed],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
        )
        for seed in ("one", "two")
    ]
    most = [int(writer.communicate(timeout=120)[0]) for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert max(most) <= settings.CACHE_SIZE
    assert room.used() == on_disk() > 4 * BLOCK_SIZE
