"""What whoever may change a film is told of the bytes they are sent: from where, and how sure."""

from __future__ import annotations

from django.conf import settings

from streaming.reading.arriving import UNVERIFIED

_HERE = {"staging", "shelf"}


def verified(source: str) -> str:
    """
    `now`: each block was held against the film's PieceCID before a byte of it was sent.
    `stored`: it was when it was written, and the patrol looks at it. `no`: nobody could yet.
    """
    if source == UNVERIFIED:
        return "no"
    return "stored" if source in _HERE and not settings.STREAM_VERIFY_ALWAYS else "now"


def headers(source: str) -> dict[str, str]:
    """Of the first bytes of an answer."""
    return {"X-Filmedia-Source": source, "X-Filmedia-Verified": verified(source)}
