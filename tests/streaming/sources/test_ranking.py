"""Who is asked first, by what was seen of them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from filmedia.filecoin.errors import (
    NotThere,
    ProviderBusy,
    ProviderUnreachable,
    WrongAnswer,
)
from streaming.sources.ranking import Records, ranked

MIB = 2**20


@dataclass(frozen=True)
class Somebody:
    key: str
    doubt: float = 0.0


A, B, C = Somebody("a"), Somebody("b", 0.001), Somebody("c", 0.002)


def order(records, now=0.0, *, sources=(A, B, C), piece="piece", skipped=0):
    return [source.key for source in ranked(records, sources, piece, skipped, MIB, now)]


def seen(records, source, first, rate, times=1):
    for _ in range(times):
        records.answered(source, first)
        records.received(source, int(rate), 1.0)


def test_those_of_whom_nothing_is_known_are_asked_as_the_rows_have_them():
    assert order(Records()) == ["a", "b", "c"]
    assert order(Records(), sources=(C, B, A)) == ["a", "b", "c"]


def test_a_doubted_copy_is_asked_after_those_that_are_sure():
    assert order(Records(), sources=(Somebody("d", 2.0), A)) == ["a", "d"]


def test_the_quickest_is_asked_first():
    records = Records()
    seen(records, A, 0.3, 2e6)
    seen(records, B, 0.02, 50e6)
    assert order(records) == ["b", "c", "a"]


def test_the_latest_speed_counts_most_and_earlier_ones_are_not_forgotten():
    records = Records()
    seen(records, A, 0.02, 50e6, times=5)
    before = records.of(A).rate
    seen(records, A, 0.02, 1e6)
    assert 1e6 < records.of(A).rate < before
    seen(records, A, 0.02, 1e6, times=20)
    assert records.of(A).rate < 1.1e6


def test_a_fault_costs_a_source_its_place_for_a_while():
    records = Records()
    records.failed(A, "piece", ProviderUnreachable("a", "gone"), 0.0)
    assert order(records, 1.0) == ["b", "c", "a"]
    assert order(records, 600.0) == ["a", "b", "c"]


def test_who_was_late_falls_behind_but_less_than_who_failed():
    records = Records()
    records.was_slow(A, 0.0)
    records.failed(B, "piece", ProviderUnreachable("b", "gone"), 0.0)
    assert order(records) == ["c", "a", "b"]


@pytest.mark.parametrize("error", [WrongAnswer("a", 206, "wrong"), NotThere("a", 404)])
def test_who_does_not_have_a_piece_is_set_aside_for_that_piece_for_a_minute(error):
    records = Records()
    records.failed(A, "piece", error, 0.0)
    slow = Somebody("slow", 30.0)
    assert order(records, 59.0, sources=(A, slow)) == ["slow", "a"]
    assert order(records, 59.0, sources=(A, slow), piece="another") == ["a", "slow"]
    assert order(records, 61.0, sources=(A, slow)) == ["a", "slow"]


@pytest.mark.parametrize(
    ("told", "until"),
    [
        pytest.param(7.0, 7.0, id="as long as it wants"),
        pytest.param(0.0, 0.0, id="at once"),
        pytest.param(None, 2.0, id="it does not say"),
        pytest.param(86400.0, 60.0, id="not for ever"),
    ],
)
def test_who_is_busy_is_left_alone(told, until):
    records = Records()
    records.failed(A, "piece", ProviderBusy("a", 429, "", told), 0.0)
    assert records.busy_for(A, 0.0) == until
    assert records.busy_for(A, until) == 0.0
    if until:
        assert order(records, 0.0) == ["b", "c", "a"]
    assert order(records, until) == ["a", "b", "c"]


def test_who_ignores_ranges_is_asked_for_what_is_near_the_beginning():
    records = Records()
    for source in (A, B):
        seen(records, source, 0.05, 20e6)
    records.ignores_ranges(A, 0.0)
    assert order(records, sources=(A, B)) == ["a", "b"]
    assert order(records, sources=(A, B), skipped=500 * MIB) == ["b", "a"]
    # Another time it may be otherwise, and one right answer shows it.
    assert order(records, 700.0, sources=(A, B), skipped=500 * MIB) == ["a", "b"]
    records.takes_ranges(A)
    assert order(records, sources=(A, B), skipped=500 * MIB) == ["a", "b"]


@pytest.mark.parametrize(
    ("first", "rate", "late"),
    [
        pytest.param(0.01, 100e6, 0.3, id="at least 300 ms"),
        pytest.param(0.1, 10e6, 3 * (0.1 + MIB / 10e6), id="three times what is expected"),
        pytest.param(2.0, 1e5, 3.0, id="at most three seconds"),
    ],
)
def test_when_a_block_is_late(first, rate, late):
    records = Records()
    seen(records, A, first, rate)
    assert records.late_after(A, 0, MIB, 0.0) == pytest.approx(late)


def test_what_is_set_aside_is_bounded():
    records = Records()
    for number in range(20_000):
        records.failed(A, f"piece {number}", NotThere("a", 404), 0.0)
    assert records.is_aside(A, "piece 19999", 1.0)
    assert len(records._aside) <= 10_000
