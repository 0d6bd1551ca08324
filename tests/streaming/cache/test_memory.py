"""What is remembered of blocks is bounded, however many there are."""

import random

import pytest

from streaming.cache import store
from streaming.cache.supply import ReadAhead, Supply
from tests.streaming.cache.conftest import Elsewhere, Known, opened_blocks


def resident() -> int:
    with open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * 4096


@pytest.mark.anyio
@pytest.mark.slow
@pytest.mark.long
async def test_20_000_random_seeks_over_50_films_leave_memory_flat(monkeypatch):
    monkeypatch.setattr(store, "MOST_BELIEVED", 60)
    films = [Known(4 * 1040384 + 777, f"film {one}".encode()) for one in range(50)]
    supply = Supply(Elsewhere(*films))
    monkeypatch.setattr(supply._store.pool, "_most_idle", 20)
    dice, after = random.Random(6), []
    for number in range(20_000):
        known = dice.choice(films)
        position = dice.randrange(known.film.size)
        index, inside = divmod(position, 1040384)
        ahead = ReadAhead(known.film)
        with await supply.block(known.film, index, ahead) as block:
            length = min(1000, known.film.length(index) - inside)
            assert block.read(inside, length) == known.data[position : position + length]
        ahead.close()
        if number in (6_000, 19_999):
            after.append(resident())
    assert after[1] - after[0] < 8 * 2**20
    assert len(opened_blocks()) <= 20
    assert len(supply._store._believed) <= 60
    assert not supply._flights
