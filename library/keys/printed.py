"""
A library key as a person copies it from paper: in groups, with a checksum behind it. Pure.
"""

from __future__ import annotations

import hashlib
import re

from library.keys.wrapping import LEAST_LETTERS, LibraryKey

_HEX_KEY = re.compile(r"[0-9a-f]{64}")
_CHECK_LETTERS = 4
_GROUP = 4


class Mistyped(ValueError):
    """The text is a sentence for whoever typed it."""


def spelled(key: LibraryKey) -> list[str]:
    """The groups to print: those of the key, and last its checksum."""
    text = key.text
    if not _HEX_KEY.fullmatch(text):
        # Whatever an operator chose for a key is copied letter by letter.
        return [text, checksum(text)]
    groups = [text[at : at + _GROUP] for at in range(0, len(text), _GROUP)]
    return [*groups, checksum(text)]


def read(typed: str) -> LibraryKey:
    """
    The key that somebody typed or pasted, with its checksum or without.

    Spaces, dashes, line breaks and capitals are forgiven. Raises Mistyped.
    """
    squeezed = re.sub(r"[\s-]", "", typed).lower()
    if _HEX_KEY.fullmatch(squeezed):
        return LibraryKey(squeezed)
    if _HEX_KEY.fullmatch(squeezed[:64]) and len(squeezed) == 64 + _CHECK_LETTERS:
        return _checked(squeezed[:64], squeezed[64:])
    if re.fullmatch(r"[0-9a-f]{50,80}", squeezed):
        raise Mistyped(
            f"The key has 16 groups of 4 and one more for its checksum; {len(squeezed)} "
            "letters were typed. Is a group missing, or there twice?"
        )
    text, _, check = typed.strip().rpartition(" ")
    if text and len(check) == _CHECK_LETTERS and checksum(text.strip()) == check.lower():
        return LibraryKey(text.strip())
    if len(typed.strip()) < LEAST_LETTERS:
        raise Mistyped("That is too short to be a library key.")
    return LibraryKey(typed.strip())


def checksum(text: str) -> str:
    return hashlib.sha256(b"filmedia printed key " + text.encode()).hexdigest()[:_CHECK_LETTERS]


def _checked(text: str, check: str) -> LibraryKey:
    if checksum(text) != check:
        raise Mistyped("There is a typing error in the key: its checksum does not fit.")
    return LibraryKey(text)
