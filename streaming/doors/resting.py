"""What a stream rests on that was begun by signing in: it ends with that, in its middle too."""

from __future__ import annotations

from django.http import HttpRequest

from library import media_addresses
from library.media_addresses import VISITOR
from library.models import User
from streaming.doors.bodies import Body
from streaming.doors.signing import Right
from streaming.doors.viewers import Viewer

_NEVER = 2**62


def right(request: HttpRequest, who: Viewer, body: Body) -> Right:
    """By which they, who were found to have sent this request, are sent the film."""
    bearer = media_addresses.bearer(request) if isinstance(who, User) else VISITOR
    # A token that may not be used to stream was refused when it was looked up.
    assert bearer is not None
    ends = int(bearer.ends.timestamp()) if bearer.ends else _NEVER
    return Right(media_addresses.granted(body.video, bearer, 0, ends))
