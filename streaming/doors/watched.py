"""
Who is being sent what: counted in memory, written down by a thread of its own.

To count a part is an addition. All rows of this process are written together, once in
WRITE_SECONDS and more often while somebody looks on, so that no byte ever waits for the
database. The same thread reads what other processes send, for the limits.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from library.models import ServerReport, Stream, Video
from streaming.cache.counters import counters
from streaming.doors.crowd import crowd
from streaming.doors.figures import figures
from streaming.doors.reports import Reporter
from streaming.doors.sessions import Session, Sessions
from streaming.doors.viewers import Watcher
from streaming.sources.fetching import counts

log = logging.getLogger(__name__)

WRITE_SECONDS, LOOK_SECONDS = 10.0, 1.0
# While somebody looks on, or other processes have to keep the same limits.
WRITE_OFTEN_SECONDS = 2.0
# A player that has enough for now asks again later: somebody watches all the same.
LINGER_SECONDS = 20.0
# Beyond so many, visitors of one address are one: what tells them apart is theirs to choose.
MOST_APART = 2000

# What a stream's source is called where nginx reads the bytes by itself.
BY_NGINX = "nginx"


@dataclass
class Tally:
    """What a viewer is sent of a film, by whatever number of requests."""

    viewer: str
    user: int | None
    video: str
    begun_at: datetime = field(default_factory=timezone.now)
    requests: int = 0
    sent: int = 0
    written: int = 0
    # Bytes by where they were read from, since they were written down.
    sources: Counter[str] = field(default_factory=Counter)
    source: str = ""
    last: float = field(default_factory=time.monotonic)
    # Of somebody with an account.
    session: Session | None = None

    def came(self, source: str, size: int) -> None:
        self.sources[source] += size
        figures.sent[source] += size
        if self.session is not None:
            self.session.came(source, size)

    def failed_over(self) -> None:
        """A second source was asked for a block of what they are sent."""
        if self.session is not None:
            self.session.failed_over()

    def note_source(self) -> None:
        """Where most came from since the last time; where nothing came, as before."""
        lately, self.sources = self.sources, Counter()
        if lately:
            self.source = max(lately, key=lambda source: lately[source])[:60]

    def begin(self) -> None:
        self.requests += 1
        self.last = time.monotonic()

    def count(self, size: int) -> None:
        self.sent += size

    def hand_over(self, size: int) -> None:
        """Somebody else sends so much at most; nobody tells us how much of it they do."""
        self.sources[BY_NGINX] += size
        if self.session is not None:
            self.session.came(BY_NGINX, size)
        self.last = time.monotonic()

    def end(self) -> None:
        self.requests -= 1
        self.last = time.monotonic()

    @property
    def is_over(self) -> bool:
        return not self.requests and time.monotonic() - self.last > LINGER_SECONDS


class Register:
    """The tallies of this process, and the rows that say the same."""

    def __init__(self) -> None:
        self.process = f"{socket.gethostname()[:60]}:{os.getpid()}"
        self.sessions = Sessions()
        self._tallies: dict[tuple[str, str], Tally] = {}
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._written_at = time.monotonic()
        self._reporter = Reporter(self.process, figures, counters, counts)
        # One writes at a time; it may be asked for from outside the thread.
        self._writing = threading.Lock()

    def tally(self, watcher: Watcher, video: str) -> Tally:
        """Where what is sent of a film to a viewer is counted, from its first byte on."""
        with self._lock:
            key = watcher.key
            if len(self._tallies) >= MOST_APART and (key, video) not in self._tallies:
                key = watcher.limited_as
            tally = self._tallies.setdefault((key, video), Tally(key, watcher.user, video))
            if watcher.user is not None:
                tally.session = self.sessions.of(watcher.user, video)
        if not self._news.is_set():
            self._news.set()
        return tally

    def keep_written(self) -> None:
        """Write in a thread of its own for as long as this process lives."""
        threading.Thread(target=self._write_on, name="streams", daemon=True).start()

    def _write_on(self) -> None:
        while self._news.wait():
            try:
                often = self.look()
                since = time.monotonic() - self._written_at
                if since >= (WRITE_OFTEN_SECONDS if often else WRITE_SECONDS):
                    self.write()
            except (DatabaseError, InterfaceError) as error:
                # The next time may be better, and tells the same and more.
                log.warning("Streams could not be written down or read: %s", error)
                connection.close()
            if not self._news.is_set():
                connection.close()
            time.sleep(LOOK_SECONDS)

    def look(self) -> bool:
        """What others send, and how many files are open; whether to write often."""
        crowd.count_files()
        others = Stream.objects.now().exclude(process=self.process).order_by("viewer")
        counts = list(others.values_list("viewer").annotate(Sum("requests")))
        crowd.tell(counts)
        return bool(counts) or ServerReport.objects.are_followed()

    def write(self) -> None:
        """Bring the rows of this process up to date: all that go on, and none that is over."""
        with self._writing:
            self._write()

    def report(self) -> None:
        """What is told of this process, as it is now."""
        with self._writing:
            self._reporter.write()

    def _write(self) -> None:
        with self._lock:
            self._tallies = {k: one for k, one in self._tallies.items() if not one.is_over}
            going = list(self._tallies.values())
            if not going:
                self._news.clear()
        now = timezone.now()
        with transaction.atomic():
            Stream.objects.bulk_create(
                self._rows(going, now),
                update_conflicts=True,
                unique_fields=["process", "viewer", "video"],
                update_fields=["requests", "sent", "rate", "source", "seen_at"],
            )
            # Those that are over, and what a process of the same name has left behind.
            Stream.objects.filter(process=self.process).exclude(seen_at=now).delete()
            self._reporter.write()

    def _rows(self, going: list[Tally], now: datetime) -> list[Stream]:
        elapsed = max(time.monotonic() - self._written_at, 1.0)
        self._written_at = time.monotonic()
        # A film may be gone by now, and whoever is sent its last bytes with it.
        films = {tally.video for tally in going}
        there = set(Video.objects.filter(pk__in=films).values_list("pk", flat=True))
        rows = []
        for tally in going:
            new, tally.written = tally.sent - tally.written, tally.sent
            tally.note_source()
            if tally.video not in there:
                continue
            rows.append(
                Stream(
                    process=self.process,
                    viewer=tally.viewer,
                    user_id=tally.user,
                    video_id=tally.video,
                    requests=max(tally.requests, 0),
                    sent=tally.sent,
                    # What began lately was not sent all that time.
                    rate=new / max(min(elapsed, (now - tally.begun_at).total_seconds()), 1.0),
                    source=tally.source,
                    begun_at=tally.begun_at,
                    seen_at=now,
                )
            )
        return rows


register = Register()
