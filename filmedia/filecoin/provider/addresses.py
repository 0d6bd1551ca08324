"""
Where a provider says it is. Anybody may register, so that is a stranger's input: an address
of the network that this machine is in would have us knock at our own doors.

The address is checked as it is written, and the numbers it resolves to are checked again at
every connection, which then goes to just the number that was checked.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from ..errors import ProviderUnfit

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
LONGEST = 300


def checked_service_url(url: str, allow_insecure: bool = False) -> str:
    """
    The address without a slash at its end. Raises ProviderUnfit for any that is not a plain
    https address of the public internet; `allow_insecure` lets http and this machine pass.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _unfit("its address cannot be read") from None
    if (
        len(url) > LONGEST
        or not host
        or any(letter.isspace() or ord(letter) < 33 for letter in url)
    ):
        raise _unfit("its address cannot be read")
    if parts.scheme != "https" and not (allow_insecure and parts.scheme == "http"):
        raise _unfit("its address is not https")
    if parts.username is not None or parts.password is not None:
        raise _unfit("its address has a name or password in it")
    if parts.query or parts.fragment:
        raise _unfit("its address has a query or fragment")
    if port == 0:
        raise _unfit("its address has no port that can be")
    if not allow_insecure:
        _check_host(host)
    return url.rstrip("/")


def _check_host(host: str) -> None:
    try:
        number = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        _check_name(host)
    else:
        if not is_public(number):
            raise _unfit("its address is not of the public internet")


def _check_name(host: str) -> None:
    try:
        # Decimal, octal and hexadecimal spellings of IPv4, as system resolvers take them.
        number = ipaddress.ip_address(socket.inet_aton(host))
    except OSError:
        if "." not in host or host.endswith((".localhost", ".local", ".internal", ".lan")):
            raise _unfit("its address is not of the public internet") from None
    else:
        raise _unfit(f"its address spells {number} in another way")


def is_public(number: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether it is an address that strangers can have."""
    inner = getattr(number, "ipv4_mapped", None) or getattr(number, "sixtofour", None)
    if inner is not None:
        return is_public(inner)
    if isinstance(number, ipaddress.IPv6Address) and number in ipaddress.ip_network("64:ff9b::/96"):
        return is_public(ipaddress.ip_address(number.packed[12:]))
    return number.is_global and not number.is_multicast


class PublicBackend(httpcore.AsyncNetworkBackend):
    """
    Connects to public addresses only: resolves a name once, looks at each answer, and
    connects to one that was looked at. TLS still asks for the name.
    """

    def __init__(self) -> None:
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        found = await self._resolve(host, port)
        if not found or not all(is_public(ipaddress.ip_address(number)) for number in found):
            raise httpcore.ConnectError("its name does not lead to the public internet")
        return await self._plain.connect_tcp(found[0], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _resolve(self, host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            told = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError("its name is not known") from error
        return [str(answer[4][0]).partition("%")[0] for answer in told]


def client(allow_insecure: bool = False) -> httpx.AsyncClient:
    """For speaking with providers: no redirects, no proxies, public addresses only."""
    transport = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=100))
    if not allow_insecure:
        # httpx has no door for this; its pool is httpcore's, which has.
        transport._pool._network_backend = PublicBackend()
    return httpx.AsyncClient(
        transport=transport,
        timeout=TIMEOUT,
        follow_redirects=False,
        trust_env=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "filmedia"},
    )


def _unfit(why: str) -> ProviderUnfit:
    return ProviderUnfit("The provider", why)
