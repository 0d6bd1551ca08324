"""
Signed addresses: whoever has one is given a film's bytes, until it ends or its right does.

An address says by itself what it is good for, so that nobody has to look it up: the film, and
the right that it rests on. That is a session or a device's token, named by a digest, or none
where everybody may watch. The same form says that a provider may pull a piece from here.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from library import revoking
from library.models import DeviceToken, User, Video

LIFETIME = timedelta(hours=6)
# The same address is given for so long, so that what it is told in stays the same, too.
_STEADY = 15 * 60
_PURPOSE = b"filmedia signed media address"
_FORM = struct.Struct(">BBBIIq16s8sQ")
_VERSION, _SIGNATURE, _LONGEST = 1, 16, 512
_STAFF = 1


class Kind(IntEnum):
    """What a grant rests on. The numbers are in addresses that are out there."""

    VISITOR = 1
    SESSION = 2
    DEVICE = 3
    SHARE = 4
    PULL = 5


class Unsigned(ValueError):
    """Not an address of ours, or not all of it."""


@dataclass(frozen=True, slots=True)
class Grant:
    """
    `holder` is the digest of the session, the device or the piece; `stamp` changes with the
    account's password. Times are seconds of Unix; a `budget` of 0 bytes is no bound.
    """

    kind: Kind
    video: str
    issued: int
    expires: int
    user: int = 0
    as_staff: bool = False
    holder: bytes = bytes(16)
    stamp: bytes = bytes(8)
    budget: int = 0


class Bearer(NamedTuple):
    """Who an address is for, and until when their own right lasts, where that is known."""

    kind: Kind
    user: User | None = None
    holder: bytes = bytes(16)
    ends: datetime | None = None


class Address(NamedTuple):
    url: str
    expires_at: datetime


VISITOR = Bearer(Kind.VISITOR)


def bearer(request: HttpRequest) -> Bearer | None:
    """Whoever asks; None for a token that may not be used to `stream`."""
    auth, user = getattr(request, "auth", None), request.user
    if isinstance(auth, DeviceToken):
        if auth.lacks({"stream"}):
            return None
        return Bearer(Kind.DEVICE, auth.acting(), _digest(auth.digest), auth.expiry)
    key = request.session.session_key
    if not isinstance(user, User) or key is None:
        return VISITOR
    return Bearer(Kind.SESSION, user, _digest(key), request.session.get_expiry_date())


def address_of(
    video: Video,
    bearer: Bearer,
    *,
    lifetime: timedelta = LIFETIME,
    budget: int | None = None,
) -> Address:
    """Of a film that they may see. It ends with their right, and with `budget` bytes."""
    issued = int(time.time()) // _STEADY * _STEADY
    expires = issued + _STEADY + int(lifetime.total_seconds())
    if bearer.ends is not None:
        expires = min(expires, int(bearer.ends.timestamp()))
    grant = granted(video.pk, bearer, issued, expires, budget=budget or 0)
    url = reverse("streaming:media", args=[sign(grant)])
    return Address(url, datetime.fromtimestamp(expires, UTC))


def granted(video: str, bearer: Bearer, issued: int, expires: int, *, budget: int = 0) -> Grant:
    """What rests on the right of this bearer."""
    user = bearer.user
    return Grant(
        bearer.kind,
        video,
        issued,
        expires,
        user=user.pk if user else 0,
        as_staff=bool(user and user.is_staff),
        holder=bearer.holder,
        stamp=stamp(user) if user else bytes(8),
        budget=budget,
    )


def pull_address(cid: str, *, lifetime: timedelta) -> str:
    """Where a provider may fetch the stored bytes of this piece, whoever may see their film."""
    # The same one for a while: a provider that is asked again is asked for the same pull.
    issued = int(time.time()) // _STEADY * _STEADY
    expires = issued + _STEADY + int(lifetime.total_seconds())
    grant = Grant(Kind.PULL, "", issued, expires, holder=_digest(cid))
    return reverse("streaming:pull", args=[sign(grant), cid])


def is_for_piece(grant: Grant, cid: str) -> bool:
    return grant.kind == Kind.PULL and hmac.compare_digest(grant.holder, _digest(cid))


def has_expired(grant: Grant) -> bool:
    return grant.expires <= time.time()


def stamp(user: User) -> bytes:
    """What is another one once the password is."""
    return hashlib.blake2s(user.get_session_auth_hash().encode(), digest_size=8).digest()


# --- the form


def sign(grant: Grant) -> str:
    said = _FORM.pack(
        _VERSION,
        grant.kind,
        _STAFF if grant.as_staff else 0,
        grant.issued,
        grant.expires,
        grant.user,
        grant.holder,
        grant.stamp,
        grant.budget,
    )
    said += grant.video.encode()
    return urlsafe_b64encode(said + _signature(said)).rstrip(b"=").decode()


def opened(signed: str) -> Grant:
    """What a signed address grants, whether or not it has ended. Raises Unsigned."""
    if len(signed) > _LONGEST or not signed.isascii():
        raise Unsigned
    try:
        raw = urlsafe_b64decode(signed + "=" * (-len(signed) % 4))
    except ValueError:
        raise Unsigned from None
    said, signature = raw[:-_SIGNATURE], raw[-_SIGNATURE:]
    # Each address is spelled in one way only: what is counted by it is counted once.
    is_spelled_so = urlsafe_b64encode(raw).rstrip(b"=").decode() == signed
    if not hmac.compare_digest(_signature(said), signature) or not is_spelled_so:
        raise Unsigned
    version, kind, flags, issued, expires, user, holder, stamp, budget = _FORM.unpack_from(said)
    if version != _VERSION:
        raise Unsigned
    return Grant(
        Kind(kind),
        said[_FORM.size :].decode(),
        issued,
        expires,
        user,
        bool(flags & _STAFF),
        holder,
        stamp,
        budget,
    )


def _signature(said: bytes) -> bytes:
    return hmac.digest(_key(settings.SECRET_KEY), said, "sha256")[:_SIGNATURE]


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), _PURPOSE, "sha256")


def _digest(secret: str) -> bytes:
    return bytes.fromhex(revoking.digest(secret))
