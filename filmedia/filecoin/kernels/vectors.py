"""
SHA-256 with plain arithmetic: on words, or on vectors of sixteen of them, one hash a
lane. LLVM cuts the vectors to what the CPU has.
"""

from llvmlite import ir
from numba.core import cgutils

from .constants import INITIAL, PADDED_ROUNDS, ROUND_CONSTANTS
from .llvm import (
    LAST_WORD_MASK,
    WORD,
    Builder,
    Hash,
    Value,
    block_at,
    call,
    load,
    mangled,
    shuffle,
    splat,
    store,
    swap_bytes,
)


def _rotated(b: Builder, value: Value, bits: int) -> Value:
    kind = value.type
    return call(b, f"llvm.fshr.{mangled(kind)}", kind, value, value, splat(kind, bits))


def _xor(b: Builder, *values: Value) -> Value:
    first, *rest = values
    for value in rest:
        first = b.xor(first, value)
    return first


def _sum(b: Builder, *values: Value) -> Value:
    first, *rest = values
    for value in rest:
        first = b.add(first, value)
    return first


def _round(b: Builder, state: list[Value], keyed: Value) -> list[Value]:
    a, bb, c, d, e, f, g, h = state
    big1 = _xor(b, *(_rotated(b, e, bits) for bits in (6, 11, 25)))
    choice = b.xor(g, b.and_(e, b.xor(f, g)))
    big0 = _xor(b, *(_rotated(b, a, bits) for bits in (2, 13, 22)))
    majority = b.or_(b.and_(a, bb), b.and_(c, b.or_(a, bb)))
    first = _sum(b, h, keyed, big1, choice)
    return [_sum(b, first, big0, majority), a, bb, c, b.add(d, first), e, f, g]


def _next_word(b: Builder, words: list[Value]) -> Value:
    def small(word: Value, left: int, right: int, shift: int) -> Value:
        shifted = b.lshr(word, splat(word.type, shift))
        return _xor(b, _rotated(b, word, left), _rotated(b, word, right), shifted)

    return _sum(b, small(words[14], 17, 19, 10), words[9], small(words[1], 7, 18, 3), words[0])


def _block(b: Builder, start: list[Value], words: list[Value]) -> list[Value]:
    state, window = start, list(words)
    for i in range(64):
        if i >= 16:
            window = [*window[1:], _next_word(b, window)]
        word = window[-1] if i >= 16 else window[i]
        state = _round(b, state, b.add(word, splat(word.type, ROUND_CONSTANTS[i])))
    return [b.add(*pair) for pair in zip(start, state, strict=True)]


def _padding(b: Builder, start: list[Value]) -> list[Value]:
    state = start
    for keyed in PADDED_ROUNDS:
        state = _round(b, state, splat(start[0].type, keyed))
    return [b.add(*pair) for pair in zip(start, state, strict=True)]


def _transposed(b: Builder, rows: list[Value]) -> list[Value]:
    """Rows of a square become columns, by halving exchanges: log2(n) steps of n shuffles."""
    size = len(rows)
    step = size // 2
    while step:
        low = [i if not i & step else size + i - step for i in range(size)]
        high = [i + step if not i & step else size + i for i in range(size)]
        swapped = list(rows)
        for i in range(size):
            if not i & step:
                swapped[i] = shuffle(b, rows[i], rows[i + step], low)
                swapped[i + step] = shuffle(b, rows[i], rows[i + step], high)
        rows = swapped
        step //= 2
    return rows


def nodes(lanes: int) -> Hash:
    if lanes != 16:
        raise ValueError("A message is sixteen words, so sixteen lanes make a square.")
    row = ir.VectorType(WORD, 16)

    def emit(b: Builder, out: Value, pairs: Value) -> None:
        rows = [swap_bytes(b, load(b, pairs, 64 * lane, row)) for lane in range(16)]
        state = _block(b, [splat(row, word) for word in INITIAL], _transposed(b, rows))
        state = _padding(b, state)
        state[7] = b.and_(state[7], splat(row, LAST_WORD_MASK))
        # Eight words of sixteen lanes: as two squares side by side, half of it unused.
        columns = _transposed(b, [*state, *state])
        for lane in range(16):
            digest = shuffle(b, columns[lane], columns[lane], range(8))
            store(b, swap_bytes(b, digest), out, 32 * lane)

    return emit


def stream(b: Builder, state: Value, data: Value, blocks: Value) -> None:
    words = [swap_bytes(b, load(b, state, 4 * i, WORD)) for i in range(8)]
    slots = [cgutils.alloca_once_value(b, word) for word in words]
    with cgutils.for_range(b, blocks) as loop:
        block = block_at(b, data, loop.index)
        message = [swap_bytes(b, load(b, block, 4 * i, WORD)) for i in range(16)]
        after = _block(b, [b.load(slot) for slot in slots], message)
        for slot, word in zip(slots, after, strict=True):
            b.store(word, slot)
    for i, slot in enumerate(slots):
        store(b, swap_bytes(b, b.load(slot)), state, 4 * i)
