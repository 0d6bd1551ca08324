"""Deposits into the account, followed from block to block into the ledger."""

from __future__ import annotations

from django.utils import timezone

from filmedia.filecoin.chain import history
from library.models import Payment, Reading
from library.network import connection
from library.network.connection import Connection


def follow(at: Connection) -> int:
    """
    Take down the deposits since the last look. Nodes remember about a day, so one that was
    made while nobody looked for longer is missing in the ledger, not in the balance.
    """
    name = f"{at.network.name}:ledger"
    row, _ = Reading.objects.get_or_create(pk=name)
    head = at.run(at.service.block())
    start = row.epoch + 1 if row.epoch else 0
    found = at.run(history.deposits(at.service, connection.owner(), start))
    clock = at.clock()
    for one in found:
        Payment.objects.get_or_create(
            reference=f"{at.network.name}:deposit:{one['transaction']}:{one['index']}",
            defaults={
                "network": at.network.name,
                "kind": Payment.Kind.DEPOSIT,
                "amount": one["amount"],
                "at": clock.time(one["block"]),
                "transaction": one["transaction"],
            },
        )
    # A few blocks are looked at twice, because a reorganisation may change them.
    kept = max(head - at.network.settled, 0)
    Reading.objects.filter(pk=name).update(epoch=kept, at=timezone.now(), tried_at=timezone.now())
    return len(found)
