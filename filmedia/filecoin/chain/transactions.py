"""
Transactions that only an owner can make: deposit, approve, withdraw, allow a session key.

Each is a `Request`, which a browser's wallet can sign as it stands, and which `Sender`
sends for an owner whose key is at hand. Providers pay for everything else.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from ..errors import NotOnChain, Reverted, RpcUnreachable
from ..signing.keys import LocalKey
from ..signing.typed_data import PERMISSIONS, Domain, TypedData, permit
from .abi import Function
from .calls import Call
from .contracts import FWSS, PAY, SESSIONS, USDFC
from .readings import Receipt
from .service import Service

UNLIMITED = 2**256 - 1
LEAST_LOCKUP_PERIOD = 86400  # epochs
PERMIT_LASTS = 3600  # seconds
# The node's estimate can fall short by the next block; too much is partly burned.
GAS_MARGIN = (5, 4)
ORIGIN = "filmedia"


@dataclass(frozen=True)
class Request:
    """A transaction before it is signed. `purpose` says in a few words what it does."""

    to: str
    data: bytes
    purpose: str
    value: int = 0

    def for_wallet(self, sender: str, chain_id: int) -> dict[str, str]:
        """As `eth_sendTransaction` takes it; the wallet chooses nonce and fees."""
        return {
            "from": sender,
            "to": self.to,
            "data": "0x" + self.data.hex(),
            "value": hex(self.value),
            "chainId": hex(chain_id),
        }


class Requests:
    """The requests that `service` understands. Amounts in 1e-18 USDFC."""

    def __init__(self, service: Service) -> None:
        self._at, self._service = service.addresses, service

    def allow_token(self, amount: int) -> Request:
        """Before `deposit`, for wallets that cannot sign a permit."""
        return self._to(
            self._at.usdfc,
            USDFC["approve"],
            "Let the payments contract take USDFC",
            self._at.pay,
            amount,
        )

    def deposit(self, to: str, amount: int) -> Request:
        """From any wallet into the account of `to`; needs `allow_token` first."""
        return self._to(self._at.pay, PAY["deposit"], "Deposit", self._at.usdfc, to, amount)

    def deposit_with_permit(
        self, owner: str, amount: int, deadline: int, signature: bytes
    ) -> Request:
        return self._to(
            self._at.pay,
            PAY["depositWithPermit"],
            "Deposit",
            *self._permitted(owner, amount, deadline, signature),
        )

    def deposit_and_approve(
        self, owner: str, amount: int, deadline: int, signature: bytes, allowances: Allowances
    ) -> Request:
        """Both in one; only the owner can send it."""
        return self._to(
            self._at.pay,
            PAY["depositWithPermitAndApproveOperator"],
            "Deposit, and let the storage service use it",
            *self._permitted(owner, amount, deadline, signature),
            self._at.fwss,
            *allowances.arguments,
        )

    def approve(self, allowances: Allowances) -> Request:
        return self._to(
            self._at.pay,
            PAY["setOperatorApproval"],
            "Let the storage service use the deposit",
            self._at.usdfc,
            self._at.fwss,
            True,
            *allowances.arguments,
        )

    def withdraw(self, amount: int) -> Request:
        return self._to(self._at.pay, PAY["withdraw"], "Withdraw", self._at.usdfc, amount)

    def authorise(self, signer: str, expiry: int, operations: Iterable[str]) -> Request:
        """Let `signer` sign `operations` until `expiry`, in unix seconds; again to extend it."""
        hashes = [bytes.fromhex(PERMISSIONS[one][2:]) for one in operations]
        return self._to(
            self._at.sessions,
            SESSIONS["login"],
            "Allow the session key",
            signer,
            expiry,
            hashes,
            ORIGIN,
        )

    def revoke(self, signer: str) -> Request:
        """Of everything there is, whatever was allowed."""
        hashes = [bytes.fromhex(hash[2:]) for hash in PERMISSIONS.values()]
        return self._to(
            self._at.sessions,
            SESSIONS["revoke"],
            "Revoke the session key",
            signer,
            hashes,
            ORIGIN,
        )

    def terminate(self, data_set_id: int) -> Request:
        """End a data set after its lock-up of 30 days."""
        function = FWSS["terminateService(uint256)"]
        return self._to(self._at.fwss, function, "End the data set", data_set_id)

    def top_up_beam(self, data_set_id: int, cdn: int, cache_miss: int) -> Request:
        function = FWSS["topUpCDNPaymentRails"]
        return self._to(
            self._at.fwss, function, "Add to Beam's quota", data_set_id, cdn, cache_miss
        )

    def top_up_reserve(self, data_set_id: int, amount: int) -> Request:
        function = FWSS["topUpLifecycleReserve"]
        return self._to(self._at.fwss, function, "Add to the reserve for fees", data_set_id, amount)

    async def permit(self, owner: str, amount: int, now: int | None = None) -> TypedData:
        """What the owner signs so that the deposit needs no transaction of its own before it."""
        usdfc = self._at.usdfc
        name, version, nonce = await self._service.caller.all(
            [
                Call(usdfc, USDFC["name"]),
                Call(usdfc, USDFC["version"]),
                Call(usdfc, USDFC["nonces"], (owner,)),
            ]
        )
        domain = Domain(self._service.network.chain_id, usdfc, name, version)
        deadline = (int(time.time()) if now is None else now) + PERMIT_LASTS
        return permit(domain, owner, self._at.pay, amount, nonce, deadline)

    def _permitted(
        self, owner: str, amount: int, deadline: int, signature: bytes
    ) -> tuple[Any, ...]:
        r, s, v = signature[:32], signature[32:64], signature[64]
        return self._at.usdfc, owner, amount, deadline, v, r, s

    def _to(self, to: str, function: Function, purpose: str, *arguments: Any) -> Request:
        return Request(to, function.encode(*arguments), purpose)


@dataclass(frozen=True)
class Allowances:
    """How much of the deposit the storage service may bind: see `money.account.Approval`."""

    rate: int = UNLIMITED  # 1e-18 USDFC an epoch
    lockup: int = UNLIMITED  # 1e-18 USDFC, and less after each one-time fee
    period: int = LEAST_LOCKUP_PERIOD  # epochs

    @property
    def arguments(self) -> tuple[int, int, int]:
        return self.rate, self.lockup, self.period


class Unconfirmed(NotOnChain):
    """Sent, perhaps: the node's answer was lost. Never send the same once more; look first."""


