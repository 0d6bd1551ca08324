"""Blocks of films that do not lie on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from streaming.errors import BytesUnavailable
from streaming.reading.kept import Kept


@dataclass(frozen=True)
class Film:
    """What the supply must know of a film. `roots` are 32 bytes a block."""

    id: str
    cid: str
    size: int
    roots: bytes
    pieces: Sequence[Kept]


class Block:
    """A block that is here. Close it."""

    source = ""

    def read_now(self, start: int, length: int) -> memoryview | None:
        return None

    def read(self, start: int, length: int) -> bytes:
        raise NotImplementedError

    def close(self) -> None:
        pass


class ReadAhead:
    def __init__(self, film: Film) -> None:
        pass

    def at(self, block: int) -> None:
        pass

    def close(self) -> None:
        pass


class Supply:
    async def block(self, film: Film, index: int, ahead: ReadAhead | None = None) -> Block:
        raise BytesUnavailable(0)


_supplies: WeakKeyDictionary[asyncio.AbstractEventLoop, Supply] = WeakKeyDictionary()


def supply() -> Supply:
    return _supplies.setdefault(asyncio.get_running_loop(), Supply())
