"""
The figures as Prometheus names them.

All of them come from rows, those of the process that answers included; so whichever process
is asked, it says the same, and no counter ever goes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Count
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily as Counter
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.core import HistogramMetricFamily as Histogram
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from library.models import ServerReport, Step, Stream, Upload, Video
from streaming.doors.figures import BOUNDS

_CACHE = {
    "hits": ("filmedia_cache_hits", "Blocks a viewer needed that were in the cache."),
    "misses": ("filmedia_cache_misses", "Blocks a viewer needed that had to be fetched."),
    "evictions": ("filmedia_cache_evictions", "Blocks removed to make room for others."),
    "damaged": ("filmedia_cache_damaged", "Blocks found damaged on disk, and fetched again."),
    "bytes_fetched": ("filmedia_cache_fetched_bytes", "Bytes fetched from elsewhere."),
    "bytes_served": ("filmedia_cache_saved_bytes", "Bytes of the cache that were not fetched."),
}
# What a source may do that is no fault of it.
_NO_FAULTS = {"asked", "blocks", "bytes"}


def text() -> bytes:
    registry = CollectorRegistry()
    registry.register(_Families())
    return generate_latest(registry)


class _Families(Collector):
    def collect(self) -> Iterable[Metric]:
        counters = ServerReport.objects.totals()
        now = ServerReport.objects.at_the_moment()
        yield from _streams(counters, now)
        yield from _cache(counters.get("cache", {}), now)
        yield from _sources(counters.get("sources", {}))
        yield from _library()


def _streams(counters: dict[str, Any], now: dict[str, Any]) -> Iterator[Metric]:
    yield Gauge(
        "filmedia_streams_open", "Answers with bytes of films that are open.", now.get("open", 0)
    )
    yield Gauge(
        "filmedia_streams_waiting", "Requests waiting for their turn.", now.get("waiting", 0)
    )
    watched = Stream.objects.now().count()
    yield Gauge("filmedia_watched", "Films being watched, each viewer counted.", watched)
    yield Counter(
        "filmedia_streams_refused",
        "Requests refused because too much was open or asked for.",
        counters.get("refused", 0),
    )
    yield Counter(
        "filmedia_streams_unavailable",
        "Answers not begun or not finished, for lack of right bytes.",
        counters.get("unavailable", 0),
    )
    sent = Counter("filmedia_stream_bytes", "Bytes read for viewers, by source.", labels=["source"])
    for source, size in counters.get("sent", {}).items():
        sent.add_metric([source], size)
    yield sent
    yield _first_bytes(counters)


def _first_bytes(counters: dict[str, Any]) -> Metric:
    buckets, count = [], 0
    found = counters.get("first_bytes") or [0] * (len(BOUNDS) + 1)
    for bound, within in zip([*map(str, BOUNDS), "+Inf"], found, strict=False):
        count += within
        buckets.append((bound, count))
    return Histogram(
        "filmedia_first_byte_seconds",
        "From a request to its first byte, waiting for a turn included.",
        buckets=buckets,
        sum_value=counters.get("first_byte_seconds", 0.0),
    )


def _cache(counters: dict[str, Any], now: dict[str, Any]) -> Iterator[Metric]:
    for key, (name, what) in _CACHE.items():
        yield Counter(name, what, counters.get(key, 0))
    yield Gauge("filmedia_cache_bytes", "Bytes in the cache.", ServerReport.objects.cached())
    yield Gauge("filmedia_fetches_in_flight", "Blocks being fetched.", now.get("in_flight", 0))


def _sources(sources: dict[str, dict[str, int]]) -> Iterator[Metric]:
    faults = Counter(
        "filmedia_source_faults", "What sources did not do right.", labels=["source", "fault"]
    )
    blocks = Counter("filmedia_source_blocks", "Blocks that sources gave.", labels=["source"])
    for source, did in sources.items():
        blocks.add_metric([source], did.get("blocks", 0))
        for fault in sorted(set(did) - _NO_FAULTS):
            faults.add_metric([source, fault], did[fault])
    yield blocks
    yield faults


def _library() -> Iterator[Metric]:
    films = Gauge("filmedia_films", "Films, those in the trash left out.", labels=["state"])
    kept = Video.objects.filter(trashed_at=None, rendition_of=None)
    states = kept.order_by().values_list("state")
    counts = dict(states.annotate(Count("pk")))
    for state in Video.State.values:
        films.add_metric([state], counts.get(state, 0))
    yield films
    receiving = Upload.objects.receiving().count()
    yield Gauge("filmedia_uploads_receiving", "Uploads that are not whole yet.", receiving)
    steps = Gauge("filmedia_steps", "Steps of work that are not done.", labels=["state"])
    for state in (Step.State.WAITING, Step.State.RUNNING, Step.State.FAILED):
        steps.add_metric([state.value], Step.objects.filter(state=state).count())
    yield steps
    due = Step.objects.filter(state=Step.State.WAITING, next_try_at__lte=timezone.now())
    yield Gauge("filmedia_steps_due", "Steps waiting for a worker now.", due.count())
