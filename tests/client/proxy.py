"""A wire between client and library that counts, cuts and spoils what passes. Loopback only."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable

Spoil = Callable[[bytes], bytes]


class Proxy:
    """
    Hands connections on to `port`. After `cut_up` bytes towards the library, or `cut_down`
    bytes from it, every connection is reset; each happens once.
    """

    def __init__(self, port: int) -> None:
        self._library = port
        self.up = self.down = 0
        self.cut_up: int | None = None
        self.cut_down: int | None = None
        self.cuts = 0
        # Called with each portion from the library.
        self.spoil: Spoil = lambda data: data
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._reset_all()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                library = socket.create_connection(("127.0.0.1", self._library))
            except OSError:
                # The library is down: so is the wire to it.
                client.close()
                continue
            with self._lock:
                self._open |= {client, library}
            for here, there, upwards in ((client, library, True), (library, client, False)):
                threading.Thread(
                    target=self._pass, args=(here, there, upwards), daemon=True
                ).start()

    def _pass(self, here: socket.socket, there: socket.socket, upwards: bool) -> None:
        with contextlib.suppress(OSError):
            while data := here.recv(64 * 1024):
                there.sendall(data if upwards else self.spoil(data))
                if self._count(len(data), upwards):
                    self._reset_all()
                    return
        for end in (here, there):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _count(self, size: int, upwards: bool) -> bool:
        """Whether this was the moment to cut."""
        with self._lock:
            if upwards:
                self.up += size
                cut = self.cut_up is not None and self.up >= self.cut_up
            else:
                self.down += size
                cut = self.cut_down is not None and self.down >= self.cut_down
            if cut:
                self.cuts += 1
                self.cut_up = self.cut_down = None
            return cut

    def _reset_all(self) -> None:
        with self._lock:
            open_ones, self._open = self._open, set()
        for end in open_ones:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
            end.close()
