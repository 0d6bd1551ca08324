"""
Numbers and moments as people read them. `static/js/words.js` says the same things.

The table in tests/pages/words.json holds both to the same words.
"""

from __future__ import annotations

from datetime import datetime, timedelta

_UNITS = ("kB", "MB", "GB", "TB", "PB")
MINUTE, HOUR, DAY = 60, 3600, 86400


def size(count: float) -> str:
    """Bytes in decimal units, as disks and providers count them: "61.4 MB"."""
    if count < 1000:
        return "1 byte" if count == 1 else f"{int(count)} bytes"
    value, unit = float(count), 0
    while True:
        value /= 1000
        text = f"{value:.1f}" if value < 100 else f"{value:.0f}"
        if float(text) < 1000 or unit == len(_UNITS) - 1:
            return f"{text.removesuffix('.0')} {_UNITS[unit]}"
        unit += 1


def clock(seconds: float) -> str:
    """A length or a position: "1:02:03", "12:34", "0:07"."""
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def spoken(seconds: float) -> str:
    """A length as it is read aloud: "1 hour 2 minutes", "34 seconds"."""
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    parts = [(hour, "hour"), (minute, "minute"), (0 if hour else second, "second")]
    said = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return " ".join(said) or "0 seconds"


def ago(moment: datetime, now: datetime) -> str:
    """An age: "just now", "3 min ago", "2 days ago", and from a month on the date."""
    seconds = (now - moment).total_seconds()
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{int(seconds // MINUTE)} min ago"
    if seconds < DAY:
        return f"{int(seconds // HOUR)} h ago"
    if seconds < 30 * DAY:
        days = int(seconds // DAY)
        return "1 day ago" if days == 1 else f"{days} days ago"
    return date(moment)


def date(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def exact(moment: datetime) -> str:
    return f"{date(moment)}, {moment:%H:%M:%S} UTC"


def wait(span: timedelta) -> str:
    """How long somebody has to wait, never less than it is: "15 minutes"."""
    minutes = -(-int(span.total_seconds()) // MINUTE)
    return "a minute" if minutes <= 1 else f"{minutes} minutes"
