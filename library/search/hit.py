"""Where in a film the words were found that somebody searched for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Hit:
    """
    `words` is the place as it reads, in parts: each a text, and whether it was searched for.
    `start` (seconds) and `language` are of captions only.
    """

    where: str
    words: tuple[tuple[str, bool], ...]
    start: float | None = None
    language: str | None = None

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.words)


def describe(hit: Hit | None) -> dict[str, Any] | None:
    if hit is None:
        return None
    return {
        "where": hit.where,
        "words": [{"text": text, "match": match} for text, match in hit.words],
        "start": hit.start,
        "language": hit.language,
    }
