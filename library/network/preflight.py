"""
Money before action: what films that somebody is about to send would cost, in figures and in
words. From what was last read of the chain; nobody who chooses a file waits for a node.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from filmedia.filecoin.money import account as accounts
from filmedia.filecoin.money import amounts
from filmedia.filecoin.money.deposit import Plan, plan
from filmedia.filecoin.money.prices import PriceList
from library.models import Upload, User
from library.moments import moment
from library.network import connection, funds, readings, summary
from library.network.funds import Wanted


@dataclass(frozen=True)
class Preflight:
    """`plan` is None where the chain was never heard. `problem` names what has to be done."""

    plan: Plan | None
    prices: PriceList | None
    problem: str
    sentence: str
    action: str
    read_at: str | None


def preflight(sizes: Sequence[int]) -> Preflight | None:
    """For films of these sizes together; None on a network that costs nothing."""
    if connection.is_local():
        return None
    at = connection.network().name
    prices, account = readings.kept(at, readings.PRICES), readings.kept(at, readings.ACCOUNT)
    if prices is None or account is None or not prices.value or not account.value:
        words = "What this costs is not known yet: the chain has not been heard."
        return Preflight(None, None, "reach chain", words, "", None)
    known = readings.prices_of(prices.value)
    found = _plan(sizes, known, account)
    problem, action = _problem(at, found)
    return Preflight(found, known, problem, _sentence(found, problem), action, moment(account.at))


def described(found: Preflight, sizes: Sequence[int]) -> dict[str, Any]:
    """As the API tells it; amounts are decimal texts of USDFC."""
    prices = found.prices
    films = [
        {"size": size, "per_month": amounts.exact(per_month(prices, size)) if prices else None}
        for size in sizes
    ]
    told = plan_data(found.plan) if found.plan else NO_PLAN
    return {
        **told,
        "copies": settings.COPIES,
        "problem": found.problem,
        "ready": not found.problem,
        "sentence": found.sentence,
        "action": found.action,
        "read_at": found.read_at,
        "films": films,
    }


def per_month(prices: PriceList, size: int, copies: int | None = None) -> int:
    """
    What a film adds, with all its copies (as many as are wanted today, if it is not said);
    the data sets' own fee is nobody's in particular.
    """
    alone = prices.rate_per_month(size) - (prices.dataset_fee_per_month if size else 0)
    return max(alone, 0) * (settings.COPIES if copies is None else copies)


def waiting(user: User) -> list[int]:
    """Sizes of what `user` is sending at this moment."""
    under_way = Upload.objects.writable_by(user).receiving()
    return [length for length in under_way.values_list("length", flat=True) if length]


def _plan(sizes: Sequence[int], prices: PriceList, account: Any) -> Plan:
    money, approval = readings.account_of(account.value)
    epoch = summary.epoch_now(connection.network().name, account)
    films = [Wanted(size, funds.pieces_of(size)) for size in sizes]
    items = funds.items(connection.network().name, films, settings.COPIES)
    return plan(prices, money, approval, epoch, items)


def _problem(network: str, found: Plan) -> tuple[str, str]:
    """What is in the way, and what the one button says to do about it."""
    access = summary.access(network)
    if access.problem:
        return "renew key", "Renew access"
    if found.problem == "approve":
        return "approve", "Let the storage service use the deposit"
    if found.deposit:
        return "deposit", f"Add {amounts.shown(found.deposit)}"
    if found.problem:
        return "raise limit", "Raise the spending limit"
    if access.days is not None and access.days < 7:
        words = "today" if access.days == 0 else f"within {access.days} days"
        return "", f"Renew access {words}"
    return "", ""


def _sentence(found: Plan, problem: str) -> str:
    words = [
        f"{amounts.shown(found.per_month)} a month, {amounts.shown(found.fees)} once; "
        f"{amounts.shown(found.lockup)} are locked while it is stored."
    ]
    before, after = accounts.days(found.runway_before), accounts.days(found.runway_after)
    if not problem and after is not None:
        words.append(
            f"The money lasts {after:,} days then."
            if before is None
            else f"The money lasts {after:,} days then, instead of {before:,}."
        )
    if problem:
        words.append("Films can be received all the same; they are safe here and wait.")
    return " ".join(words)


def plan_data(found: Plan) -> dict[str, Any]:
    """As the API and the pages tell it: amounts as decimal texts of USDFC."""
    return {
        "currency": "USDFC",
        "per_month": amounts.exact(found.per_month),
        "one_time": amounts.exact(found.fees),
        "locked": amounts.exact(found.lockup),
        "deposit": amounts.exact(found.deposit),
        "ready": found.is_ready,
        "problem": found.problem or ("deposit" if found.deposit else ""),
        "runway_days_before": accounts.days(found.runway_before),
        "runway_days_after": accounts.days(found.runway_after),
    }


NO_PLAN = dict.fromkeys(
    (
        "per_month",
        "one_time",
        "locked",
        "deposit",
        "runway_days_before",
        "runway_days_after",
    )
) | {"currency": "USDFC"}
