"""
The two ways that numba compiles: "native" with the SHA instructions of the CPU, "lanes"
with sixteen hashes side by side in vectors. Both let go of the GIL.

Importing this imports numba, which takes most of a second: see `choose`.
"""

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from llvmlite import ir
from numba import extending, njit, types
from numba.core import cgutils

from ..tree import BLOCK_LEVEL, NODE, QUAD, QUAD_LEVEL
from . import llvm, sha_ni, vectors

intrinsic: Any = extending.intrinsic  # its types do not know what it makes

NATIVE_LANES, PLAIN_LANES = 4, 16

_READ = types.Array(types.uint8, 1, "C", readonly=True)
_WRITE = types.Array(types.uint8, 1, "C")
_LONG = ir.IntType(64)


def _address(context: Any, builder: Any, kind: Any, array: Any, offset: Any) -> Any:
    data = cgutils.create_struct_proxy(kind)(context, builder, value=array).data
    return builder.gep(data, [offset])


@intrinsic
def _load64(typing: Any, array: Any, offset: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _address(context, builder, signature.args[0], *arguments)
        return llvm.load(builder, place, 0, _LONG)

    return types.uint64(array, types.int64), emit


@intrinsic
def _store64(typing: Any, array: Any, offset: Any, value: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, offset, value = arguments
        place = _address(context, builder, signature.args[0], array, offset)
        llvm.store(builder, value, place, 0)
        return context.get_dummy_value()

    return types.void(array, types.int64, types.uint64), emit


@intrinsic(prefer_literal=True)
def _hash_nodes(typing: Any, out: Any, start: Any, nodes: Any, first: Any, lanes: Any) -> Any:
    """Hash `lanes` adjacent pairs of nodes."""
    count = lanes.literal_value
    make = sha_ni.nodes if count == NATIVE_LANES else vectors.nodes
    write = make(count)

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        out, start, nodes, first, _ = arguments
        target = _address(context, builder, signature.args[0], out, start)
        source = _address(context, builder, signature.args[2], nodes, first)
        write(builder, target, source)
        return context.get_dummy_value()

    return types.void(out, types.int64, nodes, types.int64, lanes), emit


@intrinsic(prefer_literal=True)
def _hash_stream(typing: Any, state: Any, data: Any, blocks: Any, lanes: Any) -> Any:
    native = lanes.literal_value == NATIVE_LANES
    write = sha_ni.stream if native else vectors.stream

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        state, data, blocks, _ = arguments
        zero = ir.Constant(_LONG, 0)
        target = _address(context, builder, signature.args[0], state, zero)
        source = _address(context, builder, signature.args[1], data, zero)
        write(builder, target, source, blocks)
        return context.get_dummy_value()

    return types.void(state, data, types.int64, lanes), emit


@njit(inline="never")
def _expand(leaves: np.ndarray, to: int, data: np.ndarray, at: int) -> None:
    """Fr32: the 1,016 bits of a quad become four leaves of 254 bits, two zero bits over each."""
    top = np.uint64(0x3FFFFFFFFFFFFFFF)
    for i in range(0, 24, 8):
        _store64(leaves, to + i, _load64(data, at + i))
    _store64(leaves, to + 24, _load64(data, at + 24) & top)
    for leaf in range(1, 4):
        low, start = np.uint64(8 - 2 * leaf), at + 32 * leaf - 1
        high = np.uint64(64) - low
        for i in range(0, 24, 8):
            word = _load64(data, start + i) >> low
            word |= np.uint64(data[start + i + 8]) << high
            _store64(leaves, to + 32 * leaf + i, word)
        word = _load64(data, start + 24) >> low
        if leaf < 3:  # the last word of the last leaf ends with the quad
            word |= np.uint64(data[start + 32]) << high
        _store64(leaves, to + 32 * leaf + 24, word & top)


def _fingerprint() -> int:
    # numba takes code from its cache when the file of the function has not changed; it does
    # not look into files that the function calls. The numbers that a closure holds count as
    # a part of it, so each one below holds this: a change to any of these files compiles anew.
    here = Path(__file__).parent
    sources = [*sorted(here.glob("*.py")), here.parent / "tree.py"]
    return zlib.crc32(b"".join(source.read_bytes() for source in sources))


def _compiled(signature: Any, function: Callable[..., int]) -> Callable[..., int]:
    """Compile now, or load from numba's cache."""
    options: dict[str, Any] = {"nogil": True}
    compiled: Callable[..., int]
    try:
        compiled = njit(signature, cache=True, **options)(function)
    except RuntimeError:
        # There is no folder that numba may write its cache to. Seconds each time, but it works.
        compiled = njit(signature, **options)(function)
    return compiled


def _absorber(lanes: int, batch: int, salt: int) -> Callable[..., int]:
    def absorb(stack, quads, data, roots):  # type: ignore[no-untyped-def]
        leaves = np.empty(max(batch, lanes) * 4 * NODE, np.uint8)
        done, total, found = 0, data.size // QUAD, 0
        while done < total:
            # The largest whole subtree that may begin here and is there.
            size = batch
            while size > total - done or quads & (size - 1):
                size >>= 1
            for i in range(size):
                _expand(leaves, i * 4 * NODE, data, (done + i) * QUAD)
            level, nodes = 0, 4 * size
            while nodes > 1:
                nodes >>= 1
                level += 1
                for i in range(0, nodes, lanes):
                    _hash_nodes(leaves, i * NODE, leaves, 2 * i * NODE, lanes)

            # A set bit of `quads` is a node that waits for its right-hand neighbour.
            while quads >> (level - QUAD_LEVEL) & 1:
                leaves[NODE : 2 * NODE] = leaves[:NODE]
                leaves[:NODE] = stack[level * NODE : (level + 1) * NODE]
                _hash_nodes(leaves, 0, leaves, 0, lanes)
                level += 1
                if level == BLOCK_LEVEL:
                    roots[found * NODE : (found + 1) * NODE] = leaves[:NODE]
                    found += 1
            stack[level * NODE : (level + 1) * NODE] = leaves[:NODE]
            quads += size
            done += size
        return found + 0 * salt

    return _compiled(types.int64(_WRITE, types.int64, _READ, _WRITE), absorb)


def _parenter(lanes: int, salt: int) -> Callable[..., int]:
    def parents(out, nodes):  # type: ignore[no-untyped-def]
        # The last group may be short, so groups are hashed where there is room for a full one.
        group = np.zeros(lanes * 2 * NODE, np.uint8)
        pairs = nodes.size // (2 * NODE)
        for first in range(0, pairs, lanes):
            some = min(lanes, pairs - first)
            group[: some * 2 * NODE] = nodes[first * 2 * NODE : (first + some) * 2 * NODE]
            _hash_nodes(group, 0, group, 0, lanes)
            out[first * NODE : (first + some) * NODE] = group[: some * NODE]
        return pairs + 0 * salt

    return _compiled(types.int64(_WRITE, _READ), parents)


def _compressor(lanes: int, salt: int) -> Callable[..., int]:
    def compress(state, data):  # type: ignore[no-untyped-def]
        blocks = data.size // 64
        _hash_stream(state, data, blocks, lanes)
        return blocks + 0 * salt

    return _compiled(types.int64(_WRITE, _READ), compress)


def _readable(data: bytes | bytearray | memoryview) -> np.ndarray:
    view = np.frombuffer(data, np.uint8)
    view.flags.writeable = False  # one type for numba, whatever the caller's buffer is
    return view


class Compiled:
    """
    A kernel of `lanes` hashes at a time.

    `batch` is how many quads are hashed at once, a power of two: enough to keep every
    lane busy, few enough to stay in the caches next to the CPU.
    """

    def __init__(self, name: str, lanes: int, batch: int) -> None:
        salt = _fingerprint()
        self.name = name
        self._absorb = _absorber(lanes, batch, salt)
        self._parents = _parenter(lanes, salt)
        self._compress = _compressor(lanes, salt)

    def absorb(self, stack: bytearray, quads: int, data: memoryview) -> bytes:
        if not len(data):
            return b""
        blocks = len(data) // QUAD // (1 << BLOCK_LEVEL - QUAD_LEVEL) + 1
        roots = np.empty(blocks * NODE, np.uint8)
        found = self._absorb(np.frombuffer(stack, np.uint8), quads, _readable(data), roots)
        return roots[: found * NODE].tobytes()

    def parents(self, nodes: bytes) -> bytes:
        if not nodes:
            return b""
        out = np.empty(len(nodes) // 2, np.uint8)
        self._parents(out, _readable(nodes))
        return out.tobytes()

    def compress(self, state: bytearray, data: memoryview) -> None:
        if len(data):
            self._compress(np.frombuffer(state, np.uint8), _readable(data))


def native() -> Compiled:
    return Compiled("native", NATIVE_LANES, batch=64)


def lanes() -> Compiled:
    return Compiled("lanes", PLAIN_LANES, batch=512)
