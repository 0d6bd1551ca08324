"""
What one viewer is told, read from the tables at the moment of telling.

Every reading asks anew whether the viewer is still signed in and what they may see now.
Runs in a thread; knows no sockets.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import timedelta
from typing import Any

from django.db.models import Max, Min
from django.utils import timezone

from library import events, stages
from library.live import streams
from library.live.mailbox import Mail
from library.live.visitors import SignIn
from library.models import Event, Step, Upload, User, Video
from library.moments import moment
from library.progress import describe_upload, describe_uploads, describe_video

Message = dict[str, Any]

# Events in one reading: a replay of any length goes out in portions of this many.
PAGE = 500
# How long an upload that is over is still part of the snapshot, and how many rows are.
RECENT = timedelta(days=2)
MOST_ROWS = 100


# The thread is lost: look at everything anew. Events go on as they did.
RESET: Message = {"type": "reset"}


class SignedOut(Exception):
    """The right by which the socket was opened has ended."""


class Feed:
    """`position` is the number of the last event that this viewer has been told of."""

    def __init__(self, sign_in: SignIn) -> None:
        self.sign_in = sign_in
        self.position = 0

    def viewer(self) -> User:
        """Who looks on, as they are now. Raises SignedOut."""
        user = self.sign_in.user()
        if user is None:
            raise SignedOut
        return user

    def snapshot(self) -> Message:
        """How things stand; what happens afterwards has a higher `seq`."""
        user = self.viewer()
        # Read before the rows: an event in between is told twice rather than never.
        self.position = Event.objects.newest()
        data = {"uploads": _current_uploads(user), "videos": _unfinished_videos(user)}
        return _now("snapshot", data, seq=self.position)

    def news(self, mail: Mail) -> tuple[list[Message], bool]:
        """What `mail` announces, events first; and whether more events are waiting."""
        user = self.viewer()
        told = self._events(user) if mail.newest > self.position else []
        more = self._advance(told, mail.newest)
        return told + _upload_ticks(user, mail.uploads) + _video_ticks(user, mail.videos), more

    def streams(self) -> Message:
        """Who is being sent what, for whoever may know."""
        if not streams.may_watch(self.viewer()):
            return {"type": "error", "detail": "Only whoever runs the library may watch streams."}
        return _now("streams", streams.told())

    def rewind(self, seq: int) -> bool:
        """
        Go back to `seq`, to be told again what came after it; False when that history
        is gone, or never was.
        """
        self.viewer()
        kept = Event.objects.aggregate(oldest=Min("seq"), newest=Max("seq"))
        oldest, newest = kept["oldest"] or 1, kept["newest"] or 0
        if not oldest - 1 <= seq <= newest:
            return False
        self.position = seq
        return True

    def replay(self) -> tuple[list[Message], bool]:
        """The next events after `position`, and whether more are waiting."""
        newest = Event.objects.newest()
        told = self._events(self.viewer())
        return told, self._advance(told, newest)

    def _advance(self, told: list[Message], newest: int) -> bool:
        """Be past what was told; past `newest` too, unless more events are waiting."""
        more = len(told) == PAGE
        last = told[-1]["seq"] if told else 0
        self.position = max(self.position, last, 0 if more else newest)
        return more

    def _events(self, user: User) -> list[Message]:
        rows = Event.objects.visible_to(user).after(self.position)[:PAGE]
        return [events.describe(event) for event in rows]


def _now(type: str, data: Message, **more: Any) -> Message:
    return {"type": type, "at": moment(timezone.now()), **more, "data": data}


def _current_uploads(user: User) -> list[Message]:
    mine = Upload.objects.writable_by(user).current().for_progress()
    return describe_uploads(mine[:MOST_ROWS])


def _unfinished_videos(user: User) -> list[Message]:
    unfinished = Step.objects.exclude(state=Step.State.DONE).values("video")
    seen = Video.objects.visible_to(user).filter(pk__in=unfinished)
    return [_with_stages(video) for video in _for_stages(seen)[:MOST_ROWS]]


def _upload_ticks(user: User, pks: Set[str]) -> list[Message]:
    if not pks:
        return []
    # A person's own, staff included: whoever runs the library does not follow each byte.
    rows = Upload.objects.writable_by(user).filter(pk__in=pks).for_progress()
    return [_now("upload.progress", describe_upload(upload)) for upload in rows]


def _video_ticks(user: User, pks: Set[str]) -> list[Message]:
    if not pks:
        return []
    rows = _for_stages(Video.objects.visible_to(user).filter(pk__in=pks))
    return [_now("video.progress", _with_stages(video)) for video in rows]


def _for_stages(videos: Any) -> Any:
    return videos.for_lists().prefetch_related("steps")


def _with_stages(video: Video) -> Message:
    return describe_video(video, short=True) | {"stages": stages.of_video(video)}
