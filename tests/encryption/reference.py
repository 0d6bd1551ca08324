"""Stored bytes found another way: the whole keystream at once, from AES one block at a time."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from library.encryption import Key

BLOCK = 16


def stored_bytes(key: Key, film: bytes) -> bytes:
    """The film XOR its keystream, epoch by epoch, as docs/decisions/0004 says in words."""
    ends = [start for start, _ in key.parts[1:]] + [len(film)]
    out = bytearray()
    for (start, epoch), end in zip(key.parts, ends, strict=True):
        first, last = start // BLOCK, -(-end // BLOCK)
        counters = b"".join(
            epoch.to_bytes(8, "big") + number.to_bytes(8, "big") for number in range(first, last)
        )
        stream = Cipher(algorithms.AES256(key.secret), modes.ECB()).encryptor().update(counters)
        own = stream[start - first * BLOCK : end - first * BLOCK]
        out += bytes(a ^ b for a, b in zip(film[start:end], own, strict=True))
    return bytes(out)
