"""
Where the bytes of a film and the bytes as stored meet.

Everything that writes to staging and everything that gives a viewer bytes goes through
`turn`. A film stored open has no key, and both are the same bytes. With a key it is
AES-256 in counter mode: the length stays, a range of the one is the same range of the
other, and turning twice gives back what there was.

Knows bytes and opened keys; never sees a row. Whether bytes are the right ones is not
told here but by the film's PieceCID, which is of the stored bytes.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SECRET = 32
_BLOCK = 16
_NONCE = 12
_NO_END = 2**63


class Sealed(Exception):
    """These bytes were not sealed with this key, or not under this name."""


@dataclass(frozen=True)
class Key:
    """
    The opened key of one film.

    A counter must never be used for two plaintexts, and bytes can come twice for one
    place: sent again after a crash, or after a wrong checksum, and then perhaps others.
    So the counter of a byte is its place in the film together with an epoch, and whoever
    may be writing over bytes that nobody was promised begins a new epoch. `parts` are
    (first byte, epoch), ascending: an epoch holds until the next part begins.
    """

    secret: bytes = field(repr=False)
    parts: tuple[tuple[int, int], ...] = ((0, 0),)

    def __post_init__(self) -> None:
        if len(self.secret) != SECRET:
            raise ValueError(f"A film key has {SECRET} bytes.")
        rising = all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(self.parts))
        if not self.parts or self.parts[0][0] != 0 or self.parts[0][1] < 0 or not rising:
            raise ValueError("The parts of a key begin at 0, and rise together with their epochs.")


def new_secret() -> bytes:
    return os.urandom(SECRET)


def turn(key: Key | None, data: bytes | memoryview, position: int) -> bytes | memoryview:
    """
    Turn film bytes that begin at `position` into stored bytes, or the other way round:
    the two directions are one operation, and the length never changes.

    A film that is stored open gives back `data` itself.
    """
    return data if key is None else Turning(key)(data, position)


class Turning:
    """`turn` for bytes that come portion by portion: to go on costs less than to begin."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self._position = self._end = -1
        self._context: CipherContext

    def __call__(self, data: bytes | memoryview, position: int) -> bytes:
        if position != self._position:
            self._begin(position)
        if position + len(data) <= self._end:
            return self._turned(data)
        turned = bytearray()
        view = memoryview(data)
        while len(view):
            if self._position == self._end:
                self._begin(self._end)
            some = view[: self._end - self._position]
            turned += self._turned(some)
            view = view[len(some) :]
        return bytes(turned)

    def _begin(self, position: int) -> None:
        parts = self._key.parts
        # The part that holds at `position`, and where the next one begins.
        index = bisect_right(parts, position, key=lambda part: part[0])
        self._end = parts[index][0] if index < len(parts) else _NO_END
        block, skipped = divmod(position, _BLOCK)
        counter = parts[index - 1][1].to_bytes(8, "big") + block.to_bytes(8, "big")
        cipher = Cipher(algorithms.AES256(self._key.secret), modes.CTR(counter))
        self._context = cipher.encryptor()
        self._context.update(bytes(skipped))
        self._position = position

    def _turned(self, data: bytes | memoryview) -> bytes:
        self._position += len(data)
        return self._context.update(data)


def seal(key: Key | None, name: str, data: bytes) -> bytes:
    """
    What may be kept on disk of a small file that belongs to a film, its poster for one.

    `name` is what it is; nothing else can be put in its place.
    """
    if key is None:
        return data
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_derived(key, name)).encrypt(nonce, data, name.encode())


def unseal(key: Key | None, name: str, kept: bytes) -> bytes:
    """What was sealed. Raises Sealed for anything else."""
    if key is None:
        return kept
    try:
        return AESGCM(_derived(key, name)).decrypt(kept[:_NONCE], kept[_NONCE:], name.encode())
    except (InvalidTag, ValueError):
        raise Sealed(f"This {name} was not sealed with this film's key.") from None


def _derived(key: Key, name: str) -> bytes:
    """A key of its own for each purpose: the film's is for the film's bytes alone."""
    return HKDF(SHA256(), SECRET, salt=None, info=f"filmedia {name}".encode()).derive(key.secret)
