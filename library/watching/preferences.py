"""
What a person chose for themselves, over what everybody begins with.

Only what was chosen is kept, so that a default which changes later changes for those who
never chose. Someone who is not signed in keeps the same object in their browser.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from library.errors import Invalid
from library.models import User
from library.watching import languages

DEFAULTS: dict[str, Any] = {
    "theme": "system",
    "keys": True,
    "autoplay": True,
    "history": True,
    "mini_player": True,
    "view": "grid",
    "captions": {
        "on": False,
        "language": "",
        "size": "medium",
        "colour": "white",
        "background": "shade",
        "place": "bottom",
    },
}
CHOICES: dict[str, tuple[str, ...]] = {
    "theme": ("system", "light", "dark"),
    "view": ("grid", "table"),
    "captions/size": ("small", "medium", "large", "huge"),
    "captions/colour": ("white", "yellow", "cyan", "green"),
    "captions/background": ("none", "shade", "solid"),
    "captions/place": ("bottom", "top"),
}
_WORD = re.compile(r"[\w/]{1,80}")


def of(user: User | AnonymousUser) -> dict[str, Any]:
    """Every preference of `user`: what they chose, and the defaults."""
    chosen = user.preferences if isinstance(user, User) else {}
    return _laid_over(DEFAULTS, chosen if isinstance(chosen, dict) else {}, "")


def change(user: User, given: Any) -> dict[str, Any]:
    """
    Set what is given, key by key; what is left out stays. Raises Invalid, with the pointer
    of the first thing that is wrong, and then nothing changed.
    """
    checked = _checked(DEFAULTS, given, "")
    with transaction.atomic():
        now = User.objects.select_for_update().get(pk=user.pk)
        kept = now.preferences if isinstance(now.preferences, dict) else {}
        now.preferences = _merged(kept, checked)
        now.save(update_fields=["preferences"])
    user.preferences = now.preferences
    return of(user)


def keeps_history(user: User | AnonymousUser) -> bool:
    """Whether what they watch may be remembered; of nobody anything is."""
    return isinstance(user, User) and bool(of(user)["history"])


def _laid_over(defaults: Mapping[str, Any], chosen: Mapping[str, Any], path: str) -> dict[str, Any]:
    """What was chosen by rules that held then and do not any more is passed over."""
    found = {}
    for key, default in defaults.items():
        value = chosen.get(key, default)
        if isinstance(default, dict):
            value = _laid_over(default, value if isinstance(value, dict) else {}, f"{path}{key}/")
        elif _wrong(f"{path}{key}", default, value):
            value = default
        found[key] = copy.copy(value)
    return found


def _merged(kept: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(kept)
    for key, value in given.items():
        before = merged.get(key)
        if isinstance(value, dict):
            value = _merged(before if isinstance(before, dict) else {}, value)
        merged[key] = value
    return merged


def _checked(defaults: Mapping[str, Any], given: Any, path: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise _refusal("Preferences are an object.", path.rstrip("/"))
    found = {}
    for key, value in given.items():
        if key not in defaults:
            raise _refusal("There is no such preference.", f"{path}{key}")
        default = defaults[key]
        if isinstance(default, dict):
            found[key] = _checked(default, value, f"{path}{key}/")
        elif problem := _wrong(f"{path}{key}", default, value):
            raise _refusal(problem, f"{path}{key}")
        else:
            found[key] = value
    return found


def _wrong(path: str, default: Any, value: Any) -> str:
    """Why `value` cannot be the preference at `path`; no words where it can."""
    if isinstance(default, bool):
        return "" if isinstance(value, bool) else "It is true or false."
    if known := CHOICES.get(path):
        return "" if value in known else f"It is one of {', '.join(known)}."
    if value == "" or (isinstance(value, str) and languages.is_tag(value)):
        return ""
    return "It is a language, as en or pt-BR, or nothing."


def _refusal(problem: str, path: str) -> Invalid:
    # A pointer repeats what the client wrote; what is no word is not repeated.
    shown = path if _WORD.fullmatch(path) else path.rpartition("/")[0]
    pointer = f"preferences/{shown}".rstrip("/")
    return Invalid(f"{pointer}: {problem}", field=pointer)
