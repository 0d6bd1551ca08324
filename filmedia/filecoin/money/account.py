"""
An account of the payments contract at an epoch: what is free, what is bound, how long it
lasts. The arithmetic is the contract's own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from . import amounts
from .prices import DAY, MONTH

UNLIMITED = 2**256 - 1
# Of how many days left people are warned.
ALERTS = (3, 7, 14, 30)


@dataclass(frozen=True)
class Account:
    """As stored at `lockup_last_settled_at`; amounts in 1e-18 USDFC, the rate per epoch."""

    funds: int
    lockup_current: int
    lockup_rate: int
    lockup_last_settled_at: int

    def funded_until(self, epoch: int) -> int | None:
        """The epoch at which payments stop; None where nothing is being paid."""
        if self.lockup_rate == 0:
            return None
        free = self.funds - self.lockup_current
        return self.lockup_last_settled_at + free // self.lockup_rate

    def lockup(self, epoch: int) -> int:
        until = self.funded_until(epoch)
        settled = epoch if until is None else min(until, epoch)
        return self.lockup_current + self.lockup_rate * (settled - self.lockup_last_settled_at)

    def available(self, epoch: int) -> int:
        """What can be withdrawn, or bound to something new."""
        return max(self.funds - self.lockup(epoch), 0)

    def debt(self, epoch: int) -> int:
        owed = self.lockup_current + self.lockup_rate * (epoch - self.lockup_last_settled_at)
        return max(owed - self.funds, 0)

    def runway(self, epoch: int) -> int | None:
        """
        Epochs until payments stop: act within this time. None where nothing is being paid.
        The reserve of about 30 days is not counted: it is spent after that, if at all.
        """
        until = self.funded_until(epoch)
        return None if until is None else max(until - epoch, 0)

    def coverage(self, epoch: int) -> int | None:
        """
        Epochs until the reserve is spent too: what is stored is prepaid until then, though
        providers may end it earlier once the runway is 0.

        The reserve is a month of the rate. What else is bound, for fees or for Beam, pays for
        no storage, so this may be less than funds // rate, and is never more.
        """
        until = self.funded_until(epoch)
        if until is None:
            return None
        spent = self.lockup_rate * (epoch - self.lockup_last_settled_at)
        left = min((self.funds - spent) // self.lockup_rate, until + MONTH - epoch)
        return max(left, 0)

    def deposited(self, amount: int) -> Account:
        return replace(self, funds=self.funds + amount)

    def bound(self, epoch: int, *, lockup: int, fees: int, rate: int) -> Account:
        """After something new: its lockup bound, its fees set aside, its rate paid."""
        return Account(
            self.funds,
            self.lockup(epoch) + lockup + fees,
            self.lockup_rate + rate,
            epoch,
        )


@dataclass(frozen=True)
class Finding:
    """
    What is wrong with an approval. `name`: not approved, rate allowance, lockup allowance or
    lockup period; `help`: approve or raise limit.
    """

    name: str
    help: str
    sentence: str


@dataclass(frozen=True)
class Approval:
    """What the storage service may bind of an account. Amounts as there; epochs."""

    approved: bool
    rate_allowance: int
    lockup_allowance: int
    rate_usage: int
    lockup_usage: int
    max_lockup_period: int

    def findings(
        self, *, rate: int = 0, lockup: int = 0, lockup_period: int = MONTH
    ) -> tuple[Finding, ...]:
        """All that forbids binding so much more; none where it may be done."""
        if not self.approved:
            return (_NOT_APPROVED,)
        found = []
        if self.rate_allowance < self.rate_usage + rate:
            found.append(
                _too_low(
                    "rate allowance",
                    "spend",
                    self.rate_allowance * MONTH,
                    (self.rate_usage + rate) * MONTH,
                    " a month",
                )
            )
        if self.lockup_allowance < self.lockup_usage + lockup:
            needed = self.lockup_usage + lockup
            found.append(_too_low("lockup allowance", "lock", self.lockup_allowance, needed))
        if self.max_lockup_period < lockup_period:
            words = f"Allow a lock-up of at least {-(-lockup_period // DAY)} days."
            found.append(Finding("lockup period", "raise limit", words))
        return tuple(found)

    def problem(self, *, rate: int = 0, lockup: int = 0) -> str:
        """What helps where so much more cannot be bound: "", "approve" or "raise limit"."""
        found = self.findings(rate=rate, lockup=lockup)
        return found[0].help if found else ""

    @property
    def is_unlimited(self) -> bool:
        """
        As wallets approve once and for all. One-time fees use the lockup up for good, hence
        half of it is enough; the rule is that of the Synapse SDK.
        """
        return (
            self.approved
            and self.rate_allowance == UNLIMITED
            and self.lockup_allowance >= UNLIMITED // 2
            and self.max_lockup_period >= MONTH
        )


_NOT_APPROVED = Finding(
    "not approved", "approve", "Approve the storage service to use your deposit."
)


def _too_low(name: str, verb: str, allowed: int, needed: int, each: str = "") -> Finding:
    return Finding(
        name,
        "raise limit",
        f"The storage service may {verb} {amounts.shown(allowed, up=False)}{each}, and "
        f"{amounts.shown(needed)} are needed; raise its limit.",
    )


def days(epochs: int | None) -> int | None:
    """Whole days, never more than there are."""
    return None if epochs is None else epochs // DAY


def alert(runway: int | None) -> int | None:
    """The smallest of the warning marks that is reached, in days; 0 in deficit; None if none."""
    if runway is None:
        return None
    if runway == 0:
        return 0
    return next((mark for mark in ALERTS if runway <= mark * DAY), None)


def forecast(account: Account, epoch: int, span: int = 180, *, extra: int = 0) -> list[int]:
    """
    The balance at the beginning of each day from today on, for `span` days; `extra` is paid
    each epoch besides. Never below nothing.
    """
    now = account.funds - account.lockup_rate * (epoch - account.lockup_last_settled_at)
    rate = account.lockup_rate + extra
    return [max(now - rate * DAY * day, 0) for day in range(span + 1)]
