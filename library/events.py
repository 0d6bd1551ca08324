"""Writing down what happened, inside the transaction that makes it true."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from library.locks import Lock, hold
from library.models import Collection, Event, Playlist, Upload, User, Video, Visibility
from library.moments import moment


def record(
    type: str,
    *,
    video: Video | None = None,
    upload: Upload | None = None,
    **data: Any,
) -> Event:
    """
    Append an event. Its owner is the film's or the upload's.

    A sequence number must never become visible before a lower one, or a reader that
    follows the table would skip it. SQLite has one writer; elsewhere numbering waits for
    the transaction that drew the number before.
    """
    subject = video or upload
    if subject is None:
        raise ValueError("An event is about a film or an upload.")
    with transaction.atomic():
        hold(Lock.EVENT_NUMBERS)
        return Event.objects.create(
            type=type, owner_id=subject.owner_id, upload=upload, data=data, **_of(video)
        )


def record_for_staff(type: str, **data: Any) -> Event:
    """An event about the library itself: whoever runs it sees it, and nobody else."""
    with transaction.atomic():
        hold(Lock.EVENT_NUMBERS)
        return Event.objects.create(type=type, data=data)


def record_for(user: User, type: str, **data: Any) -> Event:
    """An event about something of `user`'s that is no film: they see it, and staff."""
    with transaction.atomic():
        hold(Lock.EVENT_NUMBERS)
        return Event.objects.create(type=type, owner=user, data=data)


def record_of(thing: Playlist | Collection, type: str, **data: Any) -> Event:
    """
    An event about a playlist or a collection, which comes as it was until then: its owner sees
    it, and staff; and `library.sync` tells everybody else who could see the thing or does now.
    """
    audience = thing.visibility if isinstance(thing, Playlist) else Visibility.PRIVATE
    with transaction.atomic():
        hold(Lock.EVENT_NUMBERS)
        return Event.objects.create(
            type=type, owner_id=thing.owner_id, subject=thing.pk, audience=audience, data=data
        )


def record_each(type: str, videos: Iterable[Video], **data: Any) -> None:
    """The same event of each film."""
    with transaction.atomic():
        hold(Lock.EVENT_NUMBERS)
        Event.objects.bulk_create(
            Event(type=type, owner_id=video.owner_id, data=data, **_of(video)) for video in videos
        )


def _of(video: Video | None) -> dict[str, Any]:
    """
    The film an event is about. Who could see it is told as it was before the event: `video`
    comes with what it had until then.
    """
    if video is None:
        return {}
    seen = video.trashed_at is None
    audience = video.visibility if seen else Visibility.PRIVATE
    return {
        "video": video,
        # A rendition is in no list, so nobody has to forget it.
        "subject": "" if video.rendition_of_id else video.pk,
        "audience": audience,
        "collection": video.collection_id or "",
    }


def describe(event: Event) -> dict[str, Any]:
    """An event as the API and the websocket tell it."""
    about = {"video": event.video_id, "upload": event.upload_id}
    return {
        "seq": event.seq,
        "type": event.type,
        "at": moment(event.at),
        "data": {**event.data, **about},
    }
