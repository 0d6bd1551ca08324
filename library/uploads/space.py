"""Disk space: counted before it is promised, so that no upload fails for want of it half-way."""

from __future__ import annotations

import os

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Greatest

from library import places
from library.errors import NoSpace, TooLarge
from library.locks import Lock, hold
from library.models import Step, Upload

# An upload of unknown length is given room in steps of this size.
STEP = 64 * 1024 * 1024


def available() -> int:
    """Bytes that a new upload could take: what is free and not promised already."""
    disk = os.statvfs(places.data())
    free = disk.f_bavail * disk.f_frsize - settings.DISK_KEEP_FREE
    promised = Upload.objects.receiving().aggregate(
        rest=Sum(F("reserved") - F("offset"), default=0)
    )["rest"]
    return max(free - promised - _stored_anew(), 0)


def _stored_anew() -> int:
    """What films that are stored once more have still to write."""
    going = Step.objects.filter(
        kind=Step.Kind.ENCRYPT, state__in=[Step.State.WAITING, Step.State.RUNNING]
    )
    rest = Greatest(F("video__size") - F("done_bytes"), 0)
    found: int = going.aggregate(rest=Sum(rest, default=0))["rest"]
    return found


def check_size(length: int) -> None:
    if length > settings.UPLOAD_MAX_SIZE:
        raise TooLarge(
            f"This library takes files of up to {settings.UPLOAD_MAX_SIZE:,} bytes; "
            f"this one has {length:,}.",
            limit=settings.UPLOAD_MAX_SIZE,
        )


def claim(needed: int) -> None:
    """Make sure of `needed` bytes more; inside the transaction that writes them down."""
    hold(Lock.DISK_SPACE)
    room = available()
    if needed > room:
        raise NoSpace(
            f"The library has room for {room:,} bytes more; this needs {needed:,}.",
            needed=needed,
            available=room,
        )


def extend(upload: Upload, offset: int) -> None:
    """Set aside enough for `offset` bytes of an upload whose length is not known yet."""
    if offset <= upload.reserved:
        return
    check_size(offset)
    wanted = offset - offset % -STEP
    with transaction.atomic():
        claim(wanted - upload.reserved)
        Upload.objects.filter(pk=upload.pk).update(reserved=wanted)
    upload.reserved = wanted
