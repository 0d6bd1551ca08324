"""
Hashing a piece or a film while its bytes arrive, with a state that outlives the process.

Knows bytes in order; does not know files, nor how a kernel hashes.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Self
from zlib import crc32

from . import tree
from .cid import PieceCid
from .digest import BLOCK as SHA_BLOCK
from .digest import STATE as SHA_STATE
from .digest import Sha256
from .errors import InvalidHashState, PieceError
from .kernels import Kernel, choose
from .tree import BLOCK_LEVEL, BLOCK_SIZE, NODE, QUAD, QUAD_LEVEL

Bytes = bytes | bytearray | memoryview

# Both hashes of a film read the same bytes, the second time from the CPU's cache. A stride
# is a whole subtree, so that the tree is hashed in large even groups.
STRIDE = QUAD * 2048

_LEVELS = 64
# The levels of nodes inside a block; the ones above follow from the roots of whole blocks.
_IN_BLOCK = range(QUAD_LEVEL, BLOCK_LEVEL)
_PIECE, _FILM = b"P\x01", b"F\x01"
_HEAD, _CHECK = 10, 4


class PieceHasher:
    """
    The PieceCID of bytes that arrive in order, in whatever portions.

    One thread at a time. With numba, `update` lets go of the GIL; the pure kernel keeps
    it, so run that one in a process.
    """

    def __init__(self, kernel: Kernel | None = None) -> None:
        self._kernel = kernel or choose()
        self._stack = bytearray(_LEVELS * NODE)
        self._quads = 0
        self._rest = b""
        self._block_roots = bytearray()
        self._blocks_hidden = False

    @property
    def size(self) -> int:
        return self._quads * QUAD + len(self._rest)

    def update(self, data: Bytes) -> None:
        view = memoryview(data).cast("B")
        if self._rest:
            missing = QUAD - len(self._rest)
            self._rest += view[:missing]
            view = view[missing:]
            if len(self._rest) < QUAD:
                return
            self._absorb(memoryview(self._rest))
        whole = len(view) - len(view) % QUAD
        self._absorb(view[:whole])
        self._rest = bytes(view[whole:])

    def push_subtree(self, root: bytes, level: int) -> None:
        """
        Take 127 * 2**(level - 2) bytes by the root that was found for them elsewhere.

        They must begin at a multiple of their own size. Above BLOCK_LEVEL the roots of the
        blocks inside stay unknown, and `take_block_roots` says so.
        """
        if len(root) != NODE or not QUAD_LEVEL <= level < _LEVELS:
            raise PieceError(f"No subtree of level {level} has a root of {len(root)} bytes.")
        if self._rest or self._quads % (1 << level - QUAD_LEVEL):
            raise PieceError(f"A subtree of level {level} cannot begin at byte {self.size}.")
        self._blocks_hidden |= level > BLOCK_LEVEL
        quads, self._quads = self._quads, self._quads + (1 << level - QUAD_LEVEL)
        if level == BLOCK_LEVEL:
            self._block_roots += root
        while quads >> level - QUAD_LEVEL & 1:
            root = tree.node(self._node(level), root)
            level += 1
            if level == BLOCK_LEVEL:
                self._block_roots += root
        self._stack[level * NODE : (level + 1) * NODE] = root

    def finish(self) -> PieceCid:
        """The PieceCID of the bytes so far; more may follow."""
        return PieceCid(self._root(self._quads, self.size), self.size)

    def tail(self) -> PieceCid | None:
        """The PieceCID of the bytes after the last whole block; None where there are none."""
        size = self.size % BLOCK_SIZE
        if not size:
            return None
        return PieceCid(self._root(self._quads % (BLOCK_SIZE // QUAD), size), size)

    def take_block_roots(self) -> bytes:
        """
        The roots of the blocks completed since the last call, 32 bytes each.

        They are no part of the saved state: keep them before `save` is kept.
        """
        if self._blocks_hidden:
            raise PieceError("A subtree larger than a block was pushed: its blocks are unknown.")
        roots, self._block_roots = bytes(self._block_roots), bytearray()
        return roots

    def copy(self) -> Self:
        """A hasher of the same bytes that goes its own way from here."""
        twin = type(self)(self._kernel)
        twin._stack[:] = self._stack
        twin._quads, twin._rest = self._quads, self._rest
        twin._block_roots[:] = self._block_roots
        twin._blocks_hidden = self._blocks_hidden
        return twin

    def save(self) -> bytes:
        """
        The state, for `restore` in another process or with another kernel.

        At most 140 bytes, and 32 for each set bit in the number of quads: under 1 KiB up to
        127 * 2**27 bytes (16 GB) wherever it is taken, at most 1,516 bytes at 2**50.
        """
        return _sealed(_PIECE, self.size, self._nodes(), self._rest)

    @classmethod
    def restore(cls, saved: bytes, kernel: Kernel | None = None) -> Self:
        size, body = _opened(_PIECE, saved)
        hasher = cls(kernel)
        if hasher._take_nodes(size, body) != size % QUAD:
            raise InvalidHashState("its length does not fit its size")
        return hasher

    def _absorb(self, quads: memoryview) -> None:
        self._block_roots += self._kernel.absorb(self._stack, self._quads, quads)
        self._quads += len(quads) // QUAD

    def _node(self, level: int) -> bytes:
        return bytes(self._stack[level * NODE : (level + 1) * NODE])

    def _waiting(self) -> Iterator[int]:
        """The levels with a node that waits for its right-hand neighbour."""
        for bit in range(self._quads.bit_length()):
            if self._quads >> bit & 1:
                yield bit + QUAD_LEVEL

    def _root(self, quads: int, size: int) -> bytes:
        """The root over the last `size` bytes, whose whole quads are `quads`."""
        height = tree.height_of(size)
        root = tree.quad_root(self._rest) if self._rest or not quads else None
        for level in range(QUAD_LEVEL, height):
            if quads >> level - QUAD_LEVEL & 1:
                root = tree.node(self._node(level), root or tree.zero_root(level))
            elif root is not None:
                root = tree.node(root, tree.zero_root(level))
        return self._node(height) if root is None else root

    def _nodes(self, levels: range = range(QUAD_LEVEL, _LEVELS)) -> bytes:
        return b"".join(self._node(level) for level in self._waiting() if level in levels)

    def _take_nodes(self, size: int, body: bytes, among: range = range(QUAD_LEVEL, _LEVELS)) -> int:
        """Fill an empty hasher from a saved body; how many bytes follow the nodes."""
        self._quads = size // QUAD
        levels = [level for level in self._waiting() if level in among]
        for index, level in enumerate(levels):
            node = body[index * NODE : (index + 1) * NODE]
            self._stack[level * NODE : level * NODE + len(node)] = node
        self._rest = body[len(body) - size % QUAD :]
        return len(body) - len(levels) * NODE


class FilmHasher:
    """
    The PieceCID and the SHA-256 of a film in one pass over its bytes.

    The SHA-256 is of the film's own bytes, the PieceCID of the bytes as stored. For a film
    that is stored as it is both are the same bytes, and are given once.

    One thread at a time. With numba, `update` lets go of the GIL; the pure kernel keeps
    it and is very slow at this, so run that one in a process.
    """

    def __init__(self, kernel: Kernel | None = None) -> None:
        kernel = kernel or choose()
        self._piece = PieceHasher(kernel)
        self._sha = Sha256(kernel)
        # The end of the stored bytes that go with what SHA-256 has not taken yet.
        self._end = b""

    @property
    def size(self) -> int:
        return self._piece.size

    def update(self, film: Bytes, stored: Bytes | None = None) -> None:
        """Take the next bytes of the film, and what they are stored as if that differs."""
        own = memoryview(film).cast("B")
        kept = own if stored is None else memoryview(stored).cast("B")
        if len(own) != len(kept):
            raise PieceError(f"{len(own)} bytes cannot be stored as {len(kept)}.")
        self._end = _end_of(self._end, kept, (self.size + len(kept)) % SHA_BLOCK)
        while len(own):
            length = STRIDE - self.size % STRIDE
            self._piece.update(kept[:length])
            self._sha.update(own[:length])
            own, kept = own[length:], kept[length:]

    def piece_cid(self) -> PieceCid:
        """The PieceCID of the bytes so far; more may follow."""
        return self._piece.finish()

    def sha256(self) -> str:
        """The SHA-256 of the bytes so far, in hexadecimal; more may follow."""
        return self._sha.hexdigest()

    def tail(self) -> PieceCid | None:
        """As PieceHasher.tail."""
        return self._piece.tail()

    def take_block_roots(self) -> bytes:
        """As PieceHasher.take_block_roots."""
        return self._piece.take_block_roots()

    def save(self) -> bytes:
        """
        The state of both hashes, for `restore` with the roots of the film's whole blocks.

        At most 620 bytes, however long the film: what the block roots tell is left out,
        but for a digest of it that shows whether they are the right ones. Of the film there
        are stored bytes in it, and none of its own.
        """
        # Of the two unfinished ends the longer holds the shorter.
        rest = max(self._piece._rest, self._end, key=len)
        nodes = self._piece._nodes(_IN_BLOCK)
        return _sealed(_FILM, self.size, nodes, self._above_blocks(), self._sha.state, rest)

    @classmethod
    def restore(
        cls,
        saved: bytes,
        block_roots: bytes = b"",
        kernel: Kernel | None = None,
        *,
        as_film: Callable[[bytes, int], Bytes] = lambda stored, position: stored,
    ) -> Self:
        """
        The hasher that was saved. `block_roots` are all that `take_block_roots` ever gave;
        `as_film` turns stored bytes that begin at a position into the film's own.

        Raises InvalidHashState for a damaged state, and for roots that it was not saved with.
        """
        size, body = _opened(_FILM, saved)
        if len(block_roots) != size // BLOCK_SIZE * NODE:
            raise InvalidHashState("there should be a root for each whole block")
        hasher = cls(kernel)
        for start in range(0, len(block_roots), NODE):
            hasher._piece.push_subtree(block_roots[start : start + NODE], BLOCK_LEVEL)
        hasher.take_block_roots()
        left = hasher._piece._take_nodes(size, body, _IN_BLOCK)
        rest = max(size % QUAD, size % SHA_BLOCK)
        if left != NODE + SHA_STATE + rest:
            raise InvalidHashState("its length does not fit its size")
        if body[-left : len(body) - left + NODE] != hasher._above_blocks():
            raise InvalidHashState("the roots of its blocks are other ones")
        state = body[len(body) - left + NODE : len(body) - rest]
        hasher._end = body[len(body) - size % SHA_BLOCK :]
        unfinished = bytes(as_film(hasher._end, size - len(hasher._end)))
        hasher._sha = Sha256(hasher._piece._kernel, state, size, unfinished)
        return hasher

    def _above_blocks(self) -> bytes:
        nodes = self._piece._nodes(range(BLOCK_LEVEL, _LEVELS))
        return hashlib.sha256(nodes).digest()


def _end_of(before: bytes, data: memoryview, length: int) -> bytes:
    """The last `length` bytes of `before` followed by `data`."""
    if length <= len(data):
        return bytes(data[len(data) - length :])
    return before[len(before) + len(data) - length :] + bytes(data)


def _sealed(kind: bytes, size: int, *parts: bytes) -> bytes:
    state = b"".join([kind, size.to_bytes(_HEAD - len(kind), "big"), *parts])
    return state + crc32(state).to_bytes(_CHECK, "big")


def _opened(kind: bytes, saved: bytes) -> tuple[int, bytes]:
    """The size and the rest of what `_sealed` made."""
    state, check = bytes(saved[:-_CHECK]), saved[-_CHECK:]
    if len(state) < _HEAD or crc32(state).to_bytes(_CHECK, "big") != check:
        raise InvalidHashState("it is damaged")
    if not state.startswith(kind):
        raise InvalidHashState("it was saved by another kind of hasher, or another version")
    return int.from_bytes(state[len(kind) : _HEAD], "big"), state[_HEAD:]
