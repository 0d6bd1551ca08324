"""
What the chain last said, kept with its age, so that pages never wait for a node.

`fresh` asks again only where the kept answer is too old. An answer that could not be had
leaves the earlier one in place, with the reason beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.utils import timezone

from filmedia.filecoin.errors import FilecoinError
from filmedia.filecoin.money.account import Account, Approval
from filmedia.filecoin.money.prices import PriceList
from filmedia.filecoin.signing.keys import Access
from library.models import Reading
from library.network import connection
from library.network.connection import Connection

PRICES, ACCOUNT, ACCESS, CHAIN = "prices", "account", "access", "chain"
OFTEN, SELDOM = timedelta(seconds=60), timedelta(hours=1)


def prices(at: Connection, age: timedelta = SELDOM) -> PriceList:
    return prices_of(fresh(at, PRICES, age))


def account(at: Connection, age: timedelta = OFTEN) -> tuple[Account, Approval, int]:
    """The owner's account, what the service may use of it, and the epoch of both."""
    told = fresh(at, ACCOUNT, age)
    return (*account_of(told), int(told["epoch"]))


def access(at: Connection, age: timedelta = OFTEN) -> Access:
    return access_of(fresh(at, ACCESS, age))


def fresh(at: Connection, name: str, age: timedelta) -> dict[str, Any]:
    """The kept answer, if it is no older than `age`; else the new one. Raises FilecoinError."""
    kept = Reading.objects.filter(pk=_name(at, name), at__gte=timezone.now() - age).first()
    return kept.value if kept and kept.value else refresh(at, name)


def refresh(at: Connection, name: str) -> dict[str, Any]:
    """Ask now, and keep what was said; or keep why nothing was, and raise that."""
    now = timezone.now()
    try:
        value = _QUESTIONS[name](at)
    except FilecoinError as error:
        told = {"error": str(error)[:500], "tried_at": now}
        Reading.objects.update_or_create(
            pk=_name(at, name), defaults=told, create_defaults=told | {"value": {}}
        )
        raise
    facts = {"value": value, "at": now, "tried_at": now, "error": ""}
    Reading.objects.update_or_create(
        pk=_name(at, name), defaults=facts | {"epoch": value.get("epoch", 0)}
    )
    return value


def kept(network: str, name: str) -> Reading | None:
    """The row, for pages: its value with its age, and the error of a later try."""
    return Reading.objects.filter(pk=f"{network}:{name}").first()


# Amounts are kept as texts: they are larger than numbers of JSON can be trusted to be.


def prices_of(told: dict[str, Any]) -> PriceList:
    return PriceList(**{name: int(value) for name, value in told.items()})


def account_of(told: dict[str, Any]) -> tuple[Account, Approval]:
    return (
        Account(
            int(told["funds"]),
            int(told["lockup_current"]),
            int(told["lockup_rate"]),
            int(told["lockup_last_settled_at"]),
        ),
        Approval(
            bool(told["approved"]),
            int(told["rate_allowance"]),
            int(told["lockup_allowance"]),
            int(told["rate_usage"]),
            int(told["lockup_usage"]),
            int(told["max_lockup_period"]),
        ),
    )


def access_of(told: dict[str, Any]) -> Access:
    expiries = {name: int(expiry) for name, expiry in told["expiries"].items()}
    return Access(told["owner"], told["signer"], expiries)


def _ask_prices(at: Connection) -> dict[str, Any]:
    told = at.run(at.service.price_list())
    return {name: str(value) for name, value in asdict(PriceList.from_abi(told)).items()}


def _ask_account(at: Connection) -> dict[str, Any]:
    found = asdict(at.run(at.service.account(connection.owner())))
    kept = {
        name: str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        for name, value in found.items()
    }
    return kept | {"epoch": int(found["epoch"]), "owner": connection.owner()}


def _ask_access(at: Connection) -> dict[str, Any]:
    found = at.run(at.service.access(connection.owner(), at.signer.address))
    return {
        "owner": found.owner,
        "signer": found.signer,
        "expiries": {name: str(expiry) for name, expiry in found.expiries.items()},
    }


def _ask_chain(at: Connection) -> dict[str, Any]:
    epoch = at.run(at.service.block())
    fwss, pdp = at.run(at.service.versions())
    config = at.run(at.service.proving_config())
    clock = at.clock()
    return {
        "epoch": epoch,
        "versions": {"fwss": fwss, "pdp": pdp},
        "proving": {"max_period": config.max_period, "window": config.window},
        "clock": {"epoch": clock.epoch, "at": clock.at.isoformat(), "seconds": clock.seconds},
    }


_QUESTIONS: dict[str, Callable[[Connection], dict[str, Any]]] = {
    PRICES: _ask_prices,
    ACCOUNT: _ask_account,
    ACCESS: _ask_access,
    CHAIN: _ask_chain,
}


def _name(at: Connection, name: str) -> str:
    return f"{at.network.name}:{name}"
