"""
Verify a film on a network: read every copy back from its provider and hold it against the
film's block roots. Only then do the bytes on this machine go.
"""

from __future__ import annotations

import logging
import shutil

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from filmedia.filecoin.errors import FilecoinError, NotThere, WrongAnswer
from filmedia.filecoin.provider.client import Provider as Client
from library import events, places
from library.models import Addition, Copy, Piece, Video
from library.network import additions, block_roots, connection, copies, providers, states
from library.network.copies import StoredPiece
from library.network.errors import CopiesUnread
from library.storing import shelf
from library.storing.lease import Lease

log = logging.getLogger(__name__)


def run(lease: Lease) -> None:
    video = lease.step.video
    # Without them nothing that is read can be believed.
    block_roots.have(lease, video)
    done, unread, wrong = 0, "", False
    for copy in _committed(video):
        assert copy.holder is not None
        if copy.verified_at is None:
            try:
                done = _read(lease, video, copy, done)
            except (NotThere, WrongAnswer) as error:
                _lost(lease, video, copy, error)
                wrong = True
            except FilecoinError as error:
                providers.failed(copy.holder, error)
                unread = str(error)
        else:
            done += copy.piece.size
    if unread:
        raise CopiesUnread(unread)
    with lease.finish():
        events.record("video.verified", video=video)
        released = not wrong and _release(video)
        states.settle(video)
    if released:
        _remove_local(video)


def _committed(video: Video) -> list[Copy]:
    return list(
        Copy.objects.filter(piece__video=video, holder__isnull=False, state=Copy.State.COMMITTED)
        .select_related("piece", "holder")
        .order_by("piece__index", "pk")
    )


def _read(lease: Lease, video: Video, copy: Copy, done: int) -> int:
    """Read one copy to its end. Returns how many bytes of the step are done then."""
    at = connection.current()
    assert copy.holder is not None
    client, stored = at.provider(copy.holder), copies.stored_piece(video, copy.piece)
    read = 0

    async def read_all(client: Client, stored: StoredPiece) -> None:
        nonlocal read
        async for portion in copies.read_all(client, stored):
            read += len(portion)

    at.run(read_all(client, stored), lambda: lease.report(done + min(read, copy.piece.size)))
    now = timezone.now()
    with lease.commit():
        Copy.objects.filter(pk=copy.pk).update(verified_at=now, fault="")
    providers.answered(copy.holder)
    return done + copy.piece.size


def _lost(lease: Lease, video: Video, copy: Copy, error: FilecoinError) -> None:
    with lease.commit():
        lose(copy, video, str(error))


def lose(copy: Copy, video: Video, fault: str, *, doubt: bool = False) -> None:
    """
    A copy that is not to be counted on; another is made, inside the same transaction. With
    `doubt` its bytes may still be right: it is read from where there is nothing surer.
    """
    state = Copy.State.DOUBTED if doubt else Copy.State.LOST
    log.warning("%s is %s: %s", copy, state, fault)
    changed = Copy.objects.filter(pk=copy.pk, state=copy.state).update(
        state=state, fault=fault[:500], verified_at=None
    )
    if changed:
        events.record(
            f"copy.{state}",
            video=video,
            piece=copy.piece.index,
            provider=copy.provider,
            fault=fault,
        )
        additions.store_again(video)
        states.settle(video)


def _release(video: Video) -> bool:
    """Whether the local bytes are needed no more: every wanted copy was read back right."""
    wanted = video.wanted_copies
    for piece in Piece.objects.filter(video=video):
        # Final on chain, or taken in from there as it was.
        final = Q(addition__state=Addition.State.SAFE) | Q(addition=None)
        read = piece.copies.filter(
            final, holder__isnull=False, state=Copy.State.COMMITTED, verified_at__isnull=False
        )
        if read.count() < wanted:
            return False
    Video.objects.filter(pk=video.pk).update(staging="")
    return True


def _remove_local(video: Video) -> None:
    if video.staging:
        shutil.rmtree(places.staging(video.staging), ignore_errors=True)
    for piece in Piece.objects.filter(video=video):
        with transaction.atomic():
            Copy.objects.filter(piece=piece, provider=Copy.LOCAL).delete()
            shelf.let_go_of_moved(piece.piece_cid)
