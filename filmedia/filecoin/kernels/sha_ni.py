"""
SHA-256 with the SHA instructions of x86, several hashes taking turns: one alone waits
for its own last round most of the time.
"""

from collections.abc import Sequence

from llvmlite import ir
from numba.core import cgutils

from .constants import INITIAL, PADDED_ROUNDS, ROUND_CONSTANTS
from .llvm import (
    LAST_WORD_MASK,
    WORD,
    Builder,
    Hash,
    Value,
    at,
    block_at,
    call,
    load,
    shuffle,
    store,
    swap_bytes,
)

QUARTET = ir.VectorType(WORD, 4)

# The instructions want the eight words of a state as (F, E, B, A) and (H, G, D, C).
_ABEF, _CDGH = (5, 4, 1, 0), (7, 6, 3, 2)
_ABCD, _EFGH = (3, 2, 7, 6), (1, 0, 5, 4)
_Pair = tuple[Value, Value]


def _quartet(numbers: Sequence[int]) -> Value:
    return ir.Constant(QUARTET, list(numbers))


def _initial_pair() -> _Pair:
    return _quartet([INITIAL[i] for i in _ABEF]), _quartet([INITIAL[i] for i in _CDGH])


def _four_rounds(b: Builder, state: _Pair, keyed: Value) -> _Pair:
    abef, cdgh = state
    name = "llvm.x86.sha256rnds2"
    cdgh = call(b, name, QUARTET, cdgh, abef, keyed)
    keyed = shuffle(b, keyed, keyed, (2, 3, 2, 3))
    abef = call(b, name, QUARTET, abef, cdgh, keyed)
    return abef, cdgh


def _next_words(b: Builder, words: list[Value]) -> Value:
    """The four message words that follow the last sixteen, as the standard's schedule has it."""
    oldest, older, old, new = words
    mixed = call(b, "llvm.x86.sha256msg1", QUARTET, oldest, older)
    mixed = b.add(mixed, shuffle(b, old, new, (1, 2, 3, 4)))
    return call(b, "llvm.x86.sha256msg2", QUARTET, mixed, new)


def _added(b: Builder, left: _Pair, right: _Pair) -> _Pair:
    return b.add(left[0], right[0]), b.add(left[1], right[1])


def _blocks(b: Builder, states: list[_Pair], blocks: list[Value]) -> list[_Pair]:
    """One block of 64 bytes into each state. Lanes take turns, so that none waits for itself."""
    starts = list(states)
    words = [[swap_bytes(b, load(b, block, 16 * i, QUARTET)) for i in range(4)] for block in blocks]
    for group in range(16):
        keys = _quartet(ROUND_CONSTANTS[4 * group : 4 * group + 4])
        for lane, window in enumerate(words):
            if group >= 4:
                window[:] = [*window[1:], _next_words(b, window)]
            current = window[-1] if group >= 4 else window[group]
            states[lane] = _four_rounds(b, states[lane], b.add(current, keys))
    return [_added(b, start, state) for start, state in zip(starts, states, strict=True)]


def _padding(b: Builder, states: list[_Pair]) -> list[_Pair]:
    """The second block of a 64-byte message: always the same, so its schedule is a constant."""
    starts = list(states)
    for group in range(16):
        keyed = _quartet(PADDED_ROUNDS[4 * group : 4 * group + 4])
        states = [_four_rounds(b, state, keyed) for state in states]
    return [_added(b, start, state) for start, state in zip(starts, states, strict=True)]


def nodes(lanes: int) -> Hash:
    def emit(b: Builder, out: Value, pairs: Value) -> None:
        blocks = [at(b, pairs, 64 * lane) for lane in range(lanes)]
        states = _blocks(b, [_initial_pair()] * lanes, blocks)
        states = _padding(b, states)
        keep = _quartet([0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, LAST_WORD_MASK])
        for lane, (abef, cdgh) in enumerate(states):
            low = shuffle(b, abef, cdgh, _ABCD)
            high = b.and_(shuffle(b, abef, cdgh, _EFGH), keep)
            store(b, swap_bytes(b, low), out, 32 * lane)
            store(b, swap_bytes(b, high), out, 32 * lane + 16)

    return emit


def stream(b: Builder, state: Value, data: Value, blocks: Value) -> None:
    low = swap_bytes(b, load(b, state, 0, QUARTET))
    high = swap_bytes(b, load(b, state, 16, QUARTET))
    abef = cgutils.alloca_once_value(b, shuffle(b, low, high, _ABEF))
    cdgh = cgutils.alloca_once_value(b, shuffle(b, low, high, _CDGH))
    with cgutils.for_range(b, blocks) as loop:
        block = block_at(b, data, loop.index)
        [after] = _blocks(b, [(b.load(abef), b.load(cdgh))], [block])
        b.store(after[0], abef)
        b.store(after[1], cdgh)
    left, right = b.load(abef), b.load(cdgh)
    store(b, swap_bytes(b, shuffle(b, left, right, _ABCD)), state, 0)
    store(b, swap_bytes(b, shuffle(b, left, right, _EFGH)), state, 16)
