"""Many questions to contracts in few requests, through Multicall3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import FilecoinError, Reverted, RpcUnreachable
from .abi import Function
from .contracts import MULTICALL
from .rpc import Node

AT_ONCE = 200


@dataclass(frozen=True)
class Call:
    """One question. Asked with others it gets an answer or an error of its own."""

    target: str
    function: Function
    arguments: tuple[Any, ...] = ()


class Caller:
    """Questions at the newest block that the node has executed."""

    def __init__(self, node: Node, multicall: str) -> None:
        self.node, self._multicall = node, multicall
        self._eth = node.web3().eth

    async def one(self, call: Call) -> Any:
        """The answer; raises Reverted, or RpcUnreachable where there is no such contract."""
        data = await self._call(call.target, call.function.encode(*call.arguments))
        return _decoded(call, data)

    async def many(self, calls: Sequence[Call]) -> list[Any]:
        """
        The answers in order; where a call failed its error stands in the answer's place.
        Those of one request (AT_ONCE calls) are of one block.
        """
        answers: list[Any] = []
        for start in range(0, len(calls), AT_ONCE):
            answers += await self._some(calls[start : start + AT_ONCE])
        return answers

    async def all(self, calls: Sequence[Call]) -> list[Any]:
        """As `many`, but raises the first error there is."""
        answers = await self.many(calls)
        for answer in answers:
            if isinstance(answer, FilecoinError):
                raise answer
        return answers

    def block_number(self) -> Call:
        """The block that the other calls of the same request are answered at."""
        return Call(self._multicall, MULTICALL["getBlockNumber"])

    def balance(self, address: str) -> Call:
        """Of the chain's own coin, in 1e-18."""
        return Call(self._multicall, MULTICALL["getEthBalance"], (address,))

    async def _some(self, calls: Sequence[Call]) -> list[Any]:
        asked = [(call.target, True, call.function.encode(*call.arguments)) for call in calls]
        aggregate = MULTICALL["aggregate3"]
        data = await self._call(self._multicall, aggregate.encode(asked))
        answers = _decoded(Call(self._multicall, aggregate), data)
        if len(answers) != len(calls):
            raise RpcUnreachable("the node answered another number of questions")
        return [_answer(call, one) for call, one in zip(calls, answers, strict=True)]

    async def _call(self, target: str, data: bytes) -> bytes:
        from eth_utils.address import to_checksum_address

        to = to_checksum_address(target)
        return bytes(await self._eth.call({"to": to, "data": "0x" + data.hex()}))  # type: ignore[typeddict-item]


def _answer(call: Call, one: dict[str, Any]) -> Any:
    if not one["success"]:
        from . import reverts

        data = one["returnData"]
        return reverts.decode(data) if data else Reverted("The contract refused this.")
    try:
        return _decoded(call, one["returnData"])
    except RpcUnreachable as error:
        return error


def _decoded(call: Call, data: bytes) -> Any:
    try:
        return call.function.decode(data)
    except ValueError as error:
        name = call.function.name
        raise RpcUnreachable(f"{name} of {call.target} has no such answer: {error}") from error
