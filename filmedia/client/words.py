"""Sizes, lengths, ages and names as people read them. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_STEPS = ((60, "s"), (60, "min"), (24, "h"), (365, "d"))
# These turn the direction of writing around, so that a name could be shown backwards.
_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
STAGES = {
    "receive": "receiving",
    "check": "checking",
    "store": "storing",
    "commit": "committing",
    "verify": "reading back",
    "prove": "waiting for the first proof",
    "encrypt": "encrypting",
}


def printable(text: str) -> str:
    """What others wrote, without anything that a terminal would obey."""
    kept = (c if unicodedata.category(c) not in {"Cc", "Cs", "Zl", "Zp"} else " " for c in text)
    return _DIRECTIONS.sub("", "".join(kept))


def size(count: int) -> str:
    amount, unit = float(count), _UNITS[0]
    for unit in _UNITS:
        if amount < 1024 or unit == _UNITS[-1]:
            break
        amount /= 1024
    return f"{count} B" if unit == "B" else f"{amount:.1f} {unit}"


def length(seconds: float | None) -> str:
    """Of a film, as players write it; nothing where it is not known."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def age(stamp: str, now: datetime | None = None) -> str:
    """How long ago a time of the API was, in its largest unit."""
    try:
        then = datetime.fromisoformat(stamp)
    except ValueError:
        return ""
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    amount = max((now or datetime.now(UTC)) - then, then - then).total_seconds()
    for many, unit in _STEPS:
        if amount < many:
            return f"{int(amount)} {unit}"
        amount /= many
    return f"{int(amount)} y"


def stage(name: str) -> str:
    return STAGES.get(name, printable(name))


def state(name: str) -> str:
    """One of the five words, as pages write it."""
    return printable(name).replace("_", " ").capitalize()
