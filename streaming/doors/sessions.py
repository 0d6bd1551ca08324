"""
What each account was sent of each film since it began to watch it: sums for whoever wants to
know how a film comes to them. In the memory of this process, and only as long as it goes on.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

# Whoever is sent nothing for so long begins anew.
SILENT_SECONDS = 30 * 60.0
MOST = 4_096


@dataclass
class Session:
    """One account and one film; `failovers` are blocks for which a second source was asked."""

    begun_at: datetime = field(default_factory=timezone.now)
    # Bytes by where they were read from.
    sources: Counter[str] = field(default_factory=Counter)
    failovers: int = 0
    last: float = field(default_factory=time.monotonic)

    def came(self, source: str, size: int) -> None:
        self.sources[source] += size
        self.last = time.monotonic()

    def failed_over(self) -> None:
        self.failovers += 1

    @property
    def is_over(self) -> bool:
        return time.monotonic() - self.last > SILENT_SECONDS


class Sessions:
    """Those of this process. May be used by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # The one that was asked for longest ago first.
        self._kept: OrderedDict[tuple[int, str], Session] = OrderedDict()

    def of(self, user: int, video: str) -> Session:
        """The one that goes on, or a new one."""
        with self._lock:
            session = self._kept.get((user, video))
            if session is None or session.is_over:
                session = self._kept[(user, video)] = Session()
            self._kept.move_to_end((user, video))
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return session

    def of_films(self, user: int, videos: Iterable[str]) -> list[Session]:
        """Those that go on, of these films."""
        with self._lock:
            found = [self._kept.get((user, video)) for video in videos]
        return [session for session in found if session is not None and not session.is_over]
