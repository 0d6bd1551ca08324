"""What this process tells of itself, in a row that all others can read."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.utils import timezone

from library.models import ServerReport
from library.models.streams import added
from streaming.cache import room
from streaming.cache.counters import Counters
from streaming.doors.figures import Figures


class Reporter:
    """
    The row of one process. Where it is gone, what it told last is part of the past by now,
    and the next row goes on from there.
    """

    def __init__(
        self,
        process: str,
        figures: Figures,
        cache: Counters,
        sources: Callable[[], Counter[tuple[str, str]]],
    ) -> None:
        # A process has a number that comes again; in a container it is always the same.
        self._name = f"{process}:{secrets.token_hex(4)}"
        self._machine = process.partition(":")[0]
        self._figures, self._cache, self._sources = figures, cache, sources
        self._told: dict[str, Any] = {}
        self._past: dict[str, Any] = {}

    def write(self) -> None:
        cache = asdict(self._cache)
        in_flight = cache.pop("in_flight")
        counters = self._figures.counters() | {"cache": cache, "sources": {}}
        for (source, what), count in self._sources().items():
            counters["sources"].setdefault(source, {})[what] = count
        told = {
            "counters": added(counters, self._past),
            "gauges": self._figures.gauges() | {"in_flight": in_flight},
            "caches": {self._machine: room.used()},
            "seen_at": timezone.now(),
        }
        if not ServerReport.objects.filter(process=self._name).update(**told):
            self._past = negative(self._told)
            told["counters"] = added(counters, self._past)
            ServerReport.objects.create(process=self._name, **told)
        self._told = counters


def negative(counters: Any) -> Any:
    if isinstance(counters, dict):
        return {key: negative(value) for key, value in counters.items()}
    if isinstance(counters, list):
        return [negative(value) for value in counters]
    return -counters
