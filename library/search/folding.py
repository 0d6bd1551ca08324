"""
Words as they are compared, and where in a text they stand. Pure.

Case, accents, vowel points and the width of letters do not count. Scripts without spaces
between words are taken letter by letter. Every database searches what was folded here, and
so each of them finds the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

MOST_LETTERS = 100

# Accents of Latin, Greek and Cyrillic letters; points of Hebrew and Arabic ones.
_DROPPED = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")
# Letters with a stroke or joined ones, which Unicode takes for letters of their own.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h"}
    | {"\N{LATIN SMALL LETTER DOTLESS I}": "i"}
)
_MARKS = "".join(
    chr(code)
    for code in (*range(0x0370, 0x1C00), 0x3099, 0x309A)
    if unicodedata.category(chr(code)) in {"Mn", "Mc"}
)
# Thai, Lao, Burmese, Khmer; kana; Chinese characters.
_ALONE = (
    "\u0e00-\u0e4f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_TOKEN = re.compile(f"[{_ALONE}][{_MARKS}]*|(?:(?![{_ALONE}])[^\\W_]|[{_MARKS}])+")
_ASCII_TOKEN = re.compile("[0-9a-z]+")


class Token(NamedTuple):
    """A folded word, and the half-open window of the text that it is."""

    word: str
    start: int
    end: int


def words(text: str) -> list[str]:
    # Most text is, and then there is nothing to look for.
    plain = text.isascii()
    found = _ASCII_TOKEN.findall(text.lower()) if plain else _TOKEN.findall(_fold(text))
    return [word[:MOST_LETTERS] for word in found]


def padded(words: Iterable[str]) -> str:
    """Words as one text in which each has a space before and behind it."""
    text = " ".join(words)
    return f" {text} " if text else ""


def tokens(text: str) -> Iterator[Token]:
    """The same words as `words` finds, and where they are."""
    folded, places = [], []
    for place, character in enumerate(text):
        letters = _fold_one(character)
        folded.append(letters)
        places += [place] * len(letters)
    for found in _TOKEN.finditer("".join(folded)):
        yield Token(found[0][:MOST_LETTERS], places[found.start()], places[found.end() - 1] + 1)


def _fold(text: str) -> str:
    # Folding case may give what is composed again.
    cased = unicodedata.normalize("NFKD", text).casefold()
    return _DROPPED.sub("", unicodedata.normalize("NFKD", cased)).translate(_PLAIN)


@lru_cache(maxsize=4096)
def _fold_one(character: str) -> str:
    return _fold(character)
