"""
How many requests somebody may make: so many that only a program gone wild ever meets the end.

Counted for each minute in the cache. Bytes of films, posters, captions and storyboards are not
counted at all: who jumps about in a film makes many small requests.
"""

from __future__ import annotations

import time
from typing import Any

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle
from rest_framework.views import APIView

RATE_LIMIT = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


class Counted(SimpleRateThrottle):
    """So many requests a minute (or whatever the rate says), counted by one number."""

    num_requests: int
    duration: int
    used = 0
    ends = 0.0

    def allow_request(self, request: Request, view: APIView) -> bool:
        key = self.get_cache_key(request, view)
        if key is None or self.rate is None:
            return True
        window = int(time.time() // self.duration)
        self.ends = (window + 1) * self.duration
        name = f"{key}:{window}"
        self.used = 1 if cache.add(name, 1, self.duration * 2) else _more(name, self.duration)
        return self.used <= self.num_requests

    def wait(self) -> float:
        return max(self.ends - time.time(), 0)


class PersonThrottle(Counted):
    """By account, on all its devices."""

    scope = "person"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        if not request.user.is_authenticated:
            return None
        return self.cache_format % {"scope": self.scope, "ident": request.user.pk}


class AddressThrottle(Counted):
    """By where the connection comes from: many people may be behind one address."""

    scope = "address"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


def told(throttles: list[BaseThrottle]) -> dict[str, str]:
    """The headers that say how much is left, of the limit that is nearest."""
    limits = [limit for limit in map(_limit, throttles) if limit]
    if not limits:
        return {}
    most, left, seconds = min(limits, key=lambda limit: limit[1] / limit[0])
    return dict(zip(RATE_LIMIT, (str(most), str(left), str(seconds)), strict=True))


def _limit(throttle: Any) -> tuple[int, int, int] | None:
    """How many may come, how many are left, and the seconds until all are again."""
    most = getattr(throttle, "num_requests", None)
    if not most:
        return None
    if isinstance(throttle, Counted):
        if not throttle.ends:
            return None
        return most, max(most - throttle.used, 0), int(throttle.wait()) + 1
    history = getattr(throttle, "history", None)
    if history is None:
        return None
    seconds = int(throttle.duration - (throttle.now - history[-1])) + 1 if history else 1
    return most, max(most - len(history), 0), seconds


def _more(name: str, duration: int) -> int:
    try:
        return cache.incr(name)
    except ValueError:
        # It was forgotten between the two, as caches may.
        cache.add(name, 1, duration * 2)
        return 1
