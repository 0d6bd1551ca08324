import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from library.pages import words
from library.templatetags import words as filters

TABLE = json.loads(Path(__file__).with_name("words.json").read_text())
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(("count", "said"), TABLE["size"])
def test_sizes_read_as_disks_count_them(count, said):
    assert words.size(count) == said


@pytest.mark.parametrize(("seconds", "said"), TABLE["clock"])
def test_lengths_read_as_a_clock(seconds, said):
    assert words.clock(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (61, "1 minute 1 second"),
        (3723, "1 hour 2 minutes"),
    ],
)
def test_lengths_are_read_aloud(seconds, said):
    assert words.spoken(seconds) == said


@pytest.mark.parametrize(
    ("age", "said"),
    [
        pytest.param(timedelta(seconds=-5), "just now", id="a clock that is ahead"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=3), "3 min ago"),
        (timedelta(hours=23), "23 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=29), "29 days ago"),
        (timedelta(days=30), "1 April 2026"),
    ],
)
def test_moments_read_as_ages(age, said):
    assert words.ago(NOW - age, NOW) == said


def test_nobody_waits_less_than_they_are_told():
    assert words.wait(timedelta(minutes=15)) == "15 minutes"
    assert words.wait(timedelta(seconds=61)) == "2 minutes"
    assert words.wait(timedelta(seconds=5)) == "a minute"


def test_an_age_carries_its_exact_time():
    said = filters.ago("2020-05-01T12:00:00Z")
    assert 'datetime="2020-05-01T12:00:00+00:00"' in said
    assert "1 May 2020, 12:00:00 UTC" in said


def test_per_cent_is_never_a_hundred_too_soon():
    assert filters.percent(999, 1000) == 99
    assert filters.percent(5, None) == 0
