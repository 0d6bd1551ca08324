"""Blocks that no disk has taken, in memory for a while: for whoever asks for them next."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from streaming.cache.opened import Key

# About its MiB.
MOST = 32


class Passed(NamedTuple):
    data: memoryview
    source: str
    failed_over: bool = False


class Passing:
    """Of one event loop."""

    def __init__(self) -> None:
        self._blocks: OrderedDict[Key, Passed] = OrderedDict()

    def __len__(self) -> int:
        return len(self._blocks)

    def keep(self, key: Key, data: memoryview, source: str) -> Passed:
        """For whoever comes later: what it took to fetch it is told to who waits for it."""
        passed = self._blocks[key] = Passed(data, source)
        self._blocks.move_to_end(key)
        while len(self._blocks) > MOST:
            self._blocks.popitem(last=False)
        return passed

    def get(self, key: Key) -> Passed | None:
        passed = self._blocks.get(key)
        if passed is not None:
            self._blocks.move_to_end(key)
        return passed

    def clear(self) -> None:
        self._blocks.clear()
