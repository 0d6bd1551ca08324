"""
The Merkle tree under a piece: its sizes, its nodes, and the roots of zeros. Pure.

Bytes are taken in quads of 127, which Fr32 turns into four leaves of 32 bytes. A node is
named by its level: leaves are 0, the root of a quad is 2, the root of a block is 15.
"""

from functools import cache
from hashlib import sha256

NODE = 32
QUAD = 127
QUAD_LEVEL = 2
BLOCK_LEVEL = 15
BLOCK_SIZE = QUAD << BLOCK_LEVEL - QUAD_LEVEL

# The last byte of a node keeps six bits, so that a node fits the field of the proofs.
_SIX_BITS = [bytes([value & 0x3F]) for value in range(256)]

_FIRST, _SECOND, _THIRD, _FOURTH = (((1 << 254) - 1) << 254 * leaf for leaf in range(4))


def node(left: bytes | bytearray, right: bytes) -> bytes:
    digest = sha256(left + right).digest()
    return digest[:31] + _SIX_BITS[digest[31]]


@cache
def zero_root(level: int) -> bytes:
    """The root of a subtree of zeros."""
    if level == 0:
        return bytes(NODE)
    below = zero_root(level - 1)
    return node(below, below)


def height_of(size: int) -> int:
    """The height of the smallest tree that holds `size` bytes; no bytes still fill a quad."""
    quads = max(-(-size // QUAD), 1)
    return (quads - 1).bit_length() + QUAD_LEVEL


def capacity(height: int) -> int:
    """How many bytes a tree of this height holds."""
    return QUAD << height - QUAD_LEVEL


def lift(root: bytes, level: int, to: int) -> bytes:
    """The root of a larger tree that has zeros in all the room to the right."""
    for height in range(level, to):
        root = node(root, zero_root(height))
    return root


def leaves(quad: bytes | memoryview) -> bytes:
    """Fr32: 1,016 bits, lowest first, as four leaves of 254 bits under two zero bits each."""
    bits = int.from_bytes(quad, "little")
    spread = bits & _FIRST | (bits & _SECOND) << 2 | (bits & _THIRD) << 4 | (bits & _FOURTH) << 6
    return spread.to_bytes(4 * NODE, "little")


def quad_root(quad: bytes | memoryview) -> bytes:
    """The root of 127 bytes; of fewer, the root of them and zeros."""
    four = leaves(quad)
    left, right = sha256(four[:64]).digest(), sha256(four[64:]).digest()
    return node(left[:31] + _SIX_BITS[left[31]], right[:31] + _SIX_BITS[right[31]])
