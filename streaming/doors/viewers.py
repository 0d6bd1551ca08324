"""Who is asking: a device with its token, a person with a session, or nobody we know."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from library.authentication import streaming_user
from library.models import User

Viewer = User | AnonymousUser


async def viewer(request: HttpRequest) -> Viewer:
    """
    Raises SignInAgain for a token that is no longer good, whatever was asked for: the
    device should learn of it now, and not when it meets the first film that is private. So
    with MissingScope for one that may not be used to `stream`.
    """
    if "Authorization" in request.headers:
        # None when the header is of another scheme, for a proxy in front.
        user = await sync_to_async(streaming_user)(request)
        if user is not None:
            return user
    # Without its cookie the session is not even looked at, so that what everybody may see
    # does not vary with it.
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return AnonymousUser()
    return await request.auser()


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who is sent bytes, as far as counting and limits need to know."""

    key: str
    user: int | None = None


# Visitors are told apart, but what tells them apart is kept nowhere.
_salt = secrets.token_bytes(16)


def watcher(viewer: Viewer, address: str, agent: str) -> Watcher:
    """`address` and `agent` tell those apart who have no account."""
    if isinstance(viewer, User):
        return Watcher(f"user:{viewer.pk}", viewer.pk)
    told = hashlib.blake2s(f"{address} {agent}".encode(), key=_salt, digest_size=8)
    return Watcher(f"visitor:{told.hexdigest()}")
