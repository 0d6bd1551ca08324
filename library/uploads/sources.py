"""Where the bytes of an upload come from, as the rest of this package sees it."""

from __future__ import annotations

from typing import Protocol

# Where `door` leaves a body that is still arriving, in the scope of its request.
ARRIVING = "filmedia.arriving"


class ClientGone(ConnectionError):
    """The connection ended before the body did. What arrived until then is good."""


class Source(Protocol):
    """A request's body, a form's file, or a file on this machine."""

    def read(self, size: int, /) -> bytes | None:
        """
        At most `size` bytes: b"" at the end, None when nothing came for a second.

        Raises ClientGone when nothing more will come although the end was not reached.
        """
