"""
Filecoin Beam: reading pieces through a network of caches, and how many bytes are left.

The payer of a data set pays for what is read of it, by two quotas that only a payment on
chain raises. Everybody who knows the payer's address and a PieceCID can read.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from .cid import PieceCid
from .errors import InvalidAddress, NotThere, ProviderError, WrongAnswer
from .provider.asking import Asking
from .provider.reading import Reading

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_NUMBER = re.compile(r"-?[0-9]{1,30}")


class NotPaidFor(ProviderError):
    """402: no data set of this payer with Beam has the piece, or a quota is used up."""


@dataclass(frozen=True)
class Quota:
    """
    Bytes that a data set may still be read, in all and past the caches; below zero after
    the last reading. Nothing is sent once one of them is used up.
    """

    egress: int
    cache_miss: int

    @property
    def is_open(self) -> bool:
        return self.egress > 0 and self.cache_miss > 0


@dataclass(frozen=True)
class Usage:
    """What was read of all that a payer pays for, in requests and bytes, and what is left."""

    requests: int
    cache_miss_requests: int
    egress: int
    cache_miss_egress: int
    left: Quota


class Beam(Reading):
    """
    The pieces of one payer. Beam answers a range with the whole piece wherever its cache
    does not hold it: then only what is needed is taken, but the bytes before the range come
    over the wire (and count). Large pieces are better read from a provider.

    `suffix` is the network's `beam_suffix`. NotThere is normal for a while after a piece
    was added, since Beam learns of it from the chain.
    """

    takes_whole = True

    def __init__(
        self,
        suffix: str,
        payer: str,
        http: httpx.AsyncClient,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        base = f"https://{_checked(payer)}.{suffix}"
        super().__init__(base, http, "Filecoin Beam", sleep=sleep, clock=clock)

    def path_of(self, cid: PieceCid) -> str:
        return f"/{cid}"

    def kind(self, status: int) -> type[ProviderError] | None:
        return NotPaidFor if status == 402 else super().kind(status) or ProviderError


class Statistics(Asking):
    """The network's `beam_stats`. Anybody may ask; the figures are Beam's own."""

    def __init__(self, base_url: str, http: httpx.AsyncClient, **options: Any) -> None:
        super().__init__(base_url, http, "Filecoin Beam's statistics", **options)

    async def quota(self, data_set_id: int) -> Quota | None:
        """None where Beam knows no such data set, or does not know it yet."""
        told = await self._told(f"/data-set/{data_set_id}")
        if told is None:
            return None
        return self._quota(told, "cdnEgressQuota", "cacheMissEgressQuota")

    async def payer(self, address: str) -> Usage | None:
        told = await self._told(f"/payer/{_checked(address)}")
        if told is None:
            return None
        return Usage(
            requests=self._number(told, "totalRequests"),
            cache_miss_requests=self._number(told, "cacheMissRequests"),
            egress=self._number(told, "totalEgressBytes"),
            cache_miss_egress=self._number(told, "cacheMissEgressBytes"),
            left=self._quota(told, "remainingCDNEgressBytes", "remainingCacheMissEgressBytes"),
        )

    async def _told(self, path: str) -> Mapping[str, Any] | None:
        try:
            _, body = await self.ask("GET", path)
        except NotThere:
            return None
        told = self.parsed(body)
        if not isinstance(told, dict):
            raise WrongAnswer(self.name, 200, "its answer has no figures")
        return told

    def _quota(self, told: Mapping[str, Any], egress: str, cache_miss: str) -> Quota:
        return Quota(self._number(told, egress), self._number(told, cache_miss))

    def _number(self, told: Mapping[str, Any], name: str) -> int:
        value = told.get(name)
        if not isinstance(value, str) or not _NUMBER.fullmatch(value):
            raise WrongAnswer(self.name, 200, f"its {name} is no whole number")
        return int(value)


def piece_url(suffix: str, payer: str, cid: PieceCid) -> str:
    """Where everybody reads a piece that this address pays for."""
    return f"https://{_checked(payer)}.{suffix}/{cid}"


def _checked(address: str) -> str:
    """In lower case, as Beam compares it."""
    if not _ADDRESS.fullmatch(address):
        raise InvalidAddress(address, "it is not 0x and 40 hexadecimal digits")
    return address.lower()
