"""Looking into sealed captions: those of the few films of a page, which the index has found."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable

from library import encryption
from library.errors import KeyUnavailable
from library.keys import searching
from library.search.blinding import SIGN, Blinding
from library.search.terms import Terms
from library.watching import sealing
from library.watching.sealing import Said

log = logging.getLogger(__name__)


def are(captions: str) -> bool:
    """Whether these words of a film's captions are blinded."""
    return captions.startswith(f" {SIGN}")


def counts(captions: dict[str, str], terms: Terms) -> dict[str, int]:
    """By film: how many of the terms its blinded words may have, all of them together."""
    key = searching.found() if captions else None
    if key is None:
        return {}
    blind = Blinding(key.secret).word
    needles = [[word.needle for word in term.blinded(blind)] for term in terms.with_]
    return {
        video: sum(all(needle in words for needle in needles_of_one) for needles_of_one in needles)
        for video, words in captions.items()
    }


def opened(videos: Iterable[str]) -> dict[str, list[Said]]:
    """All that is said in these films. Those that cannot be opened are left out."""
    found: dict[str, list[Said]] = defaultdict(list)
    for caption in sealing.of_films(list(videos)):
        try:
            found[caption.video_id] += sealing.cues(caption)
        except (KeyUnavailable, encryption.Sealed) as error:
            log.error("Captions %s are not looked into: %s", caption.pk, error)
    return found
