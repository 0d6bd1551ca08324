"""Uploads that nobody goes on with: they end visibly, and their space is freed."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from library import events
from library.keys import films
from library.models import Upload
from library.uploads import staging

# How long the row of an upload that came to nothing can still be looked up.
REMEMBERED = timedelta(days=30)


def sweep() -> int:
    """Expire what is due and forget what is long over. Returns how many uploads expired."""
    now = timezone.now()
    due = Upload.objects.receiving().filter(expires_at__lte=now)
    expired = sum(_expire(upload) for upload in due)
    over = [Upload.State.CANCELLED, Upload.State.EXPIRED, Upload.State.REFUSED]
    Upload.objects.filter(state__in=over, updated_at__lt=now - REMEMBERED).delete()
    films.sweep()
    return expired


def _expire(upload: Upload) -> bool:
    """False when the upload went on, or ended, since it was found."""
    unchanged = Upload.objects.receiving().filter(
        pk=upload.pk, writer=upload.writer, expires_at=upload.expires_at
    )
    with transaction.atomic():
        if not unchanged.update(state=Upload.State.EXPIRED, reserved=0, key=None):
            return False
        films.delete(upload.key_id)
        events.record("upload.expired", upload=upload, offset=upload.offset)
    staging.remove(upload.pk)
    return True
