"""
Words as an index may keep them that must not read them. Pure.

A blinded word says for each of its letters what no one can say without the key: a code of all
letters up to there. So it begins with whatever the beginning of the word is blinded to, and
an index finds the beginnings of words as it does in clear. It begins with a sign that no folded
word has.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from itertools import product

SIGN = "§"
MOST_LETTERS = 24
# Three characters, which stand for 15 bits.
_CODES = ["".join(three) for three in product("abcdefghijklmnopqrstuvwxyz234567", repeat=3)]


class Blinding:
    """With one key; what was blinded once is not blinded again."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._codes: dict[str, str] = {}

    def word(self, word: str) -> str:
        word = word[:MOST_LETTERS]
        return SIGN + "".join(self._code(word[:end]) for end in range(1, len(word) + 1))

    def words(self, words: Iterable[str], most_bytes: int) -> list[str]:
        """Each of these once, without the order they had: as many as there is room for."""
        return sorted(set(self._within(words, most_bytes)))

    def _within(self, words: Iterable[str], room: int) -> Iterator[str]:
        for word in dict.fromkeys(words):
            blinded = self.word(word)
            room -= len(blinded.encode())
            if room < 0:
                return
            yield blinded

    def _code(self, beginning: str) -> str:
        code = self._codes.get(beginning)
        if code is None:
            digest = hmac.digest(self._secret, beginning.encode(), "sha256")
            code = _CODES[int.from_bytes(digest[:2], "big") % len(_CODES)]
            # The first letter has more: many scripts have whole words of one letter.
            if len(beginning) == 1:
                code += _CODES[int.from_bytes(digest[2:4], "big") % len(_CODES)]
            self._codes[beginning] = code
        return code
