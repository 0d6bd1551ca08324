"""
One counter, one plaintext: which epoch a writer encrypts with.

Bytes that were written but never promised can come again, and be others: after a crash,
a wrong checksum, a takeover. They may still lie somewhere on the disk. So a writer says
in the upload's row that it begins to write, before it does, and takes that back when
everything it wrote is promised. Who finds it still said begins a new epoch there.
"""

from __future__ import annotations

from django.db import transaction

from library.encryption import Key
from library.errors import UploadBusy, UploadGone
from library.keys import films
from library.models import FilmKey, Upload

# Each is one interruption with bytes kept since the one before. A thousand is no accident,
# and the key is read with every request for the film.
MOST_PARTS = 1000


def begin(upload: Upload, writer: int, *, left_over: bool = False) -> Key | None:
    """
    The key that `writer` encrypts the next bytes of `upload` with; None if it is stored open.

    `left_over` says that there are bytes behind the offset, whatever the row says: it may
    have come out of an older backup than they have. Raises UploadGone when the upload has
    ended, UploadBusy when it has another writer by now, and KeyUnavailable; nothing has
    changed then.
    """
    if not upload.encrypted:
        return None
    with transaction.atomic():
        mine = Upload.objects.receiving().filter(pk=upload.pk, writer=writer)
        row = mine.select_for_update(of=("self",)).select_related("key").first()
        if row is None or row.key is None:
            raise replaced(upload)
        key = films.opened(row.key)
        if row.unpromised or left_over:
            _begin_epoch(row.key, row.offset)
            key = films.opened(row.key)
        mine.update(unpromised=True)
    return key


def replaced(upload: Upload) -> UploadBusy | UploadGone:
    """Why a writer that was told its number is none any more."""
    if Upload.objects.receiving().filter(pk=upload.pk).exists():
        return UploadBusy(retry_after=10)
    return UploadGone("This upload was ended while bytes were arriving.")


def _begin_epoch(key: FilmKey, offset: int) -> None:
    start, epoch = key.parts[-1]
    kept = key.parts[:-1] if start == offset else key.parts
    if len(kept) >= MOST_PARTS:
        raise UploadGone(
            "This upload was interrupted too often to go on. Please send it again from the "
            "beginning."
        )
    key.parts = [*kept, [offset, epoch + 1]]
    key.save(update_fields=["parts"])
