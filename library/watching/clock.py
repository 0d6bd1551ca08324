"""Moments of a film as people write and read them: 1:02:03.5. Pure."""

from __future__ import annotations

import re

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2})(?:[.,](\d{1,3}))?", re.ASCII)
_SECONDS = re.compile(r"\d{1,7}(?:[.,]\d{1,3})?", re.ASCII)


def read(text: str) -> float | None:
    """`754`, `12:34`, `0:12:34` and `12:34.5` as seconds; None for what is none of these."""
    if _SECONDS.fullmatch(text):
        return float(text.replace(",", "."))
    found = _CLOCK.fullmatch(text)
    if found is None or int(found[3]) > 59 or (found[1] and int(found[2]) > 59):
        return None
    milliseconds = int((found[4] or "").ljust(3, "0"))
    whole = (int(found[1] or 0) * 60 + int(found[2])) * 60 + int(found[3])
    return whole + milliseconds / 1000


def write(seconds: float) -> str:
    """The shortest of the ways that `read` reads, to the millisecond."""
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    words = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return f"{words}.{milliseconds:03}".rstrip("0") if milliseconds else words
