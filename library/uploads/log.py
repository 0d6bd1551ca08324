"""What happened to a film on its way, stage by stage, in sentences; told from its events."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from library.models import Event, Upload, User
from library.moments import moment

MOST = 200

# The stage that an event is about, and what it says. Facts in braces are the event's own.
_WORDS = {
    "upload.begun": ("receive", "Begun."),
    "upload.paused": ("receive", "Paused."),
    "upload.resumed": ("receive", "Gone on."),
    "upload.received": ("receive", "Received: every byte is here."),
    "upload.cancelled": ("receive", "Cancelled."),
    "upload.expired": ("receive", "Nothing came for too long; what was here has been removed."),
    "upload.refused": ("check", "Not accepted. {problem}"),
    "video.checked": ("check", "Checked: it is a {kind}."),
    "video.stored": ("store", "Stored."),
    "video.copies": ("store", "{stored} of {wanted} copies are stored, {committed} committed."),
    "video.committed": ("commit", "Committed: every copy is on chain."),
    "commit.retrying": ("commit", "Not put on chain yet. {error}"),
    "copy.lost": ("verify", "A copy at {provider} is lost."),
    "copy.doubted": ("verify", "{provider} does not answer for its copy."),
    "copy.returned": ("verify", "The copy at {provider} is back."),
    "video.verified": ("verify", "Read back, and compared with what was received."),
    "video.at_risk": ("verify", "At risk. {reason}"),
    "video.proven": ("prove", "Proven: the network has checked it for the first time."),
    "video.encrypting": ("encrypt", "To be stored anew, encrypted."),
    "video.encrypted": ("encrypt", "Stored anew, encrypted."),
    "step.retrying": ("", "Try {attempts} came to nothing. {error}"),
    "step.failed": ("", "Given up. {error}"),
}


def of(upload: Upload, viewer: User) -> list[dict[str, Any]]:
    """The latest `MOST`, oldest first; only what `viewer` may see."""
    about = Q(upload_id=upload.pk)
    if upload.video_id:
        about |= Q(video_id=upload.video_id)
    seen = Event.objects.visible_to(viewer).filter(about, type__in=_WORDS)
    return [_entry(event) for event in reversed(seen.order_by("-seq")[:MOST])]


def _entry(event: Event) -> dict[str, Any]:
    stage, words = _WORDS[event.type]
    return {
        "seq": event.seq,
        "at": moment(event.at),
        "stage": stage or str(event.data.get("kind", "")),
        "words": words.format_map(_Facts(event.data)).strip(),
    }


class _Facts(dict[str, Any]):
    """Events that an older version wrote may lack a fact."""

    def __missing__(self, key: str) -> str:
        return "?"
