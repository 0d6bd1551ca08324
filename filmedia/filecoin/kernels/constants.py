"""
The numbers of SHA-256, worked out from their definition: the first bits of the roots
of the first primes. And the rounds of the block that ends every 64-byte message.
"""

from math import isqrt

MASK = 0xFFFFFFFF


def _primes(count: int) -> list[int]:
    found: list[int] = []
    candidate = 2
    while len(found) < count:
        if all(candidate % prime for prime in found):
            found.append(candidate)
        candidate += 1
    return found


def _cube_root(number: int) -> int:
    low, high = 0, 1 << (number.bit_length() // 3 + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= number else (low, middle - 1)
    return low


def _rotated(word: int, bits: int) -> int:
    return (word >> bits | word << (32 - bits)) & MASK


def schedule(words: list[int]) -> list[int]:
    """The sixty-four words that the rounds take, from the sixteen of a block."""
    w = list(words)
    for i in range(16, 64):
        a, b = w[i - 15], w[i - 2]
        small0 = _rotated(a, 7) ^ _rotated(a, 18) ^ a >> 3
        small1 = _rotated(b, 17) ^ _rotated(b, 19) ^ b >> 10
        w.append((w[i - 16] + small0 + w[i - 7] + small1) & MASK)
    return w


INITIAL = tuple(isqrt(prime << 64) & MASK for prime in _primes(8))
ROUND_CONSTANTS = tuple(_cube_root(prime << 96) & MASK for prime in _primes(64))

# What follows 64 bytes of message: one bit, zeros, and the length of 512 bits. It is the
# same for every node of the tree, and so are its round inputs.
PADDED_ROUNDS = tuple(
    (word + key) & MASK
    for word, key in zip(schedule([1 << 31, *[0] * 14, 512]), ROUND_CONSTANTS, strict=True)
)
