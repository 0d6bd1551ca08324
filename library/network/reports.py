"""What the `filecoin` command says: for people in lines, for programs as data."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from filmedia.filecoin.chain.transactions import UNLIMITED, Allowances
from filmedia.filecoin.errors import FilecoinError
from filmedia.filecoin.money import account as accounts
from filmedia.filecoin.money import amounts
from filmedia.filecoin.money.prices import MONTH
from library import places
from library.errors import Invalid
from library.models import Copy, DataSet, Piece, Provider, Video
from library.moments import moment
from library.network import (
    comparing,
    connection,
    funds,
    notices,
    patrol,
    preflight,
    readings,
    states,
)
from library.network import providers as registry
from library.network.connection import Connection

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgtp]i?)?b?", re.I | re.A)
_POWERS = "kmgtp"


@dataclass(frozen=True)
class Report:
    data: Any
    lines: list[str]


def size_of(text: str) -> int:
    """Bytes: "1048576", "10GB", "1.5 TiB". Raises Invalid."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise Invalid(f"{text!r} is no size: give bytes, or a number with kB, MB, GiB, TB, …")
    number, unit = match[1], (match[2] or "").lower()
    if not unit:
        if "." in number:
            raise Invalid("Half a byte cannot be stored.")
        return int(number)
    base = 1024 if unit.endswith("i") else 1000
    whole, _, decimals = number.partition(".")
    scale: int = base ** (_POWERS.index(unit[0]) + 1)
    return int(whole) * scale + int(decimals or 0) * scale // 10 ** len(decimals)


def allowances(options: dict[str, Any]) -> Allowances:
    """From what was typed: a rate a month, and a lockup; unlimited where nothing was."""
    rate = amounts.parse(options["rate"]) // MONTH if options["rate"] else UNLIMITED
    lockup = amounts.parse(options["lockup"]) if options["lockup"] else UNLIMITED
    return Allowances(rate, lockup)


def status(at: Connection) -> Report:
    chain = readings.refresh(at, readings.CHAIN)
    account, approval, epoch = readings.account(at, readings.OFTEN * 0)
    owner = connection.owner()
    data: dict[str, Any] = {
        "network": at.network.name,
        "chain_id": at.network.chain_id,
        "epoch": chain["epoch"],
        "versions": chain["versions"],
        "owner": owner,
        "balance": amounts.exact(account.funds),
        "available": amounts.exact(account.available(epoch)),
        "debt": amounts.exact(account.debt(epoch)),
        "approved": approval.approved,
        "act_within_days": accounts.days(account.runway(epoch)),
        "prepaid_days": accounts.days(account.coverage(epoch)),
        "films": Video.objects.filter(network=at.network.name, rendition_of=None).count(),
        "data_sets": DataSet.objects.filter(provider__network=at.network.name).count(),
    }
    data["session_key"] = _session_key(at)
    data["to_do"] = notices.standing(at.network.name)
    lines = [
        f"{at.network.title}, epoch {chain['epoch']:,}; service {chain['versions']['fwss']}.",
        f"Owner {owner}",
        f"  in the account  {amounts.shown(account.funds, up=False)}",
        f"  free            {amounts.shown(account.available(epoch), up=False)}",
        f"  {_runway(account.runway(epoch), account.coverage(epoch))}",
        f"  {_approved(approval)}",
        _key_line(data["session_key"]),
        f"{data['films']:,} films in {data['data_sets']} data sets.",
        *[f"To do: {sentence}" for sentence in data["to_do"]],
    ]
    return Report(data, lines)


def _session_key(at: Connection) -> dict[str, Any]:
    try:
        access = readings.access(at, readings.OFTEN * 0)
    except FilecoinError as error:
        return {"address": None, "problem": str(error)}
    now = int(timezone.now().timestamp())
    return {
        "address": access.signer,
        "is_owner": access.owner == access.signer,
        "days": funds.days_until(access.expiry),
        "may": [name for name in access.expiries if access.may(name, now)],
        "problem": "" if access.may("AddPieces", now) else "It may not sign for this owner.",
    }


def _key_line(key: dict[str, Any]) -> str:
    if key["address"] is None:
        return f"Session key: {key['problem']}"
    if key["problem"]:
        return f"Session key {key['address']}: {key['problem']}"
    if key["is_owner"]:
        return f"Session key {key['address']} is the owner's own: it may do everything."
    return f"Session key {key['address']} may {', '.join(key['may'])} for {key['days']} days more."


def _runway(runway: int | None, coverage: int | None) -> str:
    if runway is None:
        return "nothing is being paid"
    return f"act within {accounts.days(runway)} days; prepaid for {accounts.days(coverage)} days"


def _approved(approval: accounts.Approval) -> str:
    if not approval.approved:
        return "the storage service may not use it yet: filecoin approve"
    if approval.is_unlimited:
        return "the storage service may use all of it"
    return (
        f"the storage service may bind {amounts.shown(approval.lockup_allowance, up=False)}, "
        f"{amounts.shown(approval.rate_allowance * MONTH, up=False)} a month"
    )


