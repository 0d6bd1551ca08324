"""
What only the owner of the account can do, for an owner whose key is at hand.

The key is read, used and forgotten: it is never kept, logged or shown. Owners with a
browser's wallet get the same as requests to sign (`wallet_requests`).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from filmedia.filecoin.chain.transactions import Allowances, Request, Requests, Sender
from filmedia.filecoin.signing import keys
from filmedia.filecoin.signing.keys import SESSION_OPERATIONS, LocalKey
from library import places
from library.errors import Invalid
from library.network import readings
from library.network.connection import Connection


class Owner:
    """Acts with the owner's key. Amounts in 1e-18 USDFC; each returns a transaction's hash."""

    def __init__(self, at: Connection, key: LocalKey) -> None:
        self._at, self._key = at, key
        self._requests = Requests(at.service)
        self._sender = Sender(at.service, key, lock=_one_at_a_time)

    @property
    def address(self) -> str:
        return self._key.address

    def fund(self, amount: int, *, approve: bool) -> str:
        """Deposit; with `approve` the storage service may use it, in the same transaction."""
        typed = self._at.run(self._requests.permit(self.address, amount))
        deadline, signature = int(typed.message["deadline"]), self._key.sign(typed)
        if approve:
            request = self._requests.deposit_and_approve(
                self.address, amount, deadline, signature, Allowances()
            )
        else:
            request = self._requests.deposit_with_permit(self.address, amount, deadline, signature)
        return self._send(request, readings.ACCOUNT)

    def approve(self, allowances: Allowances) -> str:
        return self._send(self._requests.approve(allowances), readings.ACCOUNT)

    def withdraw(self, amount: int) -> str:
        return self._send(self._requests.withdraw(amount), readings.ACCOUNT)

    def authorise(self, signer: str, expiry: int, operations: Sequence[str]) -> str:
        return self._send(self._requests.authorise(signer, expiry, operations), readings.ACCESS)

    def revoke(self, signer: str) -> str:
        return self._send(self._requests.revoke(signer), readings.ACCESS)

    def _send(self, request: Request, changed: str) -> str:
        interval = 0.2 if self._at.network.insecure_providers else 5.0
        transaction = self._at.run(self._sender.send(request))
        self._at.run(self._sender.wait(transaction, interval=interval))
        # What is shown of it is read anew; where it cannot be, the patrol will.
        with suppress(Exception):
            readings.refresh(self._at, changed)
        return transaction


@asynccontextmanager
async def _one_at_a_time() -> AsyncIterator[None]:
    """Of all processes of this installation, one sends with an owner's key at a time."""
    path = places.make_folder(places.data() / "cache") / "owner.lock"
    with path.open("a") as file:
        await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
        yield


def read_key(path: Path) -> LocalKey:
    """A private key from a file. Raises NoKey; says nothing of what is in the file."""
    try:
        return LocalKey(path.read_text())
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Invalid(f"{path} holds no private key.") from None


def make_session_key() -> str:
    """Make the server's session key, where it has none, and keep it. Returns its address."""
    path = places.session_key()
    if path.exists():
        raise Invalid(
            f"There is a session key already, in {path}. To change it, revoke it, move that "
            "file away, and make a new one."
        )
    places.make_folder(path.parent)
    key = keys.new_private_key()
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        raise Invalid("Somebody else made a session key at this moment.") from None
    finally:
        draft.unlink()
    places.sync_folder(path.parent)
    return LocalKey(key).address


def wallet_requests(
    at: Connection, owner: str, *, deposit: int, signer: str, expiry: int
) -> list[dict[str, Any]]:
    """
    What a browser's wallet has to send, in this order, to deposit, to let the service use
    it, and to allow the session key: each with its purpose in words.
    """
    requests = Requests(at.service)
    wanted: list[Request] = []
    if deposit:
        wanted += [requests.allow_token(deposit), requests.deposit(owner, deposit)]
        wanted.append(requests.approve(Allowances()))
    if signer:
        wanted.append(requests.authorise(signer, expiry, SESSION_OPERATIONS))
    chain = at.network.chain_id
    return [{"purpose": one.purpose, "request": one.for_wallet(owner, chain)} for one in wanted]
