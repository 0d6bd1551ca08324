"""
Where the bytes of a film and the bytes as stored meet.

Everything that writes to staging and everything that gives a viewer bytes goes through
`turn`. A film stored open has no key, and both are the same bytes. With a key it is
AES-256 in counter mode: the length stays, a range of the one is the same range of the
other, and turning twice gives back what there was. The counter, 16 bytes, is that of GCM
with a nonce for each block of 1,040,384 bytes, so that either mode makes the same bytes:
4 bytes epoch, 8 bytes block, 4 bytes that count from 2 inside the block.

Knows bytes and opened keys; never sees a row. Whether bytes are the right ones is not
told here but by the film's PieceCID, which is of the stored bytes.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from time import perf_counter

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from filmedia.filecoin.piece import BLOCK_SIZE

SECRET = 32
_NONCE = 12
_CIPHER_BLOCK = 16
# GCM's first is taken by its tag, and its second is the first that encrypts.
_FIRST_COUNTER = 2
MOST_EPOCHS = 2**32


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
        if not (self.parts and self.parts[0][0] == 0 <= self.parts[0][1] and rising):
            raise ValueError("The parts of a key begin at 0, and rise together with their epochs.")
        if self.parts[-1][1] >= MOST_EPOCHS:
            raise ValueError("The epochs of this key are used up.")


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
        turned = []
        view = memoryview(data)
        while len(view):
            if self._position == self._end:
                self._begin(self._end)
            some = view[: self._end - self._position]
            turned.append(self._turned(some))
            view = view[len(some) :]
        return b"".join(turned)

    def _begin(self, position: int) -> None:
        parts = self._key.parts
        # The part that holds at `position`, and where the next one begins.
        index = bisect_right(parts, position, key=lambda part: part[0])
        block, inside = divmod(position, BLOCK_SIZE)
        self._end = (block + 1) * BLOCK_SIZE
        if index < len(parts):
            self._end = min(self._end, parts[index][0])
        nonce = parts[index - 1][1].to_bytes(4, "big") + block.to_bytes(8, "big")
        self._context = _keystream(self._key.secret, nonce, inside)
        self._position = position

    def _turned(self, data: bytes | memoryview) -> bytes:
        self._position += len(data)
        return self._context.update(data)


def _keystream(secret: bytes, nonce: bytes, inside: int) -> CipherContext:
    """What turns the bytes of one block from byte `inside` of it on."""
    if inside == 0 and _whole_blocks_by_gcm():
        return Cipher(algorithms.AES256(secret), modes.GCM(nonce)).encryptor()
    cipher, skipped = divmod(inside, _CIPHER_BLOCK)
    counter = nonce + (_FIRST_COUNTER + cipher).to_bytes(4, "big")
    context = Cipher(algorithms.AES256(secret), modes.CTR(counter)).encryptor()
    context.update(bytes(skipped))
    return context


@cache
def _whole_blocks_by_gcm() -> bool:
    """
    Whether this machine does GCM quicker than counter mode, its tag (which we never ask for)
    included: OpenSSL has code for wide vectors for the one and not for the other.
    """
    secret, nonce, data = bytes(SECRET), bytes(_NONCE), bytes(256 * 1024)

    def seconds(context: CipherContext) -> float:
        times = []
        for _ in range(5):
            began = perf_counter()
            context.update(data)
            times.append(perf_counter() - began)
        return min(times)

    aes = algorithms.AES256(secret)
    gcm = Cipher(aes, modes.GCM(nonce)).encryptor()
    ctr = Cipher(aes, modes.CTR(nonce + bytes(4))).encryptor()
    return seconds(gcm) < seconds(ctr)


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
