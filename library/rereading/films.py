"""
Is a film still what it was? Its stored bytes against the PieceCIDs, its own against the SHA-256.

Every copy is read. A copy that is wrong is told by the block: the block roots beside the
film are held against its PieceCID first, so that they can be believed.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from filmedia.filecoin import piece as pieces
from filmedia.filecoin.piece import BLOCK_SIZE, PieceCid, PieceHasher
from library import encryption, places
from library.errors import KeyUnavailable
from library.keys import films as keys
from library.models import Piece, Video
from library.rereading import copies
from library.rereading.copies import Held, Read, Unread

NODE = 32
_AT_ONCE = 4 * BLOCK_SIZE
_OTHER = "its bytes are not those that were stored."
# Of each copy, where only a sample is asked for.
SAMPLED_BLOCKS = 8
At = Callable[[int], object]


@dataclass(frozen=True)
class Fault:
    """A copy that is not the piece; `block` where it can be told, counted from 0 in the piece."""

    piece: int
    where: str
    what: str
    block: int | None = None
    start: int | None = None
    stop: int | None = None

    def __str__(self) -> str:
        block = "" if self.block is None else f", block {self.block}"
        of = "" if self.start is None else f" (bytes {self.start:,} to {self.stop:,})"
        return f"Piece {self.piece}{block}{of} on {self.where}: {self.what}"


@dataclass
class Report:
    video: Video
    read: int = 0
    faults: list[Fault] = field(default_factory=list)
    # What could not be looked at: no proof of anything, and no all-clear.
    unread: list[str] = field(default_factory=list)
    # What was left out on purpose, or because it cannot be asked.
    left_out: list[str] = field(default_factory=list)
    # Copies with faults, so that they can be written down.
    wrong: list[Held] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        return not self.faults and not self.unread


def size_of(video: Video) -> int:
    """Bytes that a look at every copy reads."""
    return sum(held.size for piece in video.pieces.all() for held in copies.of(piece))


def look(video: Video, *, at: At = lambda read: None) -> Report:
    """Read every byte of every copy; `at` is told how many bytes were read so far."""
    report = Report(video)
    roots, whole = _roots(report), _Film(report)
    for piece in video.pieces.order_by("index"):
        for number, held in enumerate(_copies(report, piece)):
            # The film itself is put together from the first copies.
            with _told(report, held), held.opened() as read:
                _look_at_all(
                    report, held, _own(roots, held), read, whole if not number else None, at
                )
    whole.compare()
    return report


def look_at_some(video: Video, *, at: At = lambda read: None) -> Report:
    """Read a few blocks of every copy, chosen anew each time."""
    report = Report(video, left_out=["SHA-256: a sample does not tell it"])
    roots = _roots(report)
    if not roots:
        report.unread.append("Without the roots of its blocks a sample tells nothing.")
        return report
    for piece in video.pieces.order_by("index"):
        for held in _copies(report, piece):
            with _told(report, held), held.opened() as read:
                _look_at_some(report, held, _own(roots, held), read, at)
    return report


def _copies(report: Report, piece: Piece) -> list[Held]:
    held = copies.of(piece)
    if not held:
        report.unread.append(f"Piece {piece.index} has no copy that is counted on.")
    return held


@contextmanager
def _told(report: Report, held: Held) -> Iterator[None]:
    """What is met while a copy is read goes into the report."""
    before = len(report.faults)
    try:
        yield
    except Unread as error:
        report.unread.append(f"Piece {held.piece.index} on {held.where}: {error}")
    if len(report.faults) > before:
        report.wrong.append(held)


def _look_at_all(
    report: Report, held: Held, roots: bytes, read: Read, film: _Film | None, at: At
) -> None:
    hasher, position = PieceHasher(), 0
    while position < held.size and (data := read(position, min(position + _AT_ONCE, held.size))):
        hasher.update(data)
        if film is not None:
            film.add(held.piece, position, data)
        position += len(data)
        report.read += len(data)
        at(report.read)
    found = pieces.complete_block_roots(hasher.take_block_roots(), hasher.tail())
    if position == held.size and str(hasher.finish()) == held.piece.piece_cid:
        return
    if film is not None:
        film.is_whole = False
    if not position:
        report.faults.append(Fault(held.piece.index, held.where, "it is not there."))
    elif not roots:
        report.faults.append(Fault(held.piece.index, held.where, _OTHER))
    else:
        report.faults += _wrong_blocks(held, found, roots)


def _look_at_some(report: Report, held: Held, roots: bytes, read: Read, at: At) -> None:
    count = len(roots) // NODE
    for block in sorted(random.sample(range(count), min(SAMPLED_BLOCKS, count))):
        start, stop = _bounds(held, block)
        data = read(start, stop)
        report.read += len(data)
        at(report.read)
        if len(data) < stop - start or pieces.block_root(data) != _root(roots, block):
            report.faults.append(_fault(held, block, len(data)))


def _wrong_blocks(held: Held, found: bytes, roots: bytes) -> Iterator[Fault]:
    for block in range(len(roots) // NODE):
        if _root(found, block) != _root(roots, block):
            # What follows the end of a file that was cut is not worth a line for each block.
            is_missing = block * NODE >= len(found)
            yield _fault(held, block, 0 if is_missing else 1)
            if is_missing:
                return


def _fault(held: Held, block: int, there: int) -> Fault:
    what = _OTHER if there else "it ends before that."
    start, stop = _bounds(held, block)
    return Fault(held.piece.index, held.where, what, block, start, stop)


def _bounds(held: Held, block: int) -> tuple[int, int]:
    return block * BLOCK_SIZE, min((block + 1) * BLOCK_SIZE, held.size)


def _root(roots: bytes, block: int) -> bytes:
    return roots[block * NODE : (block + 1) * NODE]


def _own(roots: bytes, held: Held) -> bytes:
    """The piece's part of the film's block roots."""
    first, count = held.piece.offset // BLOCK_SIZE, -(-held.size // BLOCK_SIZE)
    return roots[first * NODE : (first + count) * NODE]


def _roots(report: Report) -> bytes:
    """The film's block roots, once they are known to be its own; else nothing, and a fault."""
    video = report.video
    try:
        kept = places.roots(video.pk).read_bytes()
    except FileNotFoundError:
        kept = b""
    if pieces.block_roots_match(kept, PieceCid.parse(video.piece_cid)):
        return kept
    what = "the roots of its blocks are missing or damaged, so that no block can be named."
    report.faults.append(Fault(0, copies.SHELF, what))
    return b""


class _Film:
    """The film's own bytes, as its pieces come, for their SHA-256."""

    def __init__(self, report: Report) -> None:
        self._report, self._digest, self._size = report, hashlib.sha256(), 0
        self.is_whole = True
        try:
            key = keys.of(report.video)
        except KeyUnavailable as error:
            report.left_out.append(f"SHA-256: {error.detail}")
            self.is_whole, key = False, None
        self._turn = encryption.Turning(key) if key else None

    def add(self, piece: Piece, position: int, stored: bytes) -> None:
        """Bytes of a piece, in order; the zeros that fill up a short one are not the film's."""
        if not self.is_whole:
            return
        data = stored[: max(piece.size - position, 0)]
        if data:
            film = self._turn(data, piece.offset + position) if self._turn else data
            self._digest.update(film)
            self._size += len(data)

    def compare(self) -> None:
        video, found = self._report.video, self._digest.hexdigest()
        if self.is_whole and self._size == video.size and found != video.sha256:
            what = f"the film's SHA-256 is {found}, and should be {video.sha256}."
            self._report.faults.append(Fault(0, copies.SHELF, what))
