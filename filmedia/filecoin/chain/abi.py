"""
The contracts' functions and events, as people write them, and how calls are encoded.

One line each, as published; tuples name their fields in order. `functions` and `events`
of a contract are looked up by name, or by name and types where a name is overloaded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

_DECLARED = re.compile(r"(function|event)\s+(\w+)\s*")


@dataclass(frozen=True)
class Parameter:
    """`parts` are the fields of a tuple, and empty for every other type."""

    name: str
    kind: str
    indexed: bool = False
    parts: tuple[Parameter, ...] = ()

    @cached_property
    def type(self) -> str:
        """The canonical type, as selectors and codecs spell it."""
        if not self.parts:
            return self.kind
        inner = ",".join(part.type for part in self.parts)
        return f"({inner}){self.kind.removeprefix('tuple')}"

    def named(self, value: Any) -> Any:
        """Tuples of `value` as dictionaries by field, lists of them likewise."""
        if not self.parts:
            return value
        if self.kind.endswith("]"):
            one = Parameter(self.name, self.kind[: self.kind.rindex("[")], parts=self.parts)
            return [one.named(item) for item in value]
        return {part.name: part.named(item) for part, item in zip(self.parts, value, strict=True)}


@dataclass(frozen=True)
class Function:
    name: str
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]

    @property
    def signature(self) -> str:
        return f"{self.name}({','.join(one.type for one in self.inputs)})"

    @cached_property
    def selector(self) -> bytes:
        return keccak(self.signature.encode())[:4]

    def encode(self, *arguments: Any) -> bytes:
        """The call data."""
        return self.selector + encode([one.type for one in self.inputs], arguments)

    def decode(self, data: bytes) -> Any:
        """
        What a call gave back: the one value, or a dictionary of several by name. Raises
        ValueError for bytes that are no such answer.
        """
        values = decode([one.type for one in self.outputs], data)
        named = [one.named(value) for one, value in zip(self.outputs, values, strict=True)]
        if len(named) == 1:
            return named[0]
        return {one.name: value for one, value in zip(self.outputs, named, strict=True)}


@dataclass(frozen=True)
class Event:
    name: str
    inputs: tuple[Parameter, ...]

    @cached_property
    def topic(self) -> bytes:
        return keccak(f"{self.name}({','.join(one.type for one in self.inputs)})".encode())

    def decode(self, topics: Sequence[bytes], data: bytes) -> dict[str, Any]:
        """The event's arguments by name. Indexed ones of dynamic type are hashes of them."""
        plain = [one for one in self.inputs if not one.indexed]
        values = iter(decode([one.type for one in plain], data))
        indexed = iter(topics[1:])
        return {
            one.name: decode([one.type], next(indexed))[0]
            if one.indexed
            else one.named(next(values))
            for one in self.inputs
        }


class Contract:
    """What can be called on a contract, from its declarations."""

    def __init__(self, declarations: str) -> None:
        self.functions: dict[str, Function] = {}
        self.events: dict[str, Event] = {}
        for line in filter(None, map(str.strip, declarations.splitlines())):
            self._declare(line)

    def __getitem__(self, name: str) -> Function:
        return self.functions[name]

    def _declare(self, line: str) -> None:
        match = _DECLARED.match(line)
        if match is None:
            raise ValueError(f"{line!r} declares nothing.")
        word, name = match.groups()
        inputs, rest = _parameters(line, match.end())
        if word == "event":
            self.events[name] = Event(name, inputs)
            return
        at = line.find("returns", rest)
        outputs = _parameters(line, line.index("(", at))[0] if at >= 0 else ()
        function = Function(name, inputs, outputs)
        self.functions.setdefault(name, function)
        self.functions[function.signature] = function


def _parameters(text: str, start: int) -> tuple[tuple[Parameter, ...], int]:
    """The list in parentheses that begins at `start`, and where it ends."""
    found: list[Parameter] = []
    position = start + 1
    while text[position] != ")":
        parameter, position = _parameter(text, position)
        found.append(parameter)
        if text[position] == ",":
            position += 1
    return tuple(found), position + 1


def _parameter(text: str, position: int) -> tuple[Parameter, int]:
    while text[position] == " ":
        position += 1
    parts: tuple[Parameter, ...] = ()
    if text[position] == "(":
        parts, position = _parameters(text, position)
    end = position
    while text[end] not in ",)":
        end += 1
    words = text[position:end].split()
    if parts:
        # What follows the fields is "[]", a name, or both.
        suffix = words.pop(0) if words and words[0].startswith("[") else ""
        kind = f"tuple{suffix}"
    else:
        kind = words.pop(0)
    indexed = "indexed" in words
    names = [word for word in words if word != "indexed"]
    return Parameter(names[0] if names else "", kind, indexed, parts), end


def encode(types: Sequence[str], values: Sequence[Any]) -> bytes:
    from eth_abi import encode as encoded

    return encoded(list(types), list(values))


def decode(types: Sequence[str], data: bytes) -> tuple[Any, ...]:
    """
    Raises ValueError where `data` is not the encoding of such values. Text that is no UTF-8
    comes with marks in place of what cannot be read: anybody may write into a registry.
    """
    from eth_abi.exceptions import DecodingError

    try:
        return tuple(_codec().decode(list(types), data))
    except (DecodingError, OverflowError, RecursionError) as error:
        raise ValueError(f"{len(data)} bytes are no {','.join(types)}") from error


@cache
def _codec() -> Any:
    from eth_abi.codec import ABICodec
    from eth_abi.decoding import StringDecoder
    from eth_abi.encoding import TextStringEncoder
    from eth_abi.registry import BaseEquals
    from eth_abi.registry import registry as known

    registry = known.copy()
    registry.unregister("string")
    registry.register(
        BaseEquals("string", with_sub=False),
        TextStringEncoder,
        StringDecoder(handle_string_errors="replace"),
        label="string",
    )
    return ABICodec(registry)


@lru_cache(maxsize=1024)
def keccak(data: bytes) -> bytes:
    from eth_utils.crypto import keccak as hashed

    return hashed(data)