def providers(at: Connection) -> Report:
    registry.refresh(at, readings.OFTEN * 0)
    data, lines = [], []
    for row in Provider.objects.filter(network=at.network.name):
        tier = "endorsed" if row.endorsed else "approved" if row.approved else "not approved"
        pieces = Copy.objects.filter(holder=row, state=Copy.State.COMMITTED).count()
        why = row.unfit or ("excluded here" if row.excluded else row.error)
        data.append(
            {
                "id": row.number,
                "name": row.name,
                "tier": tier,
                "active": row.active,
                "url": row.service_url,
                "pieces": pieces,
                "min_piece_size": row.min_piece_size,
                "max_piece_size": row.max_piece_size,
                "problem": why,
                "answered_at": moment(row.answered_at),
            }
        )
        active = "" if row.active else ", not active"
        lines.append(f"{row.title}: {tier}{active}, {pieces:,} pieces. {row.service_url} {why}")
    return Report(data, lines or ["There is no provider in the registry."])


def prices(at: Connection) -> Report:
    found = readings.prices(at, readings.OFTEN * 0)
    data = {name: str(value) for name, value in asdict(found).items()}
    lines = [
        f"{name.replace('_', ' '):32} "
        + (f"{value:,} epochs" if name.endswith("period") else amounts.shown(value))
        for name, value in asdict(found).items()
    ]
    return Report(data, lines)


def quote(at: Connection, size: int, *, copies: int | None, months: int) -> Report:
    if size < 1 or months < 1 or (copies is not None and copies < 1):
        raise Invalid("Size, months and copies are at least 1.")
    copies = copies or settings.COPIES
    wanted = [funds.Wanted(size, funds.pieces_of(size))]
    found = funds.quote(at, wanted, copies=copies, months=months)
    data = preflight.plan_data(found) | {"size": size, "copies": copies, "months": months}
    lines = [
        f"{size:,} bytes, {copies} copies, {months} month{'s' if months > 1 else ''}:",
        f"  a month    {amounts.shown(found.per_month)}",
        f"  one-time   {amounts.shown(found.fees)}",
        f"  locked     {amounts.shown(found.lockup)}",
        f"  to deposit {amounts.shown(found.deposit)}",
    ]
    if found.problem:
        lines.append(f"  first: {found.problem}")
    return Report(data, lines)


def data_sets(at: Connection) -> Report:
    patrol.look_at_proofs(at)
    data, lines = [], []
    sets = DataSet.objects.filter(provider__network=at.network.name)
    for row in sets.select_related("provider"):
        found = states.proofs_of(row)
        pieces = Copy.objects.filter(data_set=row, state=Copy.State.COMMITTED).count()
        data.append(
            {
                "id": row.number,
                "provider": row.provider.number,
                "state": row.state,
                "beam": row.beam,
                "pieces": pieces,
                "word": found.word,
                "sentence": found.sentence,
                "last_proven_at": moment(row.last_proven_at),
            }
        )
        lines.append(f"{row}: {row.get_state_display()}, {pieces:,} pieces. {found.sentence}")
    return Report(data, lines or ["There is no data set yet; the first film makes one."])


def reconcile(at: Connection) -> Report:
    registry.refresh(at, readings.OFTEN * 0)
    patrol.look_at_proofs(at)
    found = comparing.compare(at, readings.OFTEN * 0)
    patrol.sample(at)
    return Report({"found": found}, found or ["Chain, providers and database agree."])


def stored(video: Video) -> Report:
    data = {"film": video.pk, "state": video.state}
    return Report(data, [f"{video.title} is looked at and made whole while the library runs."])


def moving(at: Connection, films: Sequence[Video]) -> Report:
    wanted = [
        funds.Wanted(video.size, Piece.objects.filter(video=video).count()) for video in films
    ]
    found = funds.quote(at, wanted)
    data = preflight.plan_data(found) | {"films": len(films)}
    return Report(
        data,
        [
            f"{len(films):,} films, {sum(video.size for video in films):,} bytes, "
            f"{settings.COPIES} copies:",
            f"  {amounts.shown(found.per_month)} a month, {amounts.shown(found.fees)} once, "
            f"{amounts.shown(found.lockup)} locked; to deposit: {amounts.shown(found.deposit)}",
        ],
    )


def moved(count: int) -> Report:
    return Report({"films": count}, [f"{count:,} films go there while the library runs."])


def transaction(word: str, hash: str) -> Report:
    url = connection.network().transaction_url(hash)
    return Report({"transaction": hash, "url": url}, [f"{word}: {hash} {url}".rstrip()])


def session_key(address: str) -> Report:
    return Report(
        {"address": address},
        [
            f"The server's session key is {address}; it is kept in {places.session_key()}.",
            "Now its owner has to allow it: filecoin session-key authorise, or the Funds page.",
        ],
    )


def wallet(requests: list[dict[str, Any]]) -> Report:
    lines = ["Send these from the owner's wallet, one after the other (eth_sendTransaction):"]
    for number, one in enumerate(requests, 1):
        lines += [f"{number}. {one['purpose']}", json.dumps(one["request"])]
    return Report(requests, lines)
