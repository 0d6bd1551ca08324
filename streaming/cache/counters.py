"""What the cache did since this process began."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Counters:
    """
    Written without a lock: a figure may be short by one where two threads meet.

    A hit is a block that some viewer needed and that nobody had to fetch for them. What was
    served out of hits is what was saved of reading from elsewhere.
    """

    hits: int = 0
    misses: int = 0
    evictions: int = 0
    damaged: int = 0
    refused_by_disk: int = 0
    bytes_fetched: int = 0
    bytes_served: int = 0
    in_flight: int = 0


counters = Counters()
