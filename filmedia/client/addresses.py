"""Where a library is, and whether a token may be sent there. Pure."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from filmedia.client.errors import BadArguments

_PORTS = {"http": 80, "https": 443}


def origin(text: str) -> str:
    """
    The library's own address from whatever of its addresses was given: scheme, host, port.

    A host alone is taken to speak https, unless it is this machine.
    """
    text = text.strip()
    if "://" not in text:
        text = f"//{text}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
        parts = urlsplit("")
    if not host or any(c.isspace() for c in host):
        raise BadArguments("That is no address of a library. Write it as https://films.example.org")
    if parts.username is not None or parts.password is not None:
        raise BadArguments("Leave user name and password out of the address; they are asked for.")
    scheme = parts.scheme or ("http" if is_loopback_host(host) else "https")
    if scheme not in _PORTS:
        raise BadArguments("The address of a library begins with https:// or http://")
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}" + ("" if port in {None, _PORTS[scheme]} else f":{port}")


def is_loopback_host(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_loopback(url: str) -> bool:
    return is_loopback_host(urlsplit(url).hostname or "")


def check_private(url: str, *, insecure: bool) -> None:
    """Refuse an address to which a password or token would travel readable for others."""
    if urlsplit(url).scheme == "https" or is_loopback(url) or insecure:
        return
    raise BadArguments(
        f"{url} is not encrypted: others on the way could read your password and token. "
        "Use https://, or say --insecure if you trust the network."
    )
