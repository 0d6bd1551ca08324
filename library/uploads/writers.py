"""
One writer at a time for each upload.

Two things make it so. A lock on a file in the staging folder, which the operating system
takes back from a process that dies, keeps a second writer's bytes out. The number
`Upload.writer`, raised by each newcomer, is part of every UPDATE of the offset and tells
the older connection that it was replaced.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone

from library import places
from library.errors import TooManyConnections, UploadBusy, UploadGone
from library.models import Upload
from library.models.uploads import expiry

# A writer that has received nothing for this long is taken for dead when another comes.
SILENCE = timedelta(seconds=5)
# How long a newcomer waits: enough for the older to be found silent, and to leave.
PATIENCE = 9.0
_POLL = 0.05
# Connections of one account that send, or wait to, in this process.
MOST_AT_ONCE = 16
_at_work: Counter[int] = Counter()
_counting = threading.Lock()


@contextmanager
def sole_writer(upload: Upload) -> Iterator[int]:
    """
    Be the writer of `upload`, by the number that is yielded; its row is read anew.

    Raises UploadBusy when another connection goes on sending, and TooManyConnections when
    the owner has as many at work here as anybody may have.
    """
    if upload.state != Upload.State.RECEIVING:
        raise UploadGone(_OVER[upload.state])
    with _one_of_few(upload.owner_id):
        descriptor = _open_lock(upload)
        try:
            _wait_for(upload, descriptor)
            yield _enlist(upload)
        finally:
            # Closing gives up the lock.
            os.close(descriptor)


@contextmanager
def _one_of_few(owner: int) -> Iterator[None]:
    """
    Each connection has threads, files and a database connection for as long as its client
    likes: one account must not take them all.
    """
    with _counting:
        if _at_work[owner] >= MOST_AT_ONCE:
            raise TooManyConnections(MOST_AT_ONCE)
        _at_work[owner] += 1
    try:
        yield
    finally:
        with _counting:
            _at_work[owner] -= 1
            if not _at_work[owner]:
                del _at_work[owner]


def is_writer(upload: Upload, writer: int) -> bool:
    return (
        Upload.objects.filter(pk=upload.pk, writer=writer, state=Upload.State.RECEIVING)
    ).exists()


def _open_lock(upload: Upload) -> int:
    folder = places.make_folder(places.staging(upload.pk))
    try:
        return os.open(folder / "writer", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        raise UploadGone("This upload was cancelled.") from None


def _wait_for(upload: Upload, descriptor: int) -> None:
    give_up = time.monotonic() + PATIENCE
    while not _locked(descriptor):
        if time.monotonic() > give_up:
            raise UploadBusy(retry_after=10)
        _ask_silent_writer_to_leave(upload)
        time.sleep(_POLL)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _ask_silent_writer_to_leave(upload: Upload) -> None:
    silent = Q(writer_seen_at=None) | Q(writer_seen_at__lt=timezone.now() - SILENCE)
    Upload.objects.filter(silent, pk=upload.pk).update(writer=F("writer") + 1)


def _enlist(upload: Upload) -> int:
    enlisted = Upload.objects.receiving().filter(pk=upload.pk)
    if not enlisted.update(
        writer=F("writer") + 1, writer_seen_at=timezone.now(), expires_at=expiry()
    ):
        upload.refresh_from_db()
        raise UploadGone(_OVER[upload.state])
    upload.refresh_from_db()
    return upload.writer


_OVER: dict[str, str] = {
    Upload.State.RECEIVED: "All bytes of this upload are here.",
    Upload.State.CANCELLED: "This upload was cancelled.",
    Upload.State.EXPIRED: "This upload waited too long and has expired.",
    Upload.State.REFUSED: "What was uploaded has been refused.",
}
