"""
What somebody was sent of a film and its renditions, and from where.

Whoever sends bytes knows it, and is no part of the library: it says at its start whom to ask.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from library.models import User, Video
from library.moments import moment


@dataclass(frozen=True)
class Delivered:
    """
    Since somebody began to watch. `is_complete` is False where other processes send as well,
    of which this one does not know what.
    """

    since: datetime | None = None
    sources: Counter[str] = field(default_factory=Counter)
    failovers: int = 0
    is_complete: bool = True


# Of an account, and of films by their ids.
Knowing = Callable[[int, Collection[str]], Delivered]
_knowing: list[Knowing] = []


def ask(knowing: Knowing) -> None:
    """From now on, whoever sends is asked so."""
    _knowing[:] = [knowing]


def to(user: User, video: Video) -> Delivered:
    """What `user` was sent of the film, in whichever quality."""
    renditions = Video.objects.filter(rendition_of=video).values_list("pk", flat=True)
    films = [video.pk, *renditions]
    return _knowing[0](user.pk, films) if _knowing else Delivered()


def describe(video: Video, found: Delivered) -> dict[str, Any]:
    return {
        "video": video.pk,
        "since": moment(found.since),
        "bytes": sum(found.sources.values()),
        "sources": list(_by_size(found.sources.items())),
        "failovers": found.failovers,
        "complete": found.is_complete,
    }


def _by_size(sources: Iterable[tuple[str, int]]) -> Iterable[dict[str, Any]]:
    """Where most came from first; a name without bytes says nothing."""
    for source, size in sorted(sources, key=lambda one: (-one[1], one[0])):
        if size:
            yield {"source": source, "bytes": size}
