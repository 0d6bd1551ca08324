"""A piece on its way: exactly as many bytes as were announced, and how many were taken."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable

from ..errors import PieceError


class Watched:
    """A source of exactly `size` bytes, that tells how far it was taken."""

    def __init__(
        self,
        source: AsyncIterable[bytes] | Iterable[bytes],
        size: int,
        progress: Callable[[int], None] | None,
    ) -> None:
        self._source, self._size, self._progress = source, size, progress
        self.moved = 0
        self.waits_for_source = False
        self.error: BaseException | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        portions = _portions(self._source)
        while True:
            self.waits_for_source = True
            try:
                portion = await anext(portions)
            except StopAsyncIteration:
                break
            except BaseException as error:
                # Our own trouble, and not the provider's.
                self.error = error
                raise
            finally:
                self.waits_for_source = False
            if self.moved + len(portion) > self._size:
                self.error = PieceError(f"There are more than the {self._size} bytes announced.")
                raise self.error
            yield portion
            self.moved += len(portion)
            if self._progress is not None:
                self._progress(self.moved)
        if self.moved != self._size:
            self.error = PieceError(f"Only {self.moved} of {self._size} bytes were there to send.")
            raise self.error


async def _portions(source: AsyncIterable[bytes] | Iterable[bytes]) -> AsyncIterator[bytes]:
    if isinstance(source, AsyncIterable):
        async for portion in source:
            yield portion
    else:
        for portion in source:
            yield portion
