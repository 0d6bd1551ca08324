"""
Additions of pieces to data sets, each signed once and for all.

A nonce is drawn and written down before anything is signed with it. What is sent again has
the same nonce and the same pieces, so whatever happens to answers, the contract lets it
happen once. Only the chain says whether it has (`clientNonces`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q
from django.utils import timezone

from filmedia.filecoin.cid import PieceCid
from filmedia.filecoin.errors import FilecoinError
from filmedia.filecoin.signing import extra_data, keys
from filmedia.filecoin.signing.typed_data import MAX_PIECES
from library import events
from library.models import Addition, Copy, DataSet, Step, Video
from library.network import connection, readings
from library.network.connection import Connection
from library.storing import steps

log = logging.getLogger(__name__)

State = Addition.State

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=5)

# Pieces of a film that is still being sent wait for each other, but not until forgotten.
LONGEST_WAIT = timedelta(minutes=5)


def extra_data_for(
    at: Connection, data_set: DataSet, nonce: int, cids: Sequence[PieceCid]
) -> bytes:
    """
    What the provider hands to the chain: an addition, and before it the creation of a data
    set that is not there yet. Raises KeyNotAuthorised, NoKey.
    """
    access, now = readings.access(at), int(time.time())
    access.check("AddPieces", now)
    signer, domain = at.signer, at.service.domain
    client_data_set_id = int(data_set.client_data_set_id)
    add = extra_data.for_add(
        signer, domain, client_data_set_id=client_data_set_id, nonce=nonce, cids=cids
    )
    if data_set.number is not None:
        return add
    access.check("CreateDataSet", now)
    create = extra_data.for_create(
        signer,
        domain,
        payer=connection.owner(),
        client_data_set_id=client_data_set_id,
        payee=data_set.provider.payee,
        metadata=data_set.metadata,
    )
    return extra_data.for_create_and_add(create, add)


def draw(at: Connection, data_set: DataSet) -> Addition | None:
    """
    Put the pieces that are ready into an addition, if there are any, and none is on its
    way: one at a time, so that a data set is made once and ids are never in doubt.
    """
    ready = _ready(data_set)
    if not ready:
        return None
    fees = readings.prices(at)
    with transaction.atomic():
        if data_set.additions.filter(state__in=Addition.OPEN).exists():
            return None
        now = timezone.now()
        creates = data_set.number is None
        addition = Addition.objects.create(
            data_set=data_set,
            nonce=str(keys.new_nonce()),
            creates=creates,
            cids=[copy.piece.piece_cid for copy in ready],
            fee=fees.add_fee(len(ready)) + (fees.create_data_set_fee if creates else 0),
            drawn_at=now,
        )
        # Conditional, because a film may have been erased meanwhile.
        taken = Copy.objects.filter(
            pk__in=[copy.pk for copy in ready], state=Copy.State.STORED, addition=None
        ).update(state=Copy.State.COMMITTING, addition=addition, data_set=data_set)
        if taken != len(ready):
            transaction.set_rollback(True)
            return None
    return addition


def _ready(data_set: DataSet) -> list[Copy]:
    """Up to 40 parked copies of different pieces that wait no longer for others."""
    parked = list(
        Copy.objects.filter(
            holder=data_set.provider,
            state=Copy.State.STORED,
            addition=None,
            piece__video__trashed_at=None,
        )
        .select_related("piece")
        .order_by("parked_at", "pk")[: MAX_PIECES * 4]
    )
    # What is in the data set already, or on its way, is never added once more.
    cids = {copy.piece.piece_cid for copy in parked}
    known = set(
        Copy.objects.filter(
            holder=data_set.provider,
            piece__piece_cid__in=cids,
            state__in=[Copy.State.COMMITTING, Copy.State.COMMITTED],
        ).values_list("piece__piece_cid", flat=True)
    )
    different: dict[str, Copy] = {}
    for copy in parked:
        if copy.piece.piece_cid not in known:
            different.setdefault(copy.piece.piece_cid, copy)
    ready = list(different.values())[:MAX_PIECES]
    return ready if ready and _wait_no_longer(data_set, ready) else []


def _wait_no_longer(data_set: DataSet, ready: list[Copy]) -> bool:
    if len(ready) == MAX_PIECES:
        return True
    now = timezone.now()
    oldest = min(copy.parked_at or now for copy in ready)
    if now - oldest > LONGEST_WAIT:
        return True
    # More of the same films, or of others, is just arriving there.
    arriving = Copy.objects.filter(
        holder=data_set.provider,
        state=Copy.State.WANTED,
        piece__video__steps__kind=Step.Kind.STORE,
        piece__video__steps__state=Step.State.RUNNING,
    )
    if arriving.exists():
        return False
    newest = Copy.objects.filter(holder=data_set.provider, state=Copy.State.STORED).aggregate(
        at=Max("parked_at")
    )["at"]
    gather = timedelta(seconds=settings.COMMIT_GATHER_SECONDS)
    return newest is None or now - newest >= gather


def videos(addition: Addition, cids: Iterable[str] | None = None) -> list[Video]:
    copies = Q(pieces__copies__addition=addition)
    if cids is not None:
        copies |= Q(
            pieces__piece_cid__in=list(cids),
            pieces__copies__holder=addition.data_set.provider,
        )
    return list(Video.objects.filter(copies).distinct())


def move(addition: Addition, before: Addition.State, **facts: object) -> bool:
    """A conditional UPDATE: False where somebody else moved it first."""
    moved = Addition.objects.filter(pk=addition.pk, state=before).update(**facts)
    if moved:
        for name, value in facts.items():
            setattr(addition, name, value)
    return bool(moved)


def put_off(
    addition: Addition, error: FilecoinError, help: str = "", *, sent: bool = False
) -> None:
    """The same again, later; with `sent` it has happened, and is only followed."""
    pause = min(FIRST_PAUSE * 2 ** min(addition.attempts, 12), LONGEST_PAUSE)
    told = getattr(error, "retry_after", None)
    if told:
        pause = min(max(pause, timedelta(seconds=told)), LONGEST_PAUSE)
    log.warning("%s: put off for %s: %s", addition, pause, error)
    with transaction.atomic():
        Addition.objects.filter(pk=addition.pk, state__in=Addition.OPEN).update(
            state=State.SENT if sent else State.DRAWN,
            transaction="",
            attempts=F("attempts") + 1,
            next_try_at=timezone.now() + pause,
            error=str(error)[:500],
            help=help[:30],
        )
        for video in videos(addition):
            events.record(
                "commit.retrying",
                video=video,
                error=str(error)[:500],
                help=help,
                provider=addition.data_set.provider.title,
            )


def data_set_has_ended(at: Connection, addition: Addition, error: FilecoinError) -> None:
    """
    A provider, or a revert that it tells of, says that nothing can be added any more. The
    chain is asked; if it says so too, the pieces go into a new data set.
    """
    number = addition.data_set.number
    if number is None:
        put_off(addition, error)
        return
    nonce = at.run(at.service.nonces(connection.owner(), [int(addition.nonce)]))[0]
    _, [reading] = at.run(at.service.proofs([number]))
    if nonce or (reading.live and not reading.pdp_end_epoch):
        put_off(addition, error, sent=bool(nonce))
        return
    log.warning("%s has ended", addition.data_set)
    with transaction.atomic():
        DataSet.objects.filter(pk=addition.data_set.pk).update(state=DataSet.State.ENDING)
        let_go(addition, str(error))


def let_go(addition: Addition, reason: str) -> bool:
    """Its pieces are to go into another. False where it is not open (any more)."""
    given_up = Addition.objects.filter(pk=addition.pk, state__in=Addition.OPEN).update(
        state=State.ABANDONED, error=reason[:500]
    )
    if given_up:
        Copy.objects.filter(addition=addition, state=Copy.State.COMMITTING).update(
            state=Copy.State.STORED, addition=None, data_set=None, pull_nonce=""
        )
    return bool(given_up)


def is_pointless(at: Connection, addition: Addition) -> bool:
    """
    Whether pieces of it are of films that were erased since. It is let go then, if the chain
    says that it never happened.
    """
    if addition.copies.count() == len(addition.cids):
        return False
    if addition.sent_at is not None:
        nonce = at.run(at.service.nonces(connection.owner(), [int(addition.nonce)]))[0]
        if nonce:
            move(addition, State.DRAWN, state=State.SENT)
            return True
    with transaction.atomic():
        return let_go(addition, "Films of it were erased before it was sent.")


def under_way(kind: Step.Kind) -> Exists:
    """Of films: whether a step of this kind waits or runs."""
    return Exists(
        Step.objects.filter(
            video=OuterRef("pk"),
            kind=kind,
            state__in=[Step.State.WAITING, Step.State.RUNNING],
        )
    )


def store_again(video: Video) -> None:
    """Have what a film lacks stored, inside the transaction that found it lacking."""
    step = steps.enqueue(video, Step.Kind.STORE)
    now = timezone.now()
    Step.objects.filter(pk=step.pk).exclude(state=Step.State.RUNNING).update(
        state=Step.State.WAITING,
        attempts=0,
        deaths=0,
        next_try_at=now,
        updated_at=now,
        total_bytes=video.size * video.wanted_copies,
    )
