"""
The stored bytes of one piece, from whichever of its files on this machine has them.

Reads plainly, in the thread that asks. A worker may move a piece from staging to the shelf
between any two questions, so nobody asks where it is: its files are tried in turn.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path

from library import places
from streaming.errors import NotHere
from streaming.reading.files import Open, files

log = logging.getLogger(__name__)

# What is sent, and so read, at a time.
SEND = 256 * 1024

# Answers of a file system that cannot read without waiting.
_CANNOT = {errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS}
# The devices that gave one of these. They are few, and would say it again at every read.
always_wait: set[int] = set()
_thread = threading.local()


@dataclass(frozen=True, slots=True)
class Kept:
    """
    A piece and its place in what is sent.

    The last `padding` of its bytes are the zeros with which providers hold a piece that is
    shorter than they take. A file of it may leave them out. `film_offset` is where the piece
    begins in its film, if that is not where it begins in what is sent.
    """

    index: int
    offset: int
    size: int
    piece_cid: str
    padding: int = 0
    film_offset: int | None = None

    @property
    def begin(self) -> int:
        """Its place in the film."""
        return self.offset if self.film_offset is None else self.film_offset


class PieceReader:
    """One piece, open for reading by one thread at a time. Close it; twice is no harm."""

    def __init__(self, piece: Kept, staging: str) -> None:
        self.piece = piece
        self._places = _places(piece, staging)
        self._file: Open | None = None
        self.place = ""
        self.source = ""

    def __del__(self) -> None:
        if self._file is not None:
            warnings.warn(f"{self} was never closed", ResourceWarning, source=self, stacklevel=2)
            self.close()

    def __enter__(self) -> PieceReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read_now(self, start: int, length: int) -> memoryview | None:
        """
        Just these bytes if the memory has them and nothing has to be waited for, or None.

        They are there until this thread reads again.
        """
        if self._file is None:
            return None
        return read_now(self._file.descriptor, self._file.device, start, length)

    def read(self, start: int, length: int) -> bytes:
        """
        Just these bytes, however long it takes.

        A place that is gone, broken or too short is left for the next. NotHere when there
        is none left.
        """
        while self._open():
            assert self._file is not None
            try:
                data = self._filled(start, read(self._file.descriptor, start, length), length)
            except OSError as error:
                self.leave(str(error))
                continue
            if len(data) == length:
                return data
            self.leave(f"it ends at byte {start + len(data):,} of {self.piece.size:,}")
        raise NotHere(self.piece.index)

    def leave(self, why: str) -> None:
        """Never read from this place again."""
        log.warning("Piece %s, %s: %s.", self.piece.piece_cid, self.place, why)
        self.close()

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            files.release(file)

    def open_now(self) -> None:
        """Have its first place open if that takes no waiting; `read` opens it otherwise."""
        source, place, path = self._places[0]
        if self._file is None and (found := files.take_now(path)) is not None:
            self.source, self.place, self._file = source, place, found
            del self._places[0]

    def _open(self) -> bool:
        """Whether a place is open now: the same as before, or else the next."""
        while self._file is None:
            if not self._places:
                return False
            self.source, self.place, path = self._places.pop(0)
            try:
                self._file = files.take(path)
            except FileNotFoundError:
                continue
            except OSError as error:
                self.leave(str(error))
        return True

    def _filled(self, start: int, data: bytes, length: int) -> bytes:
        reached = start + len(data)
        if self.piece.padding and reached >= self.piece.size - self.piece.padding:
            return data.ljust(min(length, self.piece.size - start), b"\0")
        return data


def _places(piece: Kept, staging: str) -> list[tuple[str, str, Path]]:
    """Where it may be: what the place is called, how a sentence names it, and its file."""
    shelved = ("shelf", "on the shelf", places.shelved_piece(piece.piece_cid))
    if not staging:
        return [shelved]
    return [("staging", "in staging", places.staged_piece(staging, piece.index)), shelved]


def read_now(descriptor: int, device: int, start: int, length: int) -> memoryview | None:
    """As `PieceReader.read_now`, of a file on the device with this number."""
    flag: int | None = getattr(os, "RWF_NOWAIT", None)
    if flag is None or device in always_wait or length > SEND:
        return None
    # Into memory that is used again: making fresh memory for each read costs more than
    # copying out of it, because the kernel has to fill it with zeros first.
    into = _scratch()[:length]
    try:
        count = os.preadv(descriptor, [into], start, flag)
    except BlockingIOError:
        return None
    except OSError as error:
        if error.errno in _CANNOT:
            always_wait.add(device)
        return None
    return into if count == length else None


def read(descriptor: int, start: int, length: int) -> bytes:
    """These bytes of a file, fewer only where it ends."""
    data = os.pread(descriptor, length, start)
    while 0 < len(data) < length:
        more = os.pread(descriptor, length - len(data), start + len(data))
        if not more:
            break
        data += more
    return data


def _scratch() -> memoryview:
    if not hasattr(_thread, "scratch"):
        _thread.scratch = memoryview(bytearray(SEND))
    scratch: memoryview = _thread.scratch
    return scratch
