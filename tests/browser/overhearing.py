"""A wire between a browser and a library that keeps all that the library says. Loopback only."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from typing import NamedTuple

_RANGE = re.compile(rb"\r\ncontent-range: *bytes (\d+)-(\d+)/(\d+)\r\n", re.IGNORECASE)
_ANSWER = b"HTTP/1.1 206 "


class Heard(NamedTuple):
    """A range that was announced, and as much of it as came."""

    start: int
    stop: int
    data: bytes


class Wire:
    """Hands connections on to `port`."""

    def __init__(self, port: int) -> None:
        self._library = port
        self._said: list[bytearray] = []
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Wire:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def heard(self, size: int) -> list[Heard]:
        """What came of ranges of a body of this size."""
        return [one for said in list(self._said) for one in _ranges(bytes(said), size)]

    def _accept(self) -> None:
        while True:
            try:
                browser, _ = self._listener.accept()
            except OSError:
                return
            library = socket.create_connection(("127.0.0.1", self._library))
            said = bytearray()
            self._said.append(said)
            self._open += [browser, library]
            for here, there, kept in ((browser, library, None), (library, browser, said)):
                threading.Thread(target=_pass, args=(here, there, kept), daemon=True).start()


def _pass(here: socket.socket, there: socket.socket, kept: bytearray | None) -> None:
    with contextlib.suppress(OSError):
        while data := here.recv(1 << 16):
            if kept is not None:
                kept += data
            there.sendall(data)
    # The other side is told, so that a player that leaves is noticed and so is a library.
    for one in (here, there):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def _ranges(said: bytes, size: int) -> Iterator[Heard]:
    position = said.find(_ANSWER)
    while position >= 0:
        begin = said.find(b"\r\n\r\n", position) + 4
        told = _RANGE.search(said, position, begin) if begin > 3 else None
        end = max(begin, position + 1)
        if told is not None and int(told[3]) == size:
            start, stop = int(told[1]), int(told[2]) + 1
            data = said[begin : begin + stop - start]
            yield Heard(start, stop, data)
            end = begin + len(data)
        position = said.find(_ANSWER, end)
