"""What people read."""

from datetime import UTC, datetime

import pytest

from filmedia.client import words


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (40_418_305, "38.5 MiB"),
        (2**70, "1048576.0 PiB"),
    ],
)
def test_sizes(count, shown):
    assert words.size(count) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, ""), (4.2, "0:04"), (59.6, "1:00"), (3599.9, "1:00:00"), (7322, "2:02:02")],
)
def test_lengths(seconds, shown):
    assert words.length(seconds) == shown


@pytest.mark.parametrize(
    ("stamp", "shown"),
    [
        ("2026-11-28T11:59:58Z", "2 s"),
        ("2026-11-28T11:00:00.000Z", "1 h"),
        ("2026-11-20T12:00:00Z", "8 d"),
        ("2023-11-28T12:00:00Z", "3 y"),
        pytest.param("2026-11-28T12:00:09Z", "0 s", id="a clock that is ahead"),
        pytest.param("yesterday", "", id="no time at all"),
    ],
)
def test_ages(stamp, shown):
    assert words.age(stamp, datetime(2026, 11, 28, 12, tzinfo=UTC)) == shown


def test_nothing_that_others_wrote_commands_the_terminal():
    shown = words.printable("a\x1b[2Jb\r\nc\x9b31md\u202ecod.exe")
    assert shown == "a [2Jb  c 31mdcod.exe"
