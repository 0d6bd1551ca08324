"""Store and verify, on whichever network the film is: a folder here, or providers out there."""

from __future__ import annotations

from library.models import Copy, Video
from library.network import connection, placing, reading_back
from library.storing import store as on_shelf
from library.storing import verify as shelved
from library.storing.lease import Lease


def store(lease: Lease) -> None:
    (on_shelf if _stays_here(lease.step.video) else placing).run(lease)


def verify(lease: Lease) -> None:
    (shelved if _is_here(lease.step.video) else reading_back).run(lease)


def _stays_here(video: Video) -> bool:
    """
    A film that is new goes where the settings say. One that is stored stays where it is:
    only `filecoin move-to` moves it.
    """
    if video.network != Copy.LOCAL:
        return False
    has_copies = Copy.objects.filter(piece__video=video, provider=Copy.LOCAL).exists()
    return connection.is_local() or has_copies


def _is_here(video: Video) -> bool:
    return video.network == Copy.LOCAL
