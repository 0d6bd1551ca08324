"""What a name in the catalogue may be, and what makes two names one."""

from __future__ import annotations

import re
import unicodedata

from library.errors import Invalid

_ACCENTS = re.compile("[\u0300-\u036f]")
# What turns the direction of all that follows it on a page.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def cleaned(given: str, *, what: str, limit: int, field: str) -> str:
    """A name as it is kept: in one form of Unicode, on one line, without spare spaces."""
    name = " ".join(unicodedata.normalize("NFC", given).split())
    if not name or not key(name):
        raise Invalid(f"{what} needs a name.", field=field)
    if _TURNS.search(name) or any(unicodedata.category(c) in {"Cc", "Cs"} for c in name):
        raise Invalid(f"{what} has no control characters in its name.", field=field)
    if max(len(name), len(key(name))) > limit:
        raise Invalid(
            f"The name of {what[0].lower()}{what[1:]} has at most {limit} characters; "
            f"“{name[:60]}” has {len(name)}.",
            field=field,
        )
    return name


def key(name: str) -> str:
    """
    What two names share that are one: case does not count, nor do accents on letters, nor
    characters that cannot be seen.

    Marks of other scripts stay, because there they make another word.
    """
    # Nor can PostgreSQL be asked for a NUL.
    seen = "".join(c for c in name if c != "\0" and unicodedata.category(c) != "Cf")
    plain = _ACCENTS.sub("", unicodedata.normalize("NFD", " ".join(seen.split()).casefold()))
    return unicodedata.normalize("NFC", plain)


def note(given: str, limit: int) -> str:
    """Several lines of plain text."""
    text = given.replace("\r\n", "\n").strip()
    if any(c not in "\n\t" and unicodedata.category(c) in {"Cc", "Cs"} for c in text):
        raise Invalid("A note has no control characters.", field="note")
    if len(text) > limit:
        raise Invalid(
            f"A note has at most {limit:,} characters; this one has {len(text):,}.", field="note"
        )
    return text
