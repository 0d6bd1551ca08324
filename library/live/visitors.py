"""Who opened a websocket, by what right, and whether that still holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from importlib import import_module
from typing import Protocol

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import parse_cookie
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from library.authentication import device_of
from library.live import origins
from library.models import DeviceToken, User

# No token of ours and no session key is nearly as long.
_LONGEST_SECRET = 256


class CloseCode(IntEnum):
    """Why we close a socket; clients may rely on these numbers."""

    TOO_MUCH = 1008
    BROKEN = 1011
    SIGN_IN = 4401
    FOREIGN_ORIGIN = 4403
    MISSING_SCOPE = 4406


class Refused(Exception):
    """Nobody we know, or nobody who may come in from there."""

    def __init__(self, code: CloseCode) -> None:
        self.code = code
        super().__init__(code.name)


class SignIn(Protocol):
    def user(self) -> User | None:
        """The person signed in, as they are now; None once the right has ended."""


@dataclass(frozen=True)
class Session:
    key: str

    def user(self) -> User | None:
        # Django's own `get_user` may replace a session's key, which a socket cannot tell
        # the browser; so this only looks.
        session = import_module(settings.SESSION_ENGINE).SessionStore(self.key)
        if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
            return None
        try:
            user = User.objects.filter(pk=session.get(SESSION_KEY), is_active=True).first()
        except (ValueError, ValidationError):
            return None
        if user is None:
            return None
        hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
        said = session.get(HASH_SESSION_KEY, "")
        return user if any(constant_time_compare(said, each) for each in hashes) else None


@dataclass(frozen=True)
class Device:
    digest: str

    def user(self) -> User | None:
        good = Q(expiry=None) | Q(expiry__gt=timezone.now())
        device = (
            DeviceToken.objects.select_related("user")
            .filter(good, pk=self.digest, user__is_active=True)
            .first()
        )
        return device.acting() if device else None


def identify(headers: Iterable[tuple[bytes, bytes]]) -> SignIn:
    """
    Whoever sent these headers. Raises Refused.

    A token is sent on purpose and needs no Origin. A cookie is sent by the browser
    whichever page asks for it, so with one, the page has to be ours.
    """
    given = _Headers(headers)
    if (token := given.token()) is not None:
        return _device(token)
    key = given.session_key()
    if key or given.origin:
        _check_origin(given)
    session = Session(key)
    if not key or session.user() is None:
        raise Refused(CloseCode.SIGN_IN)
    return session


def _device(token: str) -> Device:
    device = device_of(token) if 0 < len(token) <= _LONGEST_SECRET else None
    if device is None:
        raise Refused(CloseCode.SIGN_IN)
    if device.lacks({"videos:read"}):
        raise Refused(CloseCode.MISSING_SCOPE)
    return Device(device.digest)


def _check_origin(given: _Headers) -> None:
    ours = origins.is_ours(
        given.origin,
        given.host,
        allowed_hosts=settings.ALLOWED_HOSTS,
        site_url=settings.SITE_URL,
    )
    if not ours:
        raise Refused(CloseCode.FOREIGN_ORIGIN)


class _Headers:
    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in headers:
            self._values.setdefault(name.decode("latin-1").lower(), []).append(
                value.decode("latin-1")
            )
        self.origin = self._all("origin")
        self.host = self._all("host")

    def token(self) -> str | None:
        scheme, _, token = self._all("authorization").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    def session_key(self) -> str:
        cookies = parse_cookie("; ".join(self._values.get("cookie", [])))
        key = cookies.get(settings.SESSION_COOKIE_NAME, "")
        return key if len(key) <= _LONGEST_SECRET and key.isalnum() else ""

    def _all(self, name: str) -> str:
        # Sent twice, such a header says two things; joined, they are neither of them.
        return ", ".join(self._values.get(name, []))
