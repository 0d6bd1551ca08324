"""Stored bytes found another way: the whole keystream at once, from AES one block at a time."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from library.encryption import Key

BLOCK = 1_040_384
CIPHER_BLOCK = 16


def stored_bytes(key: Key, film: bytes) -> bytes:
    """The film XOR its keystream, epoch by epoch, as docs/decisions/0004 says in words."""
    ends = [start for start, _ in key.parts[1:]] + [len(film)]
    out = bytearray()
    for (start, epoch), end in zip(key.parts, ends, strict=True):
        first, last = start // CIPHER_BLOCK, -(-end // CIPHER_BLOCK)
        counters = b"".join(counter(epoch, number * CIPHER_BLOCK) for number in range(first, last))
        stream = Cipher(algorithms.AES256(key.secret), modes.ECB()).encryptor().update(counters)
        begin = first * CIPHER_BLOCK
        own = stream[start - begin : end - begin]
        some = int.from_bytes(film[start:end], "big") ^ int.from_bytes(own, "big")
        out += some.to_bytes(end - start, "big")
    return bytes(out)


def counter(epoch: int, position: int) -> bytes:
    block, inside = divmod(position, BLOCK)
    low = 2 + inside // CIPHER_BLOCK
    return epoch.to_bytes(4, "big") + block.to_bytes(8, "big") + low.to_bytes(4, "big")
