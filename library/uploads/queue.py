"""The order in which a person's films arrive, and which of them wait by their owner's will."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from library import events
from library.errors import NotFound, UploadGone
from library.models import Upload, User


def last_place(owner: User) -> int:
    """Behind everything that is arriving."""
    last: int | None = Upload.objects.receiving().filter(owner=owner).aggregate(m=Max("place"))["m"]
    return (last or 0) + 1


def order(owner: User, ids: Sequence[str]) -> list[str]:
    """
    Put these uploads first, in this order, before all others of `owner`; the whole queue as
    it then is. Those that are over by now have no place any more.

    Raises NotFound for an id that is not the owner's.
    """
    with transaction.atomic():
        own = Upload.objects.writable_by(owner)
        if own.filter(pk__in=ids).count() != len(set(ids)):
            raise NotFound("There is no such upload, or it is not yours.")
        queue = list(own.receiving().select_for_update().order_by("place", "created_at", "pk"))
        wanted = {pk: index for index, pk in enumerate(ids)}
        queue.sort(key=lambda upload: wanted.get(upload.pk, len(wanted)))
        found = [upload.pk for upload in queue]
        moved = [(place, one) for place, one in enumerate(queue, 1) if one.place != place]
        for place, upload in moved:
            Upload.objects.filter(pk=upload.pk).update(place=place)
        if moved:
            events.record("upload.ordered", upload=queue[0], ids=found)
    return found


def pause(upload: Upload) -> Upload:
    """By its owner, wherever they are: every device that sends it stops. Twice is once."""
    return _set(upload, "upload.paused", paused=True)


def resume(upload: Upload) -> Upload:
    return _set(upload, "upload.resumed", paused=False)


def _set(upload: Upload, event: str, *, paused: bool) -> Upload:
    now = timezone.now() if paused else None
    here = Upload.objects.receiving().filter(pk=upload.pk)
    with transaction.atomic():
        if here.filter(paused_at__isnull=paused).update(paused_at=now):
            events.record(event, upload=upload)
            upload.paused_at = now
        elif not here.exists():
            raise UploadGone("This upload is over; there is nothing to pause.")
    return upload
