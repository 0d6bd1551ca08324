"""
What the worker and the examining program say to each other.

The program is started with what it is for: FILM, which is facts and a poster, or STORYBOARD,
which is how small pictures lie in a sheet, and the sheet, or RENDITION and a quality, which
is the film once more. Then it asks: a letter and two numbers, then perhaps a body.

    R position length    give me these bytes of the film
    F 0 length           the facts, as JSON, follow
    P 0 length           the poster or the sheet, as JPEG, follows
    O 0 length           the next bytes of the rendition follow, before the facts
    C 0 length           it broke down, and these are its words for the operator

The worker answers R alone: a number, and so many bytes (fewer than asked for only at the
film's end). Films whose stored bytes are not their own are turned by the worker before it
answers, so this program needs no key.
"""

from __future__ import annotations

import socket
import struct

ASKED = struct.Struct(">cQQ")
ANSWERED = struct.Struct(">Q")
READ, FACTS, PICTURE, OUTPUT, CRASHED = b"R", b"F", b"P", b"O", b"C"
FILM, STORYBOARD, RENDITION = "film", "storyboard", "rendition"

MOST_READ = 1024 * 1024
# Five hundred chapters with long titles are the most of it.
MOST_FACTS = 512 * 1024
MOST_POSTER = 1024 * 1024
MOST_SHEET = 2 * 1024 * 1024
MOST_WORDS = 8 * 1024


def receive(channel: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes; EOFError when the other side has gone."""
    received = bytearray()
    while len(received) < size:
        portion = channel.recv(size - len(received))
        if not portion:
            raise EOFError("the other side has gone")
        received += portion
    return bytes(received)


class RemoteFilm:
    """The film as a file that can be read and sought in, for PyAV."""

    name = "film"

    def __init__(self, channel: socket.socket, size: int) -> None:
        self._channel, self._size, self._position = channel, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = 0) -> int:
        start = (0, self._position, self._size)[whence]
        self._position = max(start + offset, 0)
        return self._position

    def read(self, size: int) -> bytes:
        size = min(size, MOST_READ, self._size - self._position)
        if size <= 0:
            return b""
        self._channel.sendall(ASKED.pack(READ, self._position, size))
        (length,) = ANSWERED.unpack(receive(self._channel, ANSWERED.size))
        data = receive(self._channel, length)
        self._position += length
        return data
