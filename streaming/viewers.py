"""Who is asking: a device with its token, a person with a session, or nobody we know."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from rest_framework.exceptions import AuthenticationFailed

from library.authentication import DeviceAuthentication
from library.models import User
from streaming.errors import SignInAgain

Viewer = User | AnonymousUser


async def viewer(request: HttpRequest) -> Viewer:
    """
    Raises SignInAgain for a token that is no longer good, whatever was asked for: the
    device should learn of it now, and not when it meets the first film that is private.
    """
    if "Authorization" in request.headers:
        user = await sync_to_async(_by_token)(request)
        if user is not None:
            return user
    # Without its cookie the session is not even looked at, so that what everybody may see
    # does not vary with it.
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return AnonymousUser()
    return await request.auser()


def _by_token(request: HttpRequest) -> User | None:
    """The device's user; None when the header is of another scheme, for a proxy in front."""
    try:
        found = DeviceAuthentication().authenticate(request)
    except AuthenticationFailed:
        raise SignInAgain(
            "This token is not valid any more, or never was. Please sign in again."
        ) from None
    return found[0] if found else None
