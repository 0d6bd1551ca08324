"""
What happened earlier, as far as nodes remember: hints, while contracts' state is the truth.

Public nodes answer for at most a day of events, and for old blocks not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import FilecoinError, Reverted
from .abi import Event
from .contracts import FWSS, PAY
from .readings import Receipt
from .service import Service

# What nodes give at most in one answer, in epochs.
MOST_EPOCHS = 2880


async def events(
    service: Service,
    address: str,
    event: Event,
    topics: Sequence[bytes | Sequence[bytes] | None],
    start: int,
    stop: int | None = None,
) -> list[dict[str, Any]]:
    """
    The events from block `start` on, no further back than nodes answer for, each with its
    arguments and `transaction`, `block` and `index`. `topics` are those after the event's: one
    that has to be there, several of which one has to, or None for any.
    """
    head = await service.block() if stop is None else stop
    asked = {
        "address": address,
        "fromBlock": hex(max(start, head - MOST_EPOCHS + 1, 0)),
        "toBlock": hex(head) if stop is not None else "latest",
        "topics": [_hex(event.topic), *map(_topic, topics)],
    }
    found = await service.caller.node.request("eth_getLogs", [asked])
    return [_event(event, log) for log in found if not log.get("removed")]


async def addition_receipt(
    service: Service, data_set_id: int, piece_id: int, head: int
) -> Receipt | None:
    """The transaction that added a piece, where its hash is not known. None if it is forgotten."""
    topics = [data_set_id.to_bytes(32, "big"), piece_id.to_bytes(32, "big")]
    event = FWSS.events["PieceAdded"]
    try:
        found = await events(service, service.addresses.fwss, event, topics, head - MOST_EPOCHS)
    except FilecoinError:
        return None
    return await service.receipt(found[-1]["transaction"]) if found else None


async def deposits(service: Service, owner: str, start: int) -> list[dict[str, Any]]:
    """Deposits into the owner's account since block `start`."""
    to = bytes.fromhex(owner[2:]).rjust(32, b"\0")
    token = bytes.fromhex(service.addresses.usdfc[2:]).rjust(32, b"\0")
    event = PAY.events["DepositRecorded"]
    return await events(service, service.addresses.pay, event, [token, None, to], start)


async def faults(service: Service, data_set_ids: Sequence[int], start: int) -> list[dict[str, Any]]:
    """
    Periods that passed without a proof, of all these data sets in one question. Recorded
    only when the provider next calls in.
    """
    if not data_set_ids:
        return []
    ids = [id.to_bytes(32, "big") for id in data_set_ids]
    return await events(service, service.addresses.fwss, FWSS.events["FaultRecord"], [ids], start)


async def why_refused(service: Service, transaction: str) -> Reverted:
    """
    Why a transaction failed, by asking the contract once more as things are now. A sentence
    also where it would succeed now, or nobody knows the transaction.
    """
    sent = await service.caller.node.request("eth_getTransactionByHash", [transaction])
    if sent is None:
        return Reverted("The provider's transaction failed; no node can tell why.")
    call = {name: sent[name] for name in ("from", "to", "value") if sent.get(name)}
    try:
        await service.caller.node.request("eth_call", [call | {"data": sent["input"]}, "latest"])
    except Reverted as refusal:
        return refusal
    return Reverted("The contract refused this a moment ago, and would take it now.")


def _event(event: Event, log: dict[str, Any]) -> dict[str, Any]:
    topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
    return {
        **event.decode(topics, bytes.fromhex(log["data"][2:])),
        "transaction": log["transactionHash"],
        "block": int(log["blockNumber"], 16),
        "index": int(log["logIndex"], 16),
    }


def _topic(topic: bytes | Sequence[bytes] | None) -> str | list[str] | None:
    if topic is None or isinstance(topic, bytes):
        return _hex(topic) if topic else None
    return [_hex(one) for one in topic]


def _hex(data: bytes) -> str:
    return "0x" + data.hex()
