"""
Hashing without numba: hashlib for the nodes of the tree, and SHA-256 in Python where its
state must be kept, which hashlib does not give away.

Slow, and it keeps the GIL: for machines without numba, in a process of its own.
"""

import struct

from ..tree import BLOCK_LEVEL, NODE, QUAD, QUAD_LEVEL, node, quad_root
from .constants import MASK, ROUND_CONSTANTS, schedule


class Pure:
    name = "pure"

    def absorb(self, stack: bytearray, quads: int, data: memoryview) -> bytes:
        roots = bytearray()
        for start in range(0, len(data), QUAD):
            root, level = quad_root(data[start : start + QUAD]), QUAD_LEVEL
            # A set bit of `quads` is a node that waits for its right-hand neighbour.
            waiting = quads
            while waiting & 1:
                root = node(stack[level * NODE : (level + 1) * NODE], root)
                waiting >>= 1
                level += 1
                if level == BLOCK_LEVEL:
                    roots += root
            stack[level * NODE : (level + 1) * NODE] = root
            quads += 1
        return bytes(roots)

    def parents(self, nodes: bytes) -> bytes:
        pair = 2 * NODE
        return b"".join(
            node(nodes[at : at + NODE], nodes[at + NODE : at + pair])
            for at in range(0, len(nodes), pair)
        )

    def compress(self, state: bytearray, data: memoryview) -> None:
        words = struct.unpack(">8I", state)
        for start in range(0, len(data), 64):
            words = _block(words, list(struct.unpack_from(">16I", data, start)))
        state[:] = struct.pack(">8I", *words)


def _block(start: tuple[int, ...], message: list[int]) -> tuple[int, ...]:
    a, b, c, d, e, f, g, h = start
    for word, key in zip(schedule(message), ROUND_CONSTANTS, strict=True):
        # A word twice over, so that a shift is a rotation.
        ee, aa = e << 32 | e, a << 32 | a
        big1 = (ee >> 6 ^ ee >> 11 ^ ee >> 25) & MASK
        big0 = (aa >> 2 ^ aa >> 13 ^ aa >> 22) & MASK
        first = h + big1 + (g ^ e & (f ^ g)) + key + word
        second = big0 + (a & b | c & (a | b))
        a, b, c, d, e, f, g, h = (first + second) & MASK, a, b, c, (d + first) & MASK, e, f, g
    after = (a, b, c, d, e, f, g, h)
    return tuple((old + new) & MASK for old, new in zip(start, after, strict=True))
