"""Keeping what is known of money and access fresh, and warning while there is time."""

from __future__ import annotations

import logging

from filmedia.filecoin.errors import FilecoinError
from filmedia.filecoin.money import account as accounts
from library.network import funds, ledger, notices, readings
from library.network.connection import Connection

log = logging.getLogger(__name__)


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
    _warn(at)


def _warn(at: Connection) -> None:
    kept = readings.kept(at.network.name, readings.ACCOUNT)
    if kept is not None and kept.value:
        account, _ = readings.account_of(kept.value)
        notices.funds(at, accounts.alert(account.runway(kept.epoch)))
    access = readings.kept(at.network.name, readings.ACCESS)
    if access is not None and access.value:
        expiry = readings.access_of(access.value).expiry
        notices.access(at, funds.days_until(expiry))
