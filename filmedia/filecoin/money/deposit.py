"""
What has to be deposited before something can be stored, to the last digit.

One copy of a film goes into one data set at one provider, so a film of k copies is k
`Item`s, each reckoned after the one before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from . import amounts
from .account import Account, Approval, Finding
from .prices import MONTH, PriceList

# Epochs between asking and the chain's answer, during which the account is charged.
BUFFER_EPOCHS = 5


@dataclass(frozen=True)
class Item:
    """Bytes and pieces that are to go into one data set. `old` is what it holds before."""

    size: int
    pieces: int
    old: int = 0
    new_data_set: bool = False
    beam: bool = False


@dataclass(frozen=True)
class Needed:
    """Of one item or of several: amounts in 1e-18 USDFC, the rate per epoch."""

    rate: int
    lockup: int
    fees: int
    deposit: int


def needed(
    prices: PriceList, account: Account, epoch: int, item: Item, *, extra_runway: int = 0
) -> Needed:
    """`extra_runway` is in epochs: so long what is stored then should be paid for besides."""
    rate, lockup, fees = cost(prices, item)
    return Needed(
        rate, lockup, fees, _deposit(account, epoch, rate, lockup, fees, item, extra_runway)
    )


def cost(prices: PriceList, item: Item) -> tuple[int, int, int]:
    """Rate, lockup and one-time fees of an item."""
    before = 0 if item.new_data_set else prices.rate_per_epoch(item.old)
    rate = prices.rate_per_epoch(item.old + item.size) - before
    lockup, fees = rate * MONTH, prices.add_fee(item.pieces)
    if item.new_data_set:
        fees += prices.create_data_set_fee
        lockup += prices.lifecycle_reserve_target
        if item.beam:
            lockup += prices.cdn_lockup_amount + prices.cache_miss_lockup_amount
    return rate, lockup, fees


@dataclass(frozen=True)
class Plan:
    """
    What several items cost together. Runways in epochs, None where nothing is paid; the one
    after is as it would be with `deposit` added. `problem` is what is missing beside money:
    "", "approve" or "raise limit"; `findings` say more of it.
    """

    rate: int
    per_month: int
    lockup: int
    fees: int
    deposit: int
    problem: str
    runway_before: int | None
    runway_after: int | None
    findings: tuple[Finding, ...] = ()

    @property
    def reasons(self) -> list[str]:
        """Sentences that say what has to be done first; none where it is ready."""
        money = [f"Add {amounts.shown(self.deposit)}."] if self.deposit else []
        return [finding.sentence for finding in self.findings] + money

    @property
    def is_ready(self) -> bool:
        return self.deposit == 0 and not self.problem


def plan(
    prices: PriceList,
    account: Account,
    approval: Approval,
    epoch: int,
    items: Iterable[Item],
    *,
    extra_runway: int = 0,
) -> Plan:
    """Each item after the one before it, as if what that one needs had been deposited."""
    rate = per_month = lockup = fees = deposit = 0
    running = account
    for item in items:
        one = needed(prices, running, epoch, item, extra_runway=extra_runway)
        running = running.deposited(one.deposit).bound(
            epoch, lockup=one.lockup, fees=one.fees, rate=one.rate
        )
        rate, lockup, fees = rate + one.rate, lockup + one.lockup, fees + one.fees
        deposit += one.deposit
        before = 0 if item.new_data_set else prices.rate_per_month(item.old)
        per_month += prices.rate_per_month(item.old + item.size) - before
    findings = approval.findings(
        rate=rate, lockup=lockup + fees, lockup_period=prices.default_lockup_period
    )
    return Plan(
        rate,
        per_month,
        lockup,
        fees,
        deposit,
        findings[0].help if findings else "",
        account.runway(epoch),
        running.runway(epoch),
        findings,
    )


def _deposit(
    account: Account, epoch: int, rate: int, lockup: int, fees: int, item: Item, extra: int
) -> int:
    available, debt = account.available(epoch), account.debt(epoch)
    rate_after = account.lockup_rate + rate
    raw = lockup + fees + rate_after * extra + debt - available
    if account.lockup_rate == 0 and item.new_data_set:
        buffer = 0
    elif raw > 0:
        buffer = rate_after * BUFFER_EPOCHS
    else:
        runway = account.runway(epoch)
        close = runway is not None and runway <= BUFFER_EPOCHS
        buffer = max(0, rate_after * BUFFER_EPOCHS - available) if close else 0
    return max(0, raw) + buffer
