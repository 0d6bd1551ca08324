"""Keeping what is known of money and access fresh, and warning while there is time."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import timedelta

from django.utils import timezone

from filmedia.filecoin.beam import Statistics
from filmedia.filecoin.errors import FilecoinError
from filmedia.filecoin.money import account as accounts
from library.models import DataSet
from library.network import funds, ledger, notices, readings
from library.network.connection import Connection

log = logging.getLogger(__name__)

QUOTA_AGE = timedelta(hours=1)


def watch(at: Connection) -> None:
    """Read the account, the access and the ledger anew, and warn where it is time."""
    for name in (readings.ACCOUNT, readings.ACCESS):
        try:
            readings.refresh(at, name)
        except FilecoinError as error:
            log.warning("%s cannot be read: %s", name, error)
    try:
        ledger.follow(at)
    except FilecoinError as error:
        log.warning("The ledger cannot be followed: %s", error)
    _read_quotas(at)
    _warn(at)


def _read_quotas(at: Connection) -> None:
    """What Beam may still send of each data set that is read through it."""
    if not at.network.beam_stats:
        return
    before = timezone.now() - QUOTA_AGE
    due = DataSet.objects.filter(
        provider__network=at.network.name, beam=True, state=DataSet.State.LIVE
    ).exclude(quota_at__gte=before)
    statistics = Statistics(at.network.beam_stats, at.http)
    for row in due:
        try:
            found = at.run(statistics.quota(row.number or 0))
        except FilecoinError as error:
            log.warning("Beam's statistics cannot be read: %s", error)
            return
        told = None if found is None else asdict(found)
        DataSet.objects.filter(pk=row.pk).update(quota=told, quota_at=timezone.now())


def _warn(at: Connection) -> None:
    kept = readings.kept(at.network.name, readings.ACCOUNT)
    if kept is not None and kept.value:
        account, _ = readings.account_of(kept.value)
        notices.funds(at, accounts.alert(account.runway(kept.epoch)))
    access = readings.kept(at.network.name, readings.ACCESS)
    if access is not None and access.value:
        expiry = readings.access_of(access.value).expiry
        notices.access(at, funds.days_until(expiry))
