"""
Which providers there are, which of them are well, and which one holds a film next.

The registry is read into rows now and then. Our own experience stands beside what the
registry says: who failed rests for a while, longer each time, and whoever the operator
excludes gets nothing new.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from django.db import DatabaseError
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from filmedia.filecoin.errors import (
    FilecoinError,
    ProviderError,
    ProviderUnfit,
    ProviderUnreachable,
)
from filmedia.filecoin.provider import choosing
from filmedia.filecoin.provider.addresses import checked_service_url
from filmedia.filecoin.provider.choosing import Candidate
from filmedia.filecoin.provider.offering import Offering
from library.models import Copy, DataSet, Provider
from library.network import connection
from library.network.connection import Connection

log = logging.getLogger(__name__)

REGISTRY_AGE = timedelta(hours=1)


def refresh(at: Connection, age: timedelta = REGISTRY_AGE) -> None:
    """Read the registry where that was longer ago than `age`. Raises FilecoinError."""
    known = Provider.objects.filter(network=at.network.name)
    if age and known.filter(seen_at__gte=timezone.now() - age).exists():
        return
    seen = timezone.now()
    for told in at.run(at.service.providers()):
        try:
            _keep(at, told)
        except (ValueError, DatabaseError) as error:
            # One that writes nonsense about itself is nobody else's trouble.
            log.warning("A provider of the registry is left out: %s", error)
    # Who is not in the registry any more is not to be used, but its rows are still needed.
    known.filter(seen_at__lt=seen).update(active=False, approved=False, endorsed=False)


def choose(
    at: Connection,
    count: int,
    *,
    sizes: Iterable[int],
    taken: Collection[int] = (),
    first: bool,
) -> list[Provider]:
    """
    Up to `count` providers for pieces of these sizes, none of those `taken` (by number).
    With `first` the first of them is an endorsed one. They have just answered a ping.

    Raises FilecoinError where no provider can be had for a first copy.
    """
    refresh(at)
    sizes = list(sizes)
    rows = {row.number: row for row in Provider.objects.filter(network=at.network.name)}
    resting = {row.number for row in rows.values() if rests(row)}
    held = {row.number for row in rows.values() if row.excluded} | resting
    candidates = [_candidate(at, row) for row in rows.values()]

    async def ping(candidate: Candidate) -> None:
        await clients[candidate.provider_id].ping()

    clients = {
        row.number: at.provider(row) for row in rows.values() if row.service_url and not row.unfit
    }
    chosen = at.run(
        choosing.choose(
            candidates,
            count,
            smallest=min(sizes),
            largest=max(sizes),
            exclude=held,
            taken=set(taken),
            first=first,
            ping=ping,
        )
    )
    return [rows[candidate.provider_id] for candidate in chosen]


def answered(row: Provider) -> None:
    Provider.objects.filter(pk=row.pk).update(
        failures=0, failed_at=None, silent_since=None, error="", answered_at=timezone.now()
    )


def failed(row: Provider, error: FilecoinError) -> None:
    """
    It rests for a while, and gets no new films meanwhile. What went wrong on our side, or
    with the chain, is not booked to it.
    """
    if not isinstance(error, ProviderError | ProviderUnreachable):
        return
    if row.failures in {0, 1, 2, 4, 8} or row.failures % 100 == 0:
        log.warning("%s failed (%s in a row before): %s", row, row.failures, error)
    now = timezone.now()
    Provider.objects.filter(pk=row.pk).update(
        failures=F("failures") + 1,
        failed_at=now,
        silent_since=Coalesce("silent_since", now),
        error=str(error)[:500],
    )


def rests(row: Provider) -> bool:
    until = row.rests_until()
    return until is not None and until > timezone.now()


def _candidate(at: Connection, row: Provider) -> Candidate:
    ours = (
        DataSet.objects.filter(
            provider=row,
            owner=connection.owner(),
            state=DataSet.State.LIVE,
            beam=_beam(),
        )
        .annotate(held=Count("copies", filter=Q(copies__state=Copy.State.COMMITTED)))
        .first()
    )
    return Candidate(
        provider_id=row.number,
        name=row.title,
        service_url=row.service_url,
        service_provider=row.service_provider,
        payee=row.payee,
        approved=row.approved,
        endorsed=row.endorsed,
        active=row.active and not row.unfit,
        min_piece_size=row.min_piece_size,
        max_piece_size=row.max_piece_size,
        data_set_id=ours.number if ours else None,
        pieces=ours.held if ours else 0,
    )


def _beam() -> bool:
    from django.conf import settings

    return bool(settings.BEAM)


def _keep(at: Connection, told: dict[str, Any]) -> None:
    info, product = told["providerInfo"], told["product"]
    facts: dict[str, Any] = {
        "name": _clean(info["name"]),
        "service_provider": info["serviceProvider"],
        "payee": info["payee"],
        "approved": told["approved"],
        "endorsed": told["endorsed"],
        "active": info["isActive"] and product["isActive"],
        "seen_at": timezone.now(),
    }
    try:
        offering = Offering.parse(product["capabilityKeys"], told["productCapabilityValues"])
        facts |= {
            "service_url": checked_service_url(
                offering.service_url, allow_insecure=at.network.insecure_providers
            )[:300],
            "min_piece_size": min(offering.min_piece_size, 2**62),
            "max_piece_size": min(offering.max_piece_size, 2**62),
            "unfit": "",
        }
    except ProviderUnfit as error:
        facts |= {"service_url": "", "unfit": error.why[:300]}
    Provider.objects.update_or_create(
        network=at.network.name, number=told["providerId"], defaults=facts
    )


def _clean(name: str) -> str:
    """What a provider calls itself, without what no database or page should be given."""
    return "".join(letter for letter in name if letter.isprintable())[:128]
