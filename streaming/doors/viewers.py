"""Who is asking: a device with its token, a person with a session, or nobody we know."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from library.authentication import streaming_user
from library.models import User

Viewer = User | AnonymousUser

DAY = 24 * 3600


def viewer(request: HttpRequest) -> Viewer:
    """
    Asks the database. Raises SignInAgain for a token that is no longer good, whatever was
    asked for: the device should learn of it now, and not when it meets the first film that is
    private. So with MissingScope for one that may not be used to `stream`.
    """
    if "Authorization" in request.headers:
        # None when the header is of another scheme, for a proxy in front.
        user = streaming_user(request)
        if user is not None:
            return user
    # Without its cookie the session is not even looked at, so that what everybody may see
    # does not vary with it.
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
        return AnonymousUser()
    return request.user


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who is sent bytes, as far as counting and limits need to know."""

    key: str
    user: int | None = None

    @property
    def limited_as(self) -> str:
        return limited_as(self.key)


def limited_as(key: str) -> str:
    """Whose streams are counted together: those of an account, or of an address."""
    return key.partition(".")[0]


def watcher(viewer: Viewer, address: str, agent: str) -> Watcher:
    """`address` and `agent` tell those apart who have no account."""
    if isinstance(viewer, User):
        return Watcher(f"user:{viewer.pk}", viewer.pk)
    day = int(time.time()) // DAY
    return Watcher(f"visitor:{_told(_network(address), day)}.{_told(agent, day)}")


# Visitors are told apart, by all processes alike, but not what tells them apart.
@lru_cache(4096)
def _told(what: str, day: int) -> str:
    key = salted_hmac("streaming.visitors", str(day), algorithm="sha256").digest()
    return hashlib.blake2s(what.encode(), key=key, digest_size=8).hexdigest()


@lru_cache(4096)
def _network(address: str) -> str:
    """One visitor has as many addresses of IPv6 as they like, all in one network."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.version == 6 and found.ipv4_mapped is None:
        return str(ip_network((found, 64), strict=False))
    return address
