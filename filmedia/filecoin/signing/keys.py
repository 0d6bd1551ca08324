"""
Keys that sign. What they are is never shown: neither by `repr` nor in an error.

An owner's key signs for its own account and sends transactions. A session key signs for
an owner's account what it was authorised to, and cannot do anything else.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import KeyNotAuthorised, NoKey
from ..recursion import bounded_recursion
from .typed_data import PERMISSIONS, TypedData

_HEX = re.compile(r"(?:0x)?([0-9a-fA-F]{64})")
_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
# What is signed now is looked at when the provider's transaction runs.
LEAST_LEFT = 3600  # seconds


class Signer(Protocol):
    @property
    def address(self) -> str: ...

    def sign(self, typed: TypedData) -> bytes:
        """65 bytes: r, s, and v as 27 or 28. The same data gives the same bytes."""
        ...


class LocalKey:
    """A private key in this process's memory."""

    def __init__(self, private_key: str) -> None:
        match = _HEX.fullmatch(private_key.strip())
        if match is None or not 0 < int(match[1], 16) < _ORDER:
            # The text may be a key with a slip of the pen: it is not repeated here.
            raise NoKey("What was given is not a private key of 64 hex digits.")
        with bounded_recursion():
            from eth_account import Account

        self._account = Account.from_key(bytes.fromhex(match[1]))

    def __repr__(self) -> str:
        return f"<key of {self.address}>"

    @property
    def address(self) -> str:
        return str(self._account.address)

    def sign(self, typed: TypedData) -> bytes:
        with bounded_recursion():
            from eth_account.messages import encode_typed_data

        signed = self._account.sign_message(encode_typed_data(full_message=typed.full))
        return bytes(signed.signature)

    def sign_transaction(self, transaction: Mapping[str, Any]) -> tuple[bytes, str]:
        """The raw bytes to send, and the hash by which they will be known."""
        signed = self._account.sign_transaction(dict(transaction))
        return bytes(signed.raw_transaction), "0x" + bytes(signed.hash).hex()


def new_private_key() -> str:
    """As 0x and 64 hex digits. Whoever gets it keeps it: nothing here does."""
    return f"0x{secrets.randbelow(_ORDER - 1) + 1:064x}"


def new_nonce() -> int:
    """A number for a signed operation. Nobody has used it, by chance of 2**-128 and less."""
    return secrets.randbits(256)


@dataclass(frozen=True)
class Access:
    """What a session key may do for an owner: until when, in unix seconds, per operation."""

    owner: str
    signer: str
    expiries: Mapping[str, int]

    def may(self, operation: str, now: int) -> bool:
        return self.owner == self.signer or self.expiries.get(operation, 0) >= now + LEAST_LEFT

    def check(self, operation: str, now: int) -> None:
        """Raises KeyNotAuthorised where a signature might not be accepted within the hour."""
        if not self.may(operation, now):
            raise KeyNotAuthorised(self.signer, operation, self.expiries.get(operation, 0))

    @property
    def expiry(self) -> int | None:
        """When the first of what storing needs ends; None for the owner's own key."""
        if self.owner == self.signer:
            return None
        return min(self.expiries.get(one, 0) for one in ("CreateDataSet", "AddPieces"))


ALL_OPERATIONS = tuple(PERMISSIONS)
# What a library that stores and removes films needs. Ending a data set stays the owner's.
SESSION_OPERATIONS = ("CreateDataSet", "AddPieces", "SchedulePieceRemovals")
