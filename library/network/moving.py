"""Films that were stored on this machine go to a network; films out there are looked at again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from library import events
from library.errors import NotFound, WrongState
from library.models import Copy, Video
from library.network import additions, connection
from library.network.reading_back import lose


def movable(film: str | None = None) -> list[Video]:
    """The films that are on this machine only; one of them, by its id, or NotFound."""
    films = Video.objects.filter(network=Copy.LOCAL, trashed_at=None, size__gt=0).exclude(
        state=Video.State.RECEIVED
    )
    if film is None:
        return list(films.order_by("created_at"))
    found = films.filter(pk=film).first()
    if found is None:
        raise NotFound(f"There is no film {film} that is stored on this machine.")
    return [found]


def move(films: Sequence[Video]) -> int:
    """
    Have them stored on the network of the settings. The bytes here stay until all copies
    are committed and read back. Returns how many were put down.
    """
    network = connection.network().name
    return sum(_move(video, network) for video in films)


def _move(video: Video, network: str) -> bool:
    with transaction.atomic():
        moved = Video.objects.filter(pk=video.pk, network=Copy.LOCAL).update(
            network=network, wanted_copies=settings.COPIES, updated_at=timezone.now()
        )
        if not moved:
            return False
        video.refresh_from_db()
        additions.store_again(video)
        events.record("video.moving", video=video, network=network)
    return True


def store(film: str) -> Video:
    """
    Have a film's copies looked at and made whole: what was lost is made anew. Raises
    NotFound, or WrongState for a film of this machine.
    """
    video = Video.objects.filter(pk=film).first()
    if video is None:
        raise NotFound(f"There is no film {film}.")
    if video.is_local:
        raise WrongState(f"{film} is stored on this machine; `move-to` moves it.")
    with transaction.atomic():
        _forget_lost(video)
        additions.store_again(video)
        events.record("video.storing", video=video)
    return video


def _forget_lost(video: Video) -> None:
    """A provider that has lost a piece may be asked for it again, if somebody wants that."""
    Copy.objects.filter(piece__video=video, state=Copy.State.LOST, number=None).delete()


def repair(copies: Iterable[Copy], fault: str) -> int:
    """Give these copies up, and have others made."""
    count = 0
    for copy in copies:
        with transaction.atomic():
            lose(copy, copy.piece.video, fault)
        count += 1
    return count
