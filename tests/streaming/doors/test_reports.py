"""What each process tells of itself, and what becomes of it when it is gone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from library.models import ServerReport
from library.models.streams import FOLDED, SILENT
from library.storing import sweeps
from streaming.cache.counters import Counters
from streaming.doors.crowd import Crowd
from streaming.doors.figures import Figures
from streaming.doors.reports import Reporter

pytestmark = pytest.mark.django_db


@pytest.fixture
def counters():
    return Counters()


@pytest.fixture
def figures():
    return Figures(Crowd())


@pytest.fixture
def reporter(figures, counters):
    return Reporter("host:1", figures, counters, dict)


def hits():
    return ServerReport.objects.totals()["cache"]["hits"]


def grow_old(age):
    ServerReport.objects.update(seen_at=timezone.now() - age)


def test_a_process_has_one_row(reporter, counters, figures):
    for _ in range(3):
        counters.hits += 1
        figures.sent["shelf"] += 10
        figures.began_after(0.004)
        reporter.write()
    assert ServerReport.objects.count() == 1
    assert ServerReport.objects.totals()["sent"] == {"shelf": 30}
    assert sum(ServerReport.objects.totals()["first_bytes"]) == 3
    assert hits() == 3


def test_what_processes_told_that_are_gone_still_counts(reporter, counters, figures):
    counters.hits = 5
    figures.first_bytes[0] = 2
    reporter.write()
    grow_old(2 * FOLDED)
    for number in range(2):
        other = Reporter(f"host:{number}", Figures(Crowd()), Counters(hits=1), dict)
        other.write()
        grow_old(2 * FOLDED)
        sweeps.overdue()
    assert [row.process for row in ServerReport.objects.all()] == [""]
    assert hits() == 7
    assert ServerReport.objects.totals()["first_bytes"][0] == 2


def test_one_that_was_only_idle_is_not_counted_twice(reporter, counters):
    for expected in (5, 10, 15):
        counters.hits += 5
        reporter.write()
        assert hits() == expected
        grow_old(2 * FOLDED)
        sweeps.overdue()
        assert hits() == expected
    counters.hits += 1
    reporter.write()
    reporter.write()
    assert hits() == 16


def test_how_full_a_process_is_counts_only_while_it_is_heard_of(figures, reporter):
    figures._crowd.open = 3
    reporter.write()
    assert ServerReport.objects.at_the_moment()["open"] == 3
    grow_old(SILENT + timedelta(seconds=1))
    assert ServerReport.objects.at_the_moment() == {}


def test_processes_of_one_machine_share_one_cache(figures, counters, monkeypatch):
    monkeypatch.setattr("streaming.doors.reports.room.used", lambda: 100)
    for process in ("one:1", "one:2", "other:1"):
        Reporter(process, figures, counters, dict).write()
    assert ServerReport.objects.cached() == 200
