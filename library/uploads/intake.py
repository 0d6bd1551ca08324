"""
Bytes of one connection on their way to disk: written, hashed and, at checkpoints, promised.

A checkpoint comes every 16 MiB and every second. Its order is what makes an offset
truthful: the bytes and the roots of their blocks are flushed to disk first, then one
UPDATE moves the offset and the state of the hashes together. A crash in between leaves
bytes that nobody was promised; the next writer goes over them again.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from django.utils import timezone

from filmedia.filecoin.piece import BLOCK_SIZE, FilmHasher
from library import encryption
from library.encryption import Key
from library.errors import TooLarge
from library.keys import epochs
from library.models import Upload
from library.models.uploads import expiry
from library.uploads import space, writers
from library.uploads.staging import Staging

CHECKPOINT_BYTES = 16 * 1024 * 1024
CHECKPOINT_SECONDS = 1.0
# Over how long a speed is averaged: shorter jumps about, longer hides a stall.
SPEED_SECONDS = 5.0


class _Checkpoint(NamedTuple):
    """An offset that becomes a promise once `flushed` is done."""

    offset: int
    hash_state: bytes
    flushed: Future[None]


class Intake:
    """
    The writer of an upload for as long as one connection lasts.

    With `held`, nothing is promised before `finish`: the bytes of a request that carries
    a checksum count only when all of them are here and right.
    """

    def __init__(self, upload: Upload, writer: int, staging: Staging, *, held: bool) -> None:
        self.upload, self.writer, self.staging, self.held = upload, writer, staging, held
        # From here on bytes may be written that nobody is promised.
        left_over = staging.reaches_past(upload.offset)
        self.key = epochs.begin(upload, writer, left_over=left_over)
        self.hasher = restore(upload, staging, self.key)
        self.offset = upload.offset
        self._blocks = upload.offset // BLOCK_SIZE
        self._hashing: Future[None] | None = None
        self._hash_thread = ThreadPoolExecutor(1, thread_name_prefix="hash")
        self._flush_thread = ThreadPoolExecutor(1, thread_name_prefix="flush")
        self._pending: _Checkpoint | None = None
        self._roots = b""
        self._flush_failed = False
        self._last_bytes, self._last_time = self.offset, time.monotonic()
        self._marks = deque([(self._last_time, self.offset)])

    def close(self) -> None:
        self._hash_thread.shutdown()
        self._flush_thread.shutdown()

    def add(self, film: bytes) -> None:
        """Take the next bytes of the film."""
        end = self.offset + len(film)
        if self.upload.length is None:
            space.extend(self.upload, end)
        elif end > self.upload.length:
            raise TooLarge(
                f"The upload was announced with {self.upload.length:,} bytes, and more came. "
                "Did the film change meanwhile?"
            )
        stored = encryption.turn(self.key, film, self.offset)
        self.staging.write(self.offset, stored)
        self._finish_hashing()
        # Hashing takes most of the time: the next bytes are received and written beside it.
        self._hashing = self._hash_thread.submit(self.hasher.update, film, stored)
        self.offset = end
        self._checkpoint_if_due()

    def pause(self) -> None:
        """Nothing came for a while: promise what is here, and look whether we still count."""
        if not self.held and self.offset > self._last_bytes and not self._is_whole:
            self._begin_checkpoint()
        self._settle()
        if not writers.is_writer(self.upload, self.writer):
            raise epochs.replaced(self.upload)

    def flush(self) -> None:
        """All bytes so far are on disk; the last step before they are promised."""
        self._settle()
        self._finish_hashing()
        self._write_roots()
        with self._failure_remembered():
            self.staging.sync()

    def acknowledge(self, *, torn: bool = False) -> None:
        """
        Promise all bytes so far. Where the last ones were `torn`, some were written behind
        those, so that the next writer begins a new epoch.

        A film's last byte is promised by the transaction that makes it a film, and never
        before: a client that hears of it does not come back.
        """
        if self._is_whole:
            return
        self.flush()
        if self.offset > self.upload.offset or self.key is not None:
            self._promise(self.offset, self.hasher.save(), everything=not torn)

    def drop(self) -> None:
        """Forget the bytes that were not promised."""
        self._settle()
        self.offset = self.upload.offset
        self._roots, self._blocks = b"", self.offset // BLOCK_SIZE
        self.staging.cut(self.offset, self._blocks)

    def salvage(self) -> None:
        """
        The disk is full: promise what is whole, in the room that the torn end leaves.

        Nothing where bytes could not be flushed: asked again, the system says that all is
        well, and has thrown them away.
        """
        if self._flush_failed:
            return
        self._finish_hashing()
        self.staging.cut(self.offset, self._blocks)
        self.acknowledge(torn=True)

    @property
    def _is_whole(self) -> bool:
        return self.offset == self.upload.length

    def _checkpoint_if_due(self) -> None:
        now = time.monotonic()
        late = now - self._last_time >= CHECKPOINT_SECONDS
        if self._is_whole:
            return
        if self.held:
            if late:
                self._last_time = now
                self._say_alive()
            if self.offset - self._last_bytes >= CHECKPOINT_BYTES:
                # Promised is nothing, but pieces that are full are flushed and closed.
                self._last_bytes = self.offset
                self.flush()
        elif late or self.offset - self._last_bytes >= CHECKPOINT_BYTES:
            self._begin_checkpoint()
        elif self._pending is not None and self._pending.flushed.done():
            self._settle()

    def _begin_checkpoint(self) -> None:
        # Flushing goes on while the next bytes are received and hashed.
        self._settle()
        self._finish_hashing()
        self._write_roots()
        flushed = self._flush_thread.submit(self.staging.flush, self.staging.written())
        self._pending = _Checkpoint(self.offset, self.hasher.save(), flushed)
        self._last_bytes, self._last_time = self.offset, time.monotonic()

    def _finish_hashing(self) -> None:
        if self._hashing is not None:
            hashing, self._hashing = self._hashing, None
            hashing.result()

    def _settle(self) -> None:
        if self._pending is None:
            return
        checkpoint, self._pending = self._pending, None
        with self._failure_remembered():
            checkpoint.flushed.result()
        self.staging.close_finished()
        self._promise(checkpoint.offset, checkpoint.hash_state)

    def _promise(self, offset: int, hash_state: bytes, *, everything: bool = False) -> None:
        now = timezone.now()
        facts = {
            "offset": offset,
            "hash_state": hash_state,
            "speed": self._speed(offset),
            "updated_at": now,
            "writer_seen_at": now,
            "expires_at": expiry(),
        }
        if everything:
            facts["unpromised"] = False
        if not self._mine().update(**facts):
            raise epochs.replaced(self.upload)
        for name, value in facts.items():
            setattr(self.upload, name, value)

    def _say_alive(self) -> None:
        if not self._mine().update(writer_seen_at=timezone.now(), expires_at=expiry()):
            raise epochs.replaced(self.upload)

    def _mine(self):  # type: ignore[no-untyped-def]  # a queryset of Upload
        return Upload.objects.receiving().filter(pk=self.upload.pk, writer=self.writer)

    def _write_roots(self) -> None:
        # Kept until they are written: the hasher gives each of them once.
        self._roots += self.hasher.take_block_roots()
        self.staging.write_roots(self._blocks, self._roots)
        self._roots, self._blocks = b"", self.offset // BLOCK_SIZE

    @contextmanager
    def _failure_remembered(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            self._flush_failed = True
            raise

    def _speed(self, offset: int) -> float:
        now = time.monotonic()
        self._marks.append((now, offset))
        while len(self._marks) > 2 and now - self._marks[0][0] > SPEED_SECONDS:
            self._marks.popleft()
        then, before = self._marks[0]
        return (offset - before) / max(now - then, 0.001)


def restore(upload: Upload, staging: Staging, key: Key | None) -> FilmHasher:
    """The hashes of an upload's film as they stood at its offset."""
    if upload.offset == 0:
        return FilmHasher()
    roots = staging.roots(upload.offset // BLOCK_SIZE)
    return FilmHasher.restore(
        bytes(upload.hash_state), roots, as_film=partial(encryption.turn, key)
    )
