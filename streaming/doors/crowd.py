"""
How full this process is, and how many streams other processes have open.

What others have is read from their rows now and then (see `watched`), never for a request;
so across processes the limits are kept with a delay of some seconds.
"""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from streaming.doors.viewers import limited_as

# What was read of others is believed for so long.
BELIEVED_SECONDS = 10.0
# Of what the system allows so much is left for everything else: a tenth, and at least this.
LEFT_FILES = 64
# An answer opens one piece, or a block and what fetches it.
FILES_OF_AN_ANSWER = 2

_FOLDERS = ("/proc/self/fd", "/dev/fd")


class Crowd:
    def __init__(self) -> None:
        # Of this process: answers that are open, requests that wait, and refused ones so far.
        self.open = self.waiting = self.refused = 0
        self._others: Counter[str] = Counter()
        self._others_total = 0
        self._told_at = float("-inf")
        self._files, self._opened = 0, 0
        self._most_files = _most_files()

    # --- asked for each request

    @property
    def others(self) -> int:
        return self._others_total if self._is_believed else 0

    def others_of(self, key: str) -> int:
        return self._others[key] if self._others_total and self._is_believed else 0

    @property
    def has_files(self) -> bool:
        """Whether there are files left for one more answer."""
        used = self._files + self._opened * FILES_OF_AN_ANSWER
        return used + FILES_OF_AN_ANSWER <= self._most_files

    def enter(self) -> None:
        self.open += 1
        self._opened += 1

    def leave(self) -> None:
        self.open -= 1

    @property
    def _is_believed(self) -> bool:
        return time.monotonic() - self._told_at < BELIEVED_SECONDS

    # --- told by the thread that looks

    def tell(self, others: Iterable[tuple[str, int]]) -> None:
        """How many answers each viewer, by the key of their row, has open in other processes."""
        counts: Counter[str] = Counter()
        for viewer, count in others:
            counts[limited_as(viewer)] += count
        self._others, self._others_total = counts, counts.total()
        self._told_at = time.monotonic()

    def count_files(self) -> None:
        self._most_files = _most_files()
        self._files, self._opened = _open_files(), 0


def _most_files() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return 2**31
    return soft - max(LEFT_FILES, soft // 10)


def _open_files() -> int:
    for folder in _FOLDERS:
        try:
            return sum(1 for _ in Path(folder).iterdir())
        except OSError:
            continue
    return 0


crowd = Crowd()
