"""Languages as BCP 47 writes them, and what people call them. Pure."""

from __future__ import annotations

import re
from functools import cache

from django.conf.locale import LANG_INFO

from library.errors import Invalid

LIMIT = 35
# Language, perhaps extensions of it, script, region, variants, extensions, private use
# (RFC 5646, 2.1, without the grandfathered ones).
_TAG = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})"
    r"(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?"
)
# What films say themselves: the three letters of ISO 639-2 that have two in BCP 47.
_SHORT = {
    "eng": "en", "fra": "fr", "fre": "fr", "deu": "de", "ger": "de", "spa": "es", "ita": "it",
    "por": "pt", "rus": "ru", "jpn": "ja", "zho": "zh", "chi": "zh", "kor": "ko", "ara": "ar",
    "nld": "nl", "dut": "nl", "swe": "sv", "dan": "da", "nor": "no", "fin": "fi", "pol": "pl",
    "ces": "cs", "cze": "cs", "slk": "sk", "slo": "sk", "hun": "hu", "tur": "tr", "ell": "el",
    "gre": "el", "heb": "he", "hin": "hi", "ukr": "uk", "ron": "ro", "rum": "ro", "bul": "bg",
    "hrv": "hr", "srp": "sr", "cat": "ca", "vie": "vi", "tha": "th", "ind": "id", "fas": "fa",
    "per": "fa", "est": "et", "lav": "lv", "lit": "lt", "isl": "is", "ice": "is", "eus": "eu",
    "baq": "eu", "gle": "ga", "cym": "cy", "wel": "cy",
}  # fmt: skip


def is_tag(text: str) -> bool:
    return len(text) <= LIMIT and _TAG.fullmatch(text.lower()) is not None


def checked(text: str, *, field: str = "language") -> str:
    """A language tag, spelled as it should be. Raises Invalid."""
    tag = text.strip().replace("_", "-")
    if not is_tag(tag):
        raise Invalid("A language is written as en, fr or pt-BR (BCP 47).", field=field)
    return spelled(tag)


def meant(text: str) -> str:
    """The tag of a language by what people call it; any other text as it is."""
    return _called().get(" ".join(text.split()).casefold(), text)


def shown(tag: str) -> str:
    """A language in a field that people type in: its name, where that is read as it again."""
    return name(tag) if meant(name(tag)) == tag else tag


def known() -> list[tuple[str, str]]:
    """Languages to choose from: what those who speak it call each, and what others do."""
    found = [
        (shown(spelled(tag)), told["name"])
        for tag, told in LANG_INFO.items()
        if is_tag(tag) and "name" in told
    ]
    return sorted(found, key=lambda one: one[1].casefold())


@cache
def _called() -> dict[str, str]:
    found: dict[str, str] = {}
    for tag, told in LANG_INFO.items():
        if is_tag(tag) and "name" in told:
            for words in (told["name"], told["name_local"], name(tag)):
                found.setdefault(words.casefold(), spelled(tag))
    return found


def spelled(tag: str) -> str:
    """Small letters, but for the region (BR) and the script (Hant), up to the first singleton."""
    parts = tag.lower().split("-")
    parts[0] = _SHORT.get(parts[0], parts[0])
    for number, part in enumerate(parts[1:], 1):
        if len(part) == 1:
            break
        if len(part) == 2:
            parts[number] = part.upper()
        elif len(part) == 4 and part.isalpha():
            parts[number] = part.title()
    return "-".join(parts)


def name(tag: str) -> str:
    """What those who speak it call a language: "Français", "Português (BR)"; or the tag."""
    parts = tag.split("-")
    for known, rest in ((tag.lower(), []), (parts[0].lower(), parts[1:])):
        told = LANG_INFO.get(known, {}).get("name_local")
        if told:
            words = f"{told[0].upper()}{told[1:]}"
            return f"{words} ({'-'.join(rest)})" if rest else words
    return tag
