"""A provider's address is a stranger's input, as a text and again at every connection."""

import asyncio
import ipaddress
import socket

import httpcore
import httpx
import pytest

from filmedia.filecoin.errors import ProviderUnfit, ProviderUnreachable
from filmedia.filecoin.provider import addresses
from filmedia.filecoin.provider.addresses import (
    PublicBackend,
    PublicOnlyTransport,
    checked_service_url,
    is_public,
)
from filmedia.filecoin.provider.client import Provider


@pytest.mark.parametrize(
    ("url", "checked"),
    [
        ("https://sp.example.org", "https://sp.example.org"),
        ("https://sp.example.org/", "https://sp.example.org"),
        ("https://sp.example.org:8443/", "https://sp.example.org:8443"),
        ("https://sp.example.org/pdp-node/", "https://sp.example.org/pdp-node"),
        ("https://8.8.8.8", "https://8.8.8.8"),
        ("https://[2606:4700::1111]:444", "https://[2606:4700::1111]:444"),
    ],
)
def test_a_public_https_address_is_taken_without_its_last_slash(url, checked):
    assert checked_service_url(url) == checked


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sp.example.org",
        "//sp.example.org",
        "https://",
        "https:///pdp",
        "ftp://sp.example.org",
        "file:///etc/passwd",
        "http://sp.example.org",
        "https://user@sp.example.org",
        "https://user:word@sp.example.org",
        "https://@sp.example.org",
        "https://sp.example.org?",
        "https://sp.example.org/?to=x",
        "https://sp.example.org/#there",
        "https://sp.example.org:0",
        "https://sp.example.org:99999",
        "https://sp.example.org:https",
        "https://sp.example.org\\@10.0.0.1",
        "https://sp.example.org\\.evil.example",
        "https://sp.example.org /",
        "https://sp.example.org\r\nHost: x",
        "https://sp.example.org\x00",
        "https://sp.exämple.org",
        "https://xn--",
        "https://xn--a.example.org",
        "https://127。0。0。1",
        "https://" + "a" * 300 + ".org",
        "https://localhost",
        "https://localhost.",
        "https://it.localhost",
        "https://it.localhost.",
        "https://router.local",
        "https://vault.internal",
        "https://intranet",
        "https://127.0.0.1",
        "https://127.0.0.1.",
        "https://10.1.2.3",
        "https://172.16.0.1",
        "https://192.168.1.1",
        "https://169.254.169.254",
        "https://100.64.0.1",
        "https://0.0.0.0",
        "https://224.0.0.1",
        "https://240.0.0.1",
        "https://255.255.255.255",
        "https://2130706433",
        "https://0x7f000001",
        "https://0x7f.1",
        "https://0177.0.0.1",
        "https://127.1",
        "https://134744072",  # 8.8.8.8, which is public; nobody honest writes it so
        "https://[::1]",
        "https://[::]",
        "https://[::ffff:127.0.0.1]",
        "https://[::ffff:a00:1]",
        "https://[::127.0.0.1]",
        "https://[64:ff9b::7f00:1]",
        "https://[2002:7f00:1::]",
        "https://[fe80::1]",
        "https://[fe80::1%25eth0]",
        "https://[fec0::1]",
        "https://[fd00::1]",
        "https://[ff02::1]",
        "https://[2001:db8::1]",
        "https://[::1",
    ],
)
def test_any_other_is_refused(url):
    with pytest.raises(ProviderUnfit):
        checked_service_url(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9101/", "http://localhost:9101", "http://sp"])
def test_a_network_of_one_machine_may_have_its_own_addresses(url):
    assert checked_service_url(url, allow_insecure=True) == url.rstrip("/")
    for still in ("ftp://127.0.0.1", "http://a:b@127.0.0.1", "http://127.0.0.1/?x", "http://"):
        with pytest.raises(ProviderUnfit):
            checked_service_url(still, allow_insecure=True)


@pytest.mark.parametrize(
    "number", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_numbers_that_strangers_can_have_are_public(number):
    assert is_public(ipaddress.ip_address(number))


# --- at the connection ------------------------------------------------------------------


class Wire(httpcore.AsyncMockStream):
    """Remembers for whom TLS asked, and what was written."""

    def __init__(self, log):
        super().__init__([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"curio-pdp"])
        self.log = log

    async def start_tls(self, ssl_context, server_hostname=None, timeout=None):
        self.log.append(("tls", server_hostname))
        return self

    async def write(self, buffer, timeout=None):
        self.log.append(("wrote", buffer))


class Plain(httpcore.AsyncNetworkBackend):
    def __init__(self, *dead):
        self.log, self.dead = [], dead

    async def connect_tcp(self, host, port, *rest):
        self.log.append(("connected", host, port))
        if host in self.dead:
            raise httpcore.ConnectError("nobody")
        return Wire(self.log)


def resolving(monkeypatch, *numbers):
    calls = []

    async def getaddrinfo(self, host, port, **options):
        calls.append(host)
        if not numbers:
            raise socket.gaierror("unknown")
        return [(0, 0, 0, "", (number, port)) for number in numbers]

    monkeypatch.setattr(asyncio.SelectorEventLoop, "getaddrinfo", getaddrinfo)
    return calls


async def pinged(plain):
    transport = PublicOnlyTransport(httpx.Limits(), PublicBackend(plain))
    async with httpx.AsyncClient(transport=transport, trust_env=False) as http:

        async def sleep(_):
            return None

        await Provider("https://sp.example.org", http, "sp", sleep=sleep).ping()


@pytest.mark.anyio
async def test_the_number_that_was_looked_at_is_the_one_that_is_called(monkeypatch):
    calls, plain = resolving(monkeypatch, "93.184.216.34"), Plain()
    await pinged(plain)
    assert calls == ["sp.example.org"]
    assert plain.log[:2] == [("connected", "93.184.216.34", 443), ("tls", "sp.example.org")]
    assert b"Host: sp.example.org\r\n" in plain.log[2][1]


@pytest.mark.anyio
async def test_of_several_numbers_the_next_is_called_where_one_is_dead(monkeypatch):
    resolving(monkeypatch, "2606:4700::1", "93.184.216.34")
    plain = Plain("2606:4700::1")
    await pinged(plain)
    assert [entry[1] for entry in plain.log if entry[0] == "connected"] == [
        "2606:4700::1",
        "93.184.216.34",
    ]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "numbers",
    [
        ["127.0.0.1"],
        ["93.184.216.34", "10.0.0.1"],
        ["::1"],
        ["fe80::1%eth0"],
        ["::ffff:169.254.169.254"],
    ],
)
async def test_a_name_that_leads_inside_is_not_called(monkeypatch, numbers):
    resolving(monkeypatch, *numbers)
    plain = Plain()
    with pytest.raises(ProviderUnreachable, match="does not lead to the public internet"):
        await pinged(plain)
    assert plain.log == []


@pytest.mark.anyio
async def test_a_name_that_is_not_known_is_nobody(monkeypatch):
    resolving(monkeypatch)
    with pytest.raises(ProviderUnreachable, match="nobody answers"):
        await pinged(Plain())


@pytest.mark.anyio
async def test_the_usual_client_calls_nobody_on_this_machine():
    async with addresses.client() as http:
        for url in ("https://localhost:1", "https://127.0.0.1:1", "http://[::1]:1"):
            with pytest.raises(httpx.ConnectError):
                await http.get(url)


@pytest.mark.anyio
async def test_no_cookie_is_kept_for_a_provider():
    asked = []

    def answer(request):
        asked.append(request)
        return httpx.Response(200, headers={"Set-Cookie": "who=us; Path=/"})

    async with addresses.client(allow_insecure=True) as http:
        http._transport = httpx.MockTransport(answer)
        await http.get("https://sp.example.org")
        await http.get("https://sp.example.org")
    assert "Cookie" not in asked[1].headers
    assert asked[1].headers["Accept-Encoding"] == "identity"
