"""
Fetching a film piece by piece, each from the first place that has it.

A piece counts once all of it came and is what its PieceCID names, and then for good: after
a crash the next worker goes on with the piece behind it. A place that gives other bytes is
not asked again for this film. Where nothing can come of it, nothing of it is kept.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from filmedia.filecoin.piece import PieceCid
from library.errors import ChecksumMismatch, Invalid, Refusal, UploadGone
from library.importing import pieces
from library.importing.lease import Lease, claim
from library.importing.pieces import Place
from library.importing.reading import PieceSum, Reading
from library.models import Import, Provider, Upload
from library.network import connection
from library.storing import steps
from library.storing.errors import Interrupted, LeaseLost, Unexpected
from library.uploads import receiving

log = logging.getLogger(__name__)

# With their pauses, about half an hour.
TRIES = 10
At = Callable[[int], object]


class NotFetched(Exception):
    """It did not come this time; the text is a sentence. `lasting`: nor will it another time."""

    def __init__(self, sentence: str, *, lasting: bool = False) -> None:
        self.lasting = lasting
        super().__init__(sentence)


def take_one(worker: str, stopping: threading.Event | None = None) -> bool:
    """Work on the import that is due; False where there is none."""
    lease = claim(worker, stopping)
    if lease is not None:
        with suppress(Interrupted):
            perform(lease)
    return lease is not None


def perform(lease: Lease, at: At = lambda position: None) -> Import:
    """
    Fetch it, or write down why it did not come. `at` is told how many bytes are here.

    Raises Interrupted where the worker is to stop; what is here by then is kept.
    """
    try:
        with lease.renewed():
            _fetch(lease, at)
    except Interrupted:
        lease.write(state=Import.State.WAITING, lease_until=None, worker="")
        raise
    except LeaseLost:
        log.info("The import %s was taken by another worker, or ended", lease.row.pk)
    except NotFetched as error:
        _put_off(lease, error)
    except Refusal as refusal:
        _put_off(lease, NotFetched(refusal.detail))
    except Exception as error:
        log.exception("The import %s met something unexpected", lease.row.pk)
        _put_off(lease, NotFetched(str(Unexpected(error))))
    lease.row.refresh_from_db()
    return lease.row


def _fetch(lease: Lease, at: At) -> None:
    row, upload = lease.row, lease.row.upload
    if upload is None:
        raise NotFetched("Its upload was forgotten.", lasting=True)
    end = 0
    for cid in map(PieceCid.parse, row.cids):
        start, end = end, end + cid.size
        at(start)
        if upload.offset >= end:
            continue
        if upload.state != Upload.State.RECEIVING:
            raise NotFetched("Its upload was ended.", lasting=True)
        if upload.offset != start:
            raise NotFetched("Other bytes were put into its upload meanwhile.", lasting=True)
        upload = _piece(lease, upload, cid, at)
    receiving.finish(upload)
    lease.write(
        state=Import.State.DONE, error="", lease_until=None, finished_at=timezone.now(), worker=""
    )


def _piece(lease: Lease, upload: Upload, cid: PieceCid, at: At) -> Upload:
    """Have one piece, from whichever place gives it."""
    start, troubles, lasting = upload.offset, [], True

    def go_on(position: int) -> None:
        lease.go_on()
        at(start + position)

    for place in places(lease.row):
        summed = PieceSum.of(cid)
        try:
            with Reading(place, cid, go_on) as reading:
                upload = receiving.receive(
                    upload, reading, offset=start, announced=cid.size, checksum=summed
                )
        except ChecksumMismatch:
            lease.write(avoided=[*lease.row.avoided, place.url])
            troubles.append(
                f"{place.url} gives other bytes than those of {cid}: theirs are {summed.found}."
            )
            continue
        except UploadGone as gone:
            raise NotFetched(gone.detail, lasting=True) from None
        if upload.offset > start:
            return upload
        troubles.append(str(reading.error))
        lasting = False
    if not troubles:
        raise NotFetched(_NOBODY, lasting=bool(lease.row.avoided))
    raise NotFetched(" ".join(troubles), lasting=lasting)


_NOBODY = "Nobody is left who could be asked for its pieces."


def places(row: Import) -> list[Place]:
    """
    Where to ask, those that were wrong left out. What may be asked is looked at again.

    Raises NotFetched where none of it may be.
    """
    try:
        named = pieces.places(row.sources) or _providers()
    except Invalid as refusal:
        raise NotFetched(refusal.detail, lasting=True) from None
    return [place for place in named if place.url not in row.avoided]


def _providers() -> list[Place]:
    """Those of the network: whoever committed a piece there is one of them."""
    if connection.is_local():
        return []
    network = connection.network()
    rows = Provider.objects.filter(network=network.name, active=True).exclude(service_url="")
    return [
        Place(row.service_url, network.insecure_providers)
        for row in rows.order_by("-endorsed", "-approved", "failures", "pk")
    ]


def _put_off(lease: Lease, error: NotFetched) -> None:
    attempts = lease.row.attempts + 1
    facts = {"attempts": attempts, "error": str(error)[:500], "lease_until": None, "worker": ""}
    with suppress(LeaseLost), transaction.atomic():
        if not error.lasting and attempts < TRIES:
            pause = timedelta(seconds=steps.pause_after(attempts))
            lease.write(state=Import.State.WAITING, next_try_at=timezone.now() + pause, **facts)
            return
        lease.write(state=Import.State.FAILED, finished_at=timezone.now(), **facts)
        upload = lease.row.upload
        if upload is not None:
            with suppress(UploadGone):
                receiving.cancel(upload)
    log.warning("The import %s has failed: %s", lease.row.pk, error)
