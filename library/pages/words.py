"""
Numbers and moments as people read them. `static/js/words.js` says the same things.

The table in tests/pages/words.json holds both to the same words.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_UNITS = ("kB", "MB", "GB", "TB", "PB")
MINUTE, HOUR, DAY = 60, 3600, 86400


def size(count: float) -> str:
    """Bytes in decimal units, as disks and providers count them: "61.4 MB"."""
    if count < 1000:
        return ngettext("%(count)s byte", "%(count)s bytes", int(count)) % {"count": int(count)}
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
    if hour:
        second = 0
    said = [
        ngettext("%(count)s hour", "%(count)s hours", hour) % {"count": hour},
        ngettext("%(count)s minute", "%(count)s minutes", minute) % {"count": minute},
        ngettext("%(count)s second", "%(count)s seconds", second) % {"count": second},
    ]
    counts = (hour, minute, second)
    return " ".join(one for one, count in zip(said, counts, strict=True) if count) or said[-1]


def ago(moment: datetime, now: datetime) -> str:
    """An age: "just now", "3 min ago", "2 days ago", and from a month on the date."""
    seconds = (now - moment).total_seconds()
    if seconds < MINUTE:
        return _("just now")
    if seconds < HOUR:
        return _("%(count)s min ago") % {"count": int(seconds // MINUTE)}
    if seconds < DAY:
        return _("%(count)s h ago") % {"count": int(seconds // HOUR)}
    if seconds < 30 * DAY:
        days = int(seconds // DAY)
        return ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": days}
    return date(moment)


def date(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def exact(moment: datetime) -> str:
    return f"{date(moment)}, {moment:%H:%M:%S} UTC"


def wait(span: timedelta) -> str:
    """How long somebody has to wait, never less than it is: "15 minutes"."""
    minutes = -(-int(span.total_seconds()) // MINUTE)
    if minutes <= 1:
        return _("a minute")
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
