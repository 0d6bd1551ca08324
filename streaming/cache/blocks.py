"""A block that is here: on disk, or where the disk takes none, in memory."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol, Self

from streaming.cache.counters import counters
from streaming.cache.opened import Opened, Pool
from streaming.errors import BytesUnavailable
from streaming.reading import kept

log = logging.getLogger(__name__)


class Block(Protocol):
    """
    Close it; twice is no harm, and neither is a thread that reads at the time. `source` is
    who had it: "cache", or the name of the source that it was fetched from for this viewer;
    `failed_over` says that a second source was asked for it then.
    """

    source: str
    failed_over: bool

    def read_now(self, start: int, length: int) -> memoryview | None:
        """
        These bytes if nothing has to be waited for, or None. They are there until this
        thread reads again.
        """

    def read(self, start: int, length: int) -> bytes:
        """
        These bytes, however long it takes. Raises BytesUnavailable where the disk does not
        give them back; whoever then asks for the block again gets another.
        """

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class _Closing:
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        raise NotImplementedError


class BlockOnDisk(_Closing):
    """`opened` is taken for it already; `doubt` is told of it when it cannot be read."""

    def __init__(
        self, opened: Opened, pool: Pool, piece: int, doubt: Callable[[Opened], None]
    ) -> None:
        self._opened: Opened | None = opened
        self._pool, self._piece, self._doubt = pool, piece, doubt
        # Only the first of all who wait for a block had it fetched.
        self.source, opened.fresh = opened.fresh or "cache", ""
        self.failed_over, opened.failed_over = opened.failed_over, False
        self._saves = self.source == "cache"
        if self._saves:
            counters.hits += 1
        else:
            counters.misses += 1

    def read_now(self, start: int, length: int) -> memoryview | None:
        opened = self._here()
        data = kept.read_now(opened.descriptor, opened.device, start, length)
        if data is not None and self._saves:
            counters.bytes_served += length
        return data

    def read(self, start: int, length: int) -> bytes:
        opened = self._here()
        try:
            with self._pool.reading(opened) as descriptor:
                data = kept.read(descriptor, start, length)
        except OSError as error:
            log.warning("A cached block cannot be read: %s", error)
            self._doubt(opened)
            raise BytesUnavailable(self._piece) from error
        if len(data) < length:
            # Somebody cut it short since it was found right.
            self._doubt(opened)
            raise BytesUnavailable(self._piece)
        if self._saves:
            counters.bytes_served += length
        return data

    def close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            self._pool.release(opened)

    def _here(self) -> Opened:
        if self._opened is None:
            raise ValueError("This block is closed.")
        return self._opened


class BlockInMemory(_Closing):
    def __init__(self, data: memoryview, source: str, failed_over: bool = False) -> None:
        self._data, self.source, self.failed_over = data, source, failed_over
        counters.misses += 1

    def read_now(self, start: int, length: int) -> memoryview:
        return self._data[start : start + length]

    def read(self, start: int, length: int) -> bytes:
        return bytes(self.read_now(start, length))

    def close(self) -> None:
        self._data = memoryview(b"")
