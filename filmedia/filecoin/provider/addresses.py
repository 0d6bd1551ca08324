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
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from ..errors import ProviderUnfit

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
LONGEST = 300
MOST_TRIED = 4
# Names that only mean something inside a network.
_INSIDE = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
# The only part of IPv6 that is given out, and where IPv4 addresses are embedded for gateways.
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotPublic(httpcore.ConnectError):
    pass


def checked_service_url(url: str, allow_insecure: bool = False) -> str:
    """
    The address without a slash at its end. Raises ProviderUnfit for any that is not a plain
    https address of the public internet; `allow_insecure` lets http and this machine pass.
    """
    if not 0 < len(url) <= LONGEST or not url.isascii() or not url.isprintable():
        raise _unfit("its address cannot be read")
    try:
        parts, read = urlsplit(url), httpx.URL(url)
        host, port, host_read = parts.hostname or "", parts.port, read.host
    except (ValueError, httpx.InvalidURL):
        raise _unfit("its address cannot be read") from None
    # Two readings of one text: what is checked here has to be what is asked later.
    if not host or set(url) & set(' \\"<>^`{|}') or host_read != host or port == 0:
        raise _unfit("its address cannot be read")
    if parts.scheme != "https" and not (allow_insecure and parts.scheme == "http"):
        raise _unfit("its address is not https")
    if "@" in parts.netloc:
        raise _unfit("its address has a name or password in it")
    if "?" in url or "#" in url:
        raise _unfit("its address has a query or fragment")
    if not allow_insecure:
        _check_host(host)
    return url.rstrip("/")


def _check_host(host: str) -> None:
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        _check_name(host.rstrip("."))
    else:
        if not is_public(number):
            raise _unfit("its address is not of the public internet")


def _check_name(host: str) -> None:
    try:
        # Decimal, octal and hexadecimal spellings of IPv4, as system resolvers take them.
        number = ipaddress.ip_address(socket.inet_aton(host))
    except OSError:
        if "." not in host or host.endswith(_INSIDE):
            raise _unfit("its address is not of the public internet") from None
    else:
        raise _unfit(f"its address spells {number} in another way")


def is_public(number: Address) -> bool:
    """Whether it is an address that strangers can have."""
    if isinstance(number, ipaddress.IPv4Address):
        return number.is_global and not number.is_multicast and not number.is_reserved
    inner = number.ipv4_mapped or number.sixtofour
    if number in _NAT64:
        inner = ipaddress.IPv4Address(number.packed[12:])
    if inner is not None:
        return is_public(inner)
    return number in _GIVEN_OUT and number.is_global


class PublicBackend(httpcore.AsyncNetworkBackend):
    """
    Connects to public addresses only: resolves a name once, looks at each answer, and
    connects to one that was looked at. TLS still asks for the name.
    """

    def __init__(self, plain: httpcore.AsyncNetworkBackend | None = None) -> None:
        self._plain = plain or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                found = await self.resolve(host, port)
        except TimeoutError:
            raise httpcore.ConnectTimeout("its name is not found in time") from None
        if not found or not all(is_public(ipaddress.ip_address(number)) for number in found):
            raise NotPublic("its name does not lead to the public internet")
        trouble: Exception | None = None
        for number in found[:MOST_TRIED]:
            try:
                return await self._plain.connect_tcp(
                    number, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        assert trouble is not None
        raise trouble

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def resolve(self, host: str, port: int) -> list[str]:
        """The numbers of a name, in the order in which to try them."""
        loop = asyncio.get_running_loop()
        try:
            told = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("its name is not known") from error
        return list(dict.fromkeys(str(answer[4][0]).partition("%")[0] for answer in told))


class PublicOnlyTransport(httpx.AsyncHTTPTransport):
    """The usual transport, that finds nobody but on the public internet."""

    def __init__(self, limits: httpx.Limits, backend: PublicBackend | None = None) -> None:
        super().__init__(limits=limits, trust_env=False)
        # httpx has no door for this; its pool is httpcore's, which has.
        self._pool._network_backend = backend or PublicBackend()


def client(allow_insecure: bool = False) -> httpx.AsyncClient:
    """For speaking with providers: no redirects, proxies or cookies, public addresses only."""
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=20)
    transport = (
        httpx.AsyncHTTPTransport(limits=limits, trust_env=False)
        if allow_insecure
        else PublicOnlyTransport(limits)
    )
    return new_client(transport)


def new_client(transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    """As `client`, over a transport that keeps to public addresses by itself."""
    return httpx.AsyncClient(
        transport=transport,
        timeout=TIMEOUT,
        follow_redirects=False,
        trust_env=False,
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        headers={"Accept-Encoding": "identity", "User-Agent": "filmedia"},
    )


def _unfit(why: str) -> ProviderUnfit:
    return ProviderUnfit("The provider", why)
