"""Small words for writing LLVM instructions: loads, stores, shuffles of 32-bit lanes."""

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba.core import cgutils

WORD = ir.IntType(32)
LAST_WORD_MASK = 0xFFFFFF3F  # a node is 254 bits: the top two of its last byte are cleared

Builder = Any  # llvmlite is untyped
Value = Any
Hash = Callable[[Builder, Value, Value], None]


def splat(kind: Any, number: int) -> Value:
    if isinstance(kind, ir.VectorType):
        return ir.Constant(kind, [number] * kind.count)
    return ir.Constant(kind, number)


def call(b: Builder, name: str, result: Any, *arguments: Value) -> Value:
    signature = ir.FunctionType(result, [argument.type for argument in arguments])
    return b.call(cgutils.get_or_insert_function(b.module, signature, name), arguments)


def swap_bytes(b: Builder, value: Value) -> Value:
    return call(b, f"llvm.bswap.{mangled(value.type)}", value.type, value)


def mangled(kind: Any) -> str:
    return f"v{kind.count}i32" if isinstance(kind, ir.VectorType) else "i32"


def load(b: Builder, base: Value, offset: int, kind: Any) -> Value:
    return b.load(b.bitcast(at(b, base, offset), kind.as_pointer()), align=1)


def store(b: Builder, value: Value, base: Value, offset: int) -> None:
    b.store(value, b.bitcast(at(b, base, offset), value.type.as_pointer()), align=1)


def at(b: Builder, base: Value, offset: int) -> Value:
    return b.gep(base, [ir.Constant(ir.IntType(64), offset)])


def shuffle(b: Builder, left: Value, right: Value, picks: Sequence[int]) -> Value:
    mask = ir.Constant(ir.VectorType(WORD, len(picks)), list(picks))
    return b.shuffle_vector(left, right, mask)


def block_at(b: Builder, data: Value, index: Value) -> Value:
    """Where the block of 64 bytes with this number begins."""
    return b.gep(data, [b.shl(index, index.type(6))])
