"""Where a film should begin: the `t` of an address, turned into seconds."""

from __future__ import annotations

import re

_UNITS = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s)?")
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2})")
_SECONDS = re.compile(r"\d{1,9}")


def seconds(text: str) -> int:
    """`754`, `754s`, `12m34s` and `00:12:34` are all 754; what cannot be read is 0."""
    text = text.strip().lower()
    if not text.isascii():
        return 0
    if _SECONDS.fullmatch(text):
        return int(text)
    found = _CLOCK.fullmatch(text) or _UNITS.fullmatch(text)
    if found is None:
        return 0
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + rest
