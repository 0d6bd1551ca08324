"""What a site that is for https alone means for a request that Django does not see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings

Send = Callable[[Mapping[str, Any]], Awaitable[None]]


def must_go_elsewhere(scope: dict[str, Any]) -> bool:
    """Whether it came without TLS where that is not taken; Django says where to go."""
    return settings.SECURE_SSL_REDIRECT and not _is_secure(scope)


def remembered(scope: dict[str, Any], send: Send) -> Send:
    """A `send` whose answers tell browsers to come with TLS only from now on, where that is so."""
    if not settings.SECURE_HSTS_SECONDS or not _is_secure(scope):
        return send
    said = _said(
        settings.SECURE_HSTS_SECONDS,
        settings.SECURE_HSTS_INCLUDE_SUBDOMAINS,
        settings.SECURE_HSTS_PRELOAD,
    )

    async def sending(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], said]}
        await send(message)

    return sending


@lru_cache(2)
def _said(seconds: int, subdomains: bool, preload: bool) -> tuple[bytes, bytes]:
    more = ["includeSubDomains"] * subdomains + ["preload"] * preload
    return b"strict-transport-security", "; ".join([f"max-age={seconds}", *more]).encode()


def _is_secure(scope: dict[str, Any]) -> bool:
    """As Django finds it out: by the proxy in front where one is trusted, else by itself."""
    if trusted := settings.SECURE_PROXY_SSL_HEADER:
        name, secure = trusted
        wanted = name.removeprefix("HTTP_").replace("_", "-").lower().encode()
        for header, value in scope["headers"]:
            if header == wanted:
                return bool(value.split(b",")[0].strip() == secure.encode())
    return scope.get("scheme") == "https"
