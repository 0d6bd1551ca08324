"""Who is asking: a device with its token, a person with a session, or nobody we know."""

from __future__ import annotations

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
