"""
Whether the page that opens a websocket is one of ours. Values in, an answer out.

A browser sends our cookies with a websocket that any page on the web opens, and no rule
of the browser's keeps that page from reading what comes back. The Origin header, which
a page cannot write, is all that tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from django.http.request import validate_host

_DEFAULT_PORTS = {"http": 80, "https": 443}


class _Place(NamedTuple):
    scheme: str
    host: str
    port: int


def is_ours(origin: str, host: str, *, allowed_hosts: Iterable[str], site_url: str) -> bool:
    """
    Whether `origin` is the site's address, or one that this server was asked for.

    Cookies do not keep to a port, so another program on the same host is foreign as well.
    That every host is allowed ("*") says nothing of whose page it is.
    """
    page, site = _place(origin), _place(site_url)
    if page is None:
        return False
    if page == site:
        return True
    asked = _place(f"{page.scheme}://{host}")
    if asked is None or page.port != asked.port:
        return False
    if site is not None and site.scheme == "https" and page.scheme != "https":
        return False
    allowed = list(allowed_hosts)
    if page.host == asked.host:
        return validate_host(page.host, allowed)
    return validate_host(page.host, [name for name in allowed if name != "*"])


def _place(address: str) -> _Place | None:
    try:
        parts = urlsplit(address.lower())
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    host = parts.hostname
    if not host or address.lower() != f"{parts.scheme}://{parts.netloc}" or "@" in parts.netloc:
        return None
    return _Place(parts.scheme, f"[{host}]" if ":" in host else host, port)
