"""
Connections that a server has closed, and whose client does not take what was written before.

A server closes a connection when all of that is taken, which a client with a full window can
put off for ever; meanwhile it keeps a file and its buffers, beyond every limit there is.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from typing import Any

# An answer that was ended before its end is of no use to anybody: it is closed for good when
# nothing of it was taken for so long, and at the latest after LEFT_SECONDS.
GRACE_SECONDS, LEFT_SECONDS = 2.0, 30.0
# One that is whole waits for as long as this for somebody who takes nothing of it at all.
TAKEN_SECONDS = 60.0
LOOK_SECONDS = 0.5

_AT_ONCE = struct.pack("ii", 1, 0)


class Closing:
    """Looks after the connections of one server, for as long as it has any."""

    def __init__(self, connections: set[Any], loop: asyncio.AbstractEventLoop) -> None:
        self._connections, self._loop = connections, loop
        # Those that are closed: since when, how much they had left at last, and since when.
        self._closed: dict[Any, tuple[float, int, float]] = {}
        self._is_looking = False

    def look_on(self) -> None:
        if not self._is_looking:
            self._is_looking = True
            self._loop.call_later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        now, before, self._closed = self._loop.time(), self._closed, {}
        for one in list(self._connections):
            transport = getattr(one, "transport", None)
            if transport is None or not transport.is_closing():
                continue
            left = transport.get_write_buffer_size()
            closed_at, had, since = before.get(one, (now, left, now))
            since = since if had == left else now
            if _is_over(one, now - closed_at, now - since):
                _abort(transport)
            else:
                self._closed[one] = closed_at, left, since
        self._is_looking = bool(self._connections)
        if self._is_looking:
            self._loop.call_later(LOOK_SECONDS, self._look)


def _is_over(connection: Any, closed: float, untaken: float) -> bool:
    cycle = getattr(connection, "cycle", None)
    if cycle is None or cycle.response_complete:
        return untaken >= TAKEN_SECONDS
    return untaken >= GRACE_SECONDS or closed >= LEFT_SECONDS


def _abort(transport: asyncio.Transport) -> None:
    """With a reset, so that the system does not keep on what it has of it either."""
    said = transport.get_extra_info("socket")
    if said is not None and said.fileno() >= 0:
        with socket.socket(fileno=os.dup(said.fileno())) as same:
            same.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    transport.abort()
