"""Tags of languages as BCP 47 writes them: checked for their form, and written one way."""

from __future__ import annotations

import re

from library.errors import Invalid

LIMIT = 35
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})"
    r"(?:-(?P<script>[a-z]{4}))?"
    r"(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)"
    r"(?P<extensions>(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*)"
    r"(?P<private>(?:-x(?:-[a-z0-9]{1,8})+)?)"
)


def checked(given: str, *, field: str = "language") -> str:
    """
    The tag as BCP 47 would have it written ("zh-Hant-TW"), or no words for no language.
    Raises Invalid. Whether there is such a language is not asked: new ones are registered.
    """
    text = given.strip().replace("_", "-").lower()
    if not text:
        return ""
    found = _TAG.fullmatch(text)
    if found is None or len(text) > LIMIT or not text.isascii():
        raise Invalid(
            "A language is written as in “en”, “pt-BR” or “zh-Hant” (BCP 47).", field=field
        )
    parts = [found["language"], (found["script"] or "").title(), (found["region"] or "").upper()]
    rest = found["variants"] + found["extensions"] + found["private"]
    return "-".join(part for part in parts if part) + rest
