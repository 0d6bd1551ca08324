"""
What a library key does: it wraps the keys of films, and seals a recovery kit.

All of it is AES-256-GCM under keys derived from the library key's text, behind a byte
that names the version. Knows texts and bytes; never a file nor a row.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = 1
LEAST_LETTERS = 32
_NONCE = 12


class Damaged(Exception):
    """It was not made with this key, or for this name, or has changed since."""


@dataclass(frozen=True)
class LibraryKey:
    """
    A library key, by the text an operator keeps.

    `id` tells keys apart and tells nothing of the key itself.
    """

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.text) < LEAST_LETTERS:
            raise ValueError(f"A library key has at least {LEAST_LETTERS} characters.")

    @cached_property
    def id(self) -> str:
        return self._derived("id", 8).hex()

    def wrap(self, name: str, secret: bytes) -> bytes:
        """`secret`, to be kept beside `name`: it opens under no other."""
        return self._encrypted("film keys", name, secret)

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        """Raises Damaged."""
        return self._decrypted("film keys", name, wrapped)

    def seal(self, purpose: str, data: bytes) -> bytes:
        """As `wrap`, for larger things: a key of its own for each purpose."""
        return self._encrypted(purpose, purpose, data)

    def unseal(self, purpose: str, sealed: bytes) -> bytes:
        """Raises Damaged."""
        return self._decrypted(purpose, purpose, sealed)

    def _encrypted(self, purpose: str, name: str, data: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(self._derived(purpose)).encrypt(nonce, data, name.encode())
        return bytes([VERSION]) + nonce + sealed

    def _decrypted(self, purpose: str, name: str, kept: bytes) -> bytes:
        kept = bytes(kept)
        if kept[:1] != bytes([VERSION]):
            raise Damaged("It was made by another version, or is damaged.")
        nonce, sealed = kept[1 : 1 + _NONCE], kept[1 + _NONCE :]
        try:
            return AESGCM(self._derived(purpose)).decrypt(nonce, sealed, name.encode())
        except (InvalidTag, ValueError):
            raise Damaged("It was made with another key, or is damaged.") from None

    def _derived(self, purpose: str, length: int = 32) -> bytes:
        info = f"filmedia library key: {purpose}".encode()
        return HKDF(SHA256(), length, salt=None, info=info).derive(self.text.encode())