@asynccontextmanager
async def _unshared() -> AsyncIterator[None]:
    yield


class Sender:
    """
    Sends requests of one key, one after the other.

    `lock` keeps others who send with the same key out while a nonce is drawn and used: a
    nonce that is drawn twice loses a transaction, one that is skipped blocks all later ones.
    """

    def __init__(
        self,
        service: Service,
        key: LocalKey,
        *,
        lock: Callable[[], AbstractAsyncContextManager[None]] = _unshared,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._service, self._key, self._lock, self._sleep = service, key, lock, sleep
        self._own = asyncio.Lock()

    async def send(self, request: Request) -> str:
        """
        The transaction's hash. Raises Reverted before anything is sent where the contract
        would refuse, and Unconfirmed where the answer was lost: then `wait` tells.
        """
        async with self._own, self._lock():
            raw, transaction = self._key.sign_transaction(await self._filled(request))
            try:
                await self._service.caller.node.request(
                    "eth_sendRawTransaction", ["0x" + raw.hex()]
                )
            except RpcUnreachable as error:
                raise Unconfirmed(transaction) from error
            return transaction

    async def wait(
        self, transaction: str, *, timeout: float = 300.0, interval: float = 5.0
    ) -> Receipt:
        """Its receipt. Raises Reverted where it failed, NotOnChain where no block takes it."""
        for _ in range(max(int(timeout / interval), 1)):
            receipt = await self._service.receipt(transaction)
            if receipt is not None:
                if not receipt.ok:
                    raise Reverted(f"The transaction {transaction} was refused by the contract.")
                return receipt
            await self._sleep(interval)
        raise NotOnChain(transaction)

    async def _filled(self, request: Request) -> dict[str, Any]:
        node, sender = self._service.caller.node, self._key.address
        chain_id = self._service.network.chain_id
        call = request.for_wallet(sender, chain_id)
        call.pop("chainId")
        gas = int(await node.request("eth_estimateGas", [call]), 16)
        head = await node.request("eth_getBlockByNumber", ["latest", False])
        premium = int(await node.request("eth_maxPriorityFeePerGas"), 16)
        # With `pending`, so that what was sent a moment ago counts.
        nonce = int(await node.request("eth_getTransactionCount", [sender, "pending"]), 16)
        return {
            "type": 2,
            "chainId": chain_id,
            "nonce": nonce,
            "to": request.to,
            "value": request.value,
            "data": request.data,
            "gas": gas * GAS_MARGIN[0] // GAS_MARGIN[1],
            "maxPriorityFeePerGas": premium,
            "maxFeePerGas": 2 * int(head["baseFeePerGas"], 16) + premium,
        }
