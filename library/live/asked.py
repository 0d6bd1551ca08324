"""What a client may say on a socket: where to go on, and whether to be told who watches."""

from __future__ import annotations

import json
from typing import NamedTuple

# All a client has to say is short.
LONGEST_MESSAGE = 1024
STREAMS = "streams"


class Resume(NamedTuple):
    """It wants to hear what came after this event."""

    seq: int


class Watch(NamedTuple):
    """It wants to be told of streams as they go, or no longer."""

    streams: bool


class Nonsense(NamedTuple):
    detail: str


def understand(text: str | None) -> Resume | Watch | Nonsense:
    if text is None:
        return Nonsense("Messages are text, not bytes.")
    if len(text) > LONGEST_MESSAGE:
        return Nonsense(f"A message has at most {LONGEST_MESSAGE} characters.")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return Nonsense("This is not JSON.")
    if not isinstance(message, dict):
        return Nonsense("A message is a JSON object.")
    if "resume" in message:
        return _resume(message["resume"])
    if "watch" in message:
        return _watch(message["watch"])
    return Nonsense('What may be said here is {"resume": seq} and {"watch": "streams"}.')


def _resume(seq: object) -> Resume | Nonsense:
    if isinstance(seq, bool) or not isinstance(seq, int) or seq < 0:
        return Nonsense("resume is the seq of an event, or 0.")
    return Resume(seq)


def _watch(what: object) -> Watch | Nonsense:
    if what not in (STREAMS, None):
        return Nonsense('watch is "streams", or null to watch no longer.')
    return Watch(what == STREAMS)
