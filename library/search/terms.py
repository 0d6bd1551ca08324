"""
What somebody types to search, read as terms. Pure; there is nothing that it cannot read.

A word stands for all words that begin with it, so that a list can be narrowed while one
types. "Words in quotes" stand for themselves, next to each other; -word is what a film
shall not have.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from library.search import folding

# Nobody looks for more; a database refuses a question of a thousand parts.
MOST_TERMS, MOST_WORDS, MOST_CHARACTERS = 16, 32, 1_000
_QUOTES = '"“”„«»'
_PART = re.compile(f"(-?)(?:[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]?|([^\\s{_QUOTES}]+))")


@dataclass(frozen=True)
class Term:
    """Words that stand next to each other; the last one may go on, unless it is `whole`."""

    words: tuple[str, ...]
    whole: bool = False

    @property
    def needle(self) -> str:
        """What a padded text (`folding.padded`) contains where it has this term."""
        return f" {' '.join(self.words)}" + (" " if self.whole else "")

    def apart(self) -> tuple[Term, ...]:
        """Its words, each as a term of its own."""
        last = len(self.words) - 1
        return tuple(
            Term((word,), self.whole or place < last) for place, word in enumerate(self.words)
        )

    def blinded(self, blind: Callable[[str], str]) -> tuple[Term, ...]:
        """The same, as sealed captions have them."""
        return tuple(Term((blind(term.words[0]),), term.whole) for term in self.apart())

    def begins(self, found: list[str], place: int) -> bool:
        """Whether it stands at `place` of the words `found`."""
        there = found[place : place + len(self.words)]
        if len(there) < len(self.words) or tuple(there[:-1]) != self.words[:-1]:
            return False
        last = self.words[-1]
        return there[-1] == last if self.whole else there[-1].startswith(last)


@dataclass(frozen=True)
class Terms:
    """`with_` are those a film has to have, each of them; `without` those it must not."""

    with_: tuple[Term, ...] = ()
    without: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.with_ or self.without)


def read(query: str) -> Terms:
    wanted: list[Term] = []
    unwanted: list[Term] = []
    for minus, quoted, bare in _PART.findall(query[:MOST_CHARACTERS]):
        words = tuple(folding.words(quoted or bare)[:MOST_WORDS])
        if words:
            (unwanted if minus else wanted).append(Term(words, whole=bool(quoted)))
    once = tuple(dict.fromkeys(wanted))[:MOST_TERMS]
    return Terms(once, tuple(dict.fromkeys(unwanted))[:MOST_TERMS])
