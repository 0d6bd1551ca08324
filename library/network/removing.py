"""
Taking pieces out of data sets. The provider is asked with a signature, the chain schedules
it, and the piece leaves at the next proving period. Until then it is served, paid for, and
shown. The rows are about pieces, not films: those may be gone by then.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from filmedia.filecoin.errors import FilecoinError
from filmedia.filecoin.signing import extra_data
from library.models import Copy, DataSet, Payment, Removal
from library.network import providers, readings
from library.network.connection import Connection

log = logging.getLogger(__name__)

State = Removal.State

AT_ONCE = 35
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)


def round(at: Connection) -> bool:
    """Whether something is under way."""
    open_ones = Removal.objects.filter(data_set__provider__network=at.network.name).exclude(
        state=State.GONE
    )
    due = open_ones.filter(next_try_at__lte=timezone.now())
    for data_set in DataSet.objects.filter(removals__in=due).select_related("provider").distinct():
        if providers.rests(data_set.provider):
            continue
        try:
            _follow(at, data_set)
            _send(at, data_set)
        except FilecoinError as error:
            log.warning("Removals from %s: %s", data_set, error)
            _put_off(due.filter(data_set=data_set), error)
    return due.filter(state__in=[State.WAITING, State.SENT]).exists()


def _send(at: Connection, data_set: DataSet) -> None:
    due = list(
        Removal.objects.filter(
            data_set=data_set, state=State.WAITING, next_try_at__lte=timezone.now()
        ).order_by("pk")[:AT_ONCE]
    )
    due = [removal for removal in due if not _is_held(removal)]
    if not due:
        return
    ids = [removal.piece_id for removal in due]
    try:
        readings.access(at).check("SchedulePieceRemovals", int(time.time()))
        extra = extra_data.for_removal(
            at.signer,
            at.service.domain,
            client_data_set_id=int(data_set.client_data_set_id),
            piece_ids=ids,
        )
        # Asked for twice, the contract refuses the second: nothing is counted twice.
        client = at.provider(data_set.provider)
        transaction = at.ask(client, client.remove(data_set.number or 0, ids, extra))
    except FilecoinError as error:
        _put_off(due, error)
        providers.failed(data_set.provider, error)
        return
    Removal.objects.filter(pk__in=[removal.pk for removal in due]).update(
        state=State.SENT,
        transaction=transaction,
        error="",
        next_try_at=timezone.now() + timedelta(seconds=max(4 * at.clock().seconds, 2)),
    )
    Payment.objects.get_or_create(
        reference=f"{at.network.name}:removal:{transaction}",
        defaults={
            "network": at.network.name,
            "kind": Payment.Kind.REMOVE,
            "amount": -readings.prices(at).schedule_piece_removals_fee,
            "transaction": transaction,
            "data_set": data_set,
            "note": f"{len(ids)} pieces",
        },
    )


def _follow(at: Connection, data_set: DataSet) -> None:
    """The chain says which are scheduled, and which have left."""
    waiting = list(Removal.objects.filter(data_set=data_set).exclude(state=State.GONE))
    if not any(removal.state != State.WAITING or removal.attempts for removal in waiting):
        return
    number = data_set.number or 0
    scheduled = at.run(at.service.scheduled_removals(number))
    live = at.run(at.service.piece_cids(number, [one.piece_id for one in waiting]))
    now = timezone.now()
    for removal, cid in zip(waiting, live, strict=True):
        row = Removal.objects.filter(pk=removal.pk)
        if cid is None:
            row.update(state=State.GONE, gone_at=now, error="")
            Copy.objects.filter(
                data_set=data_set, number=removal.piece_id, state=Copy.State.LEAVING
            ).update(state=Copy.State.GONE)
        elif removal.piece_id in scheduled:
            # It leaves at the next proving period, which may be a day away.
            row.update(state=State.SCHEDULED, error="", next_try_at=now + _until_next(at))
        elif removal.state == State.SENT and removal.next_try_at <= now:
            # It was not taken, or its transaction was lost.
            row.update(state=State.WAITING, attempts=F("attempts") + 1)


def _is_held(removal: Removal) -> bool:
    """Whether a film has come to have just this piece since: then it stays."""
    held = Copy.objects.filter(
        data_set=removal.data_set, number=removal.piece_id, state=Copy.State.COMMITTED
    ).exists()
    if held:
        removal.delete()
    return held


def _until_next(at: Connection) -> timedelta:
    period = int(readings.fresh(at, readings.CHAIN, readings.SELDOM)["proving"]["max_period"])
    return timedelta(seconds=max(period * at.clock().seconds / 10, 1.0))


def _put_off(removals: Iterable[Removal], error: FilecoinError) -> None:
    for removal in removals:
        pause = min(FIRST_PAUSE * 2 ** min(removal.attempts, 12), LONGEST_PAUSE)
        Removal.objects.filter(pk=removal.pk).update(
            attempts=F("attempts") + 1, next_try_at=timezone.now() + pause, error=str(error)[:500]
        )
