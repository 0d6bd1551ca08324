"""
The funds of a library at a glance, for the page and the API: from what the chain last said,
with its age, so that neither waits for a node.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.db.models.functions import Coalesce
from django.utils import timezone

from filmedia.filecoin.errors import FilecoinError
from filmedia.filecoin.money import account as accounts
from filmedia.filecoin.money import amounts
from filmedia.filecoin.money.account import Account, Approval
from filmedia.filecoin.money.prices import DAY, MONTH
from library.models import DataSet, Reading, Video
from library.network import connection, evidence, funds, notices, readings

SPAN = 180  # days that the forecast looks ahead
WORDS = {
    "CreateDataSet": "make data sets",
    "AddPieces": "add films to them, and so spend the deposit",
    "SchedulePieceRemovals": "have films removed from them",
    "TerminateService": "end data sets",
}
NEVER = (
    "withdraw the deposit",
    "change what the storage service may use",
    "allow further keys",
)


@dataclass(frozen=True)
class Access:
    """The session key: what it may do by the chain, and until when."""

    address: str
    is_owner: bool
    expires_at: datetime | None
    days: int | None
    may: list[str] = field(default_factory=list)
    may_not: list[str] = field(default_factory=list)
    problem: str = ""


@dataclass(frozen=True)
class Summary:
    """
    `state` is one of: watching (no key), unread (the chain was never heard), healthy, low,
    deficit. Amounts in 1e-18 USDFC, rates a month.
    """

    network: str
    title: str
    owner: str
    state: str
    read_at: datetime | None
    error: str
    account: Account | None = None
    approval: Approval | None = None
    epoch: int = 0
    wallet: int = 0
    access: Access | None = None
    act_within: int | None = None  # days
    act_within_at: datetime | None = None
    prepaid: int | None = None  # days
    prepaid_at: datetime | None = None
    rate: int = 0
    notices: list[str] = field(default_factory=list)
    forecast: list[int] = field(default_factory=list)

    @property
    def balance(self) -> int:
        return self.account.funds if self.account else 0

    @property
    def available(self) -> int:
        return self.account.available(self.epoch) if self.account else 0

    @property
    def locked(self) -> int:
        return self.account.lockup(self.epoch) if self.account else 0

    @property
    def debt(self) -> int:
        return self.account.debt(self.epoch) if self.account else 0


def summary() -> Summary:
    network = connection.network()
    kept = readings.kept(network.name, readings.ACCOUNT)
    try:
        owner = connection.owner()
    except FilecoinError as error:
        return Summary(network.name, network.title, "", "watching", None, str(error))
    if kept is None or not kept.value:
        why = kept.error if kept else "The worker has not asked the chain yet."
        return Summary(network.name, network.title, owner, "unread", None, why)
    account, approval = readings.account_of(kept.value)
    epoch = epoch_now(network.name, kept)
    runway, coverage = account.runway(epoch), account.coverage(epoch)
    key = access(network.name)
    mark = accounts.alert(runway)
    state = "deficit" if mark == 0 else "low" if mark is not None else "healthy"
    if key.problem and state == "healthy":
        state = "watching"
    return Summary(
        network=network.name,
        title=network.title,
        owner=owner,
        state=state,
        read_at=kept.at,
        error=kept.error,
        account=account,
        approval=approval,
        epoch=epoch,
        wallet=int(kept.value.get("wallet", 0)),
        access=key,
        act_within=accounts.days(runway),
        act_within_at=_moment(network.name, epoch, runway),
        prepaid=accounts.days(coverage),
        prepaid_at=_moment(network.name, epoch, coverage),
        rate=account.lockup_rate * MONTH,
        notices=notices.standing(network.name),
        forecast=accounts.forecast(account, epoch, SPAN),
    )


def epoch_now(network: str, kept: Reading) -> int:
    """The epoch by the clock: what was read goes on being spent while nobody asks."""
    from library.network.states import clock_of

    chain = Reading.latest(f"{network}:{readings.CHAIN}") or {}
    clock = clock_of(chain.get("clock"))
    if clock is None:
        return kept.epoch
    passed = (timezone.now() - clock.at).total_seconds() / clock.seconds
    return max(clock.epoch + int(passed), kept.epoch)


def _moment(network: str, epoch: int, span: int | None) -> datetime | None:
    # Beyond a century it is a number and no date.
    if span is None or span > 100 * 365 * DAY:
        return None
    return funds.moment_of(epoch + span, network)


def access(network: str) -> Access:
    """What is known of the server's session key."""
    kept = readings.kept(network, readings.ACCESS)
    if not connection.session_key():
        return Access("", False, None, None, problem="The server has no session key.")
    if kept is None or not kept.value:
        problem = kept.error if kept and kept.error else "It has not been asked about yet."
        return Access("", False, None, None, problem=problem)
    found = readings.access_of(kept.value)
    now = int(timezone.now().timestamp())
    may = [words for name, words in WORDS.items() if found.may(name, now)]
    may_not = [words for name, words in WORDS.items() if not found.may(name, now)]
    is_owner = found.owner == found.signer
    expiry = found.expiry
    problem = ""
    if not all(found.may(name, now) for name in ("CreateDataSet", "AddPieces")):
        problem = "It may not store films: its access has to be granted or renewed."
    return Access(
        address=found.signer,
        is_owner=is_owner,
        expires_at=datetime.fromtimestamp(expiry, tz=timezone.get_current_timezone())
        if expiry
        else None,
        days=funds.days_until(expiry),
        may=may,
        may_not=[*may_not, *([] if is_owner else NEVER)],
        problem=problem,
    )


def described(found: Summary) -> dict[str, Any]:
    """For the API: amounts as decimal texts."""
    from library.moments import moment

    access = found.access
    return {
        "network": found.network,
        "owner": found.owner,
        "state": found.state,
        "currency": "USDFC",
        "balance": amounts.exact(found.balance),
        "available": amounts.exact(found.available),
        "locked": amounts.exact(found.locked),
        "debt": amounts.exact(found.debt),
        "per_month": amounts.exact(found.rate),
        "act_within_days": found.act_within,
        "act_within_at": moment(found.act_within_at),
        "prepaid_days": found.prepaid,
        "prepaid_at": moment(found.prepaid_at),
        "read_at": moment(found.read_at),
        "error": found.error,
        "notices": found.notices,
        "access": None
        if access is None
        else {
            "address": access.address,
            "expires_at": moment(access.expires_at),
            "days": access.days,
            "may": access.may,
            "may_not": access.may_not,
            "problem": access.problem,
        },
    }


def data_sets(network: str) -> list[dict[str, Any]]:
    """Each with its films' bytes, its proofs, and what Beam may still send of it."""
    from library.network.states import proofs_of

    held = {}
    rows = DataSet.objects.filter(provider__network=network).select_related("provider")
    for row in rows:
        held_here = Video.objects.filter(pieces__copies__data_set=row).order_by()
        # A film and its renditions are one film.
        film = Coalesce("rendition_of", "pk")
        films = held_here.aggregate(count=Count(film, distinct=True))["count"]
        held[row.pk] = {
            "row": row,
            "films": films,
            "proofs": proofs_of(row) if row.number else None,
            "quota": row.quota,
        }
    return list(held.values())


def leaving() -> list[Any]:
    return evidence.leaving()
