"""
Playlists: films in an order. Their places count from 1 without gaps.

Every change happens under a lock of the playlist's row, so that two at once come one after
the other; it counts the playlist's version up, and tells its owner.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from library import events
from library.catalogue import naming
from library.errors import Invalid, NotFound, VersionConflict, WrongState
from library.models import Playlist, PlaylistItem, User, Video, Visibility

TITLE_LIMIT, NOTE_LIMIT = 200, 2_000
MOST = 5_000
# How long a playlist that was deleted can be taken back.
KEPT = timedelta(days=1)
NOT_THERE = "There is no such playlist, or you may not see it."
NO_FILM = "There is no such film, or you may not see it."
NOT_IN_IT = "This film is not in the playlist."
_AT_ONCE = 500


def create(
    owner: User, title: str, *, note: str = "", visibility: str = Visibility.PRIVATE
) -> Playlist:
    """Raises Invalid."""
    facts = checked(title=title, note=note, visibility=visibility)
    with transaction.atomic():
        made = Playlist.objects.create(owner=owner, **facts)
        events.record_of(made, "playlist.created", playlist=made.pk)
    return made


def checked(
    *, title: str | None = None, note: str | None = None, visibility: str | None = None
) -> dict[str, str]:
    """What is given, as it would be set. Raises Invalid."""
    facts: dict[str, str] = {}
    if title is not None:
        facts["title"] = naming.cleaned(title, what="A playlist", limit=TITLE_LIMIT, field="title")
    if note is not None:
        facts["note"] = naming.note(note, NOTE_LIMIT)
    if visibility is not None:
        if visibility not in Visibility.values:
            one_of = ", ".join(Visibility.values)
            raise Invalid(f"visibility is one of {one_of}.", field="visibility")
        facts["visibility"] = visibility
    return facts


def change(
    playlist: Playlist,
    *,
    title: str | None = None,
    note: str | None = None,
    visibility: str | None = None,
    expected: int | None = None,
) -> Playlist:
    """
    Set what is given; None leaves it as it is. With `expected`, only if that is its version.

    Raises Invalid or VersionConflict, and then nothing changed.
    """
    facts = checked(title=title, note=note, visibility=visibility)
    with _locked(playlist, expected) as now:
        if any(getattr(now, field) != value for field, value in facts.items()):
            _changed(now, **facts)
    playlist.refresh_from_db()
    return playlist


def delete(playlist: Playlist, *, expected: int | None = None) -> None:
    """The playlist goes, for good in a day; its films stay."""
    with _locked(playlist, expected) as now:
        events.record_of(now, "playlist.deleted", playlist=now.pk, title=now.title)
        Playlist.objects.filter(pk=now.pk).update(deleted_at=timezone.now())


def restore(playlist: Playlist) -> bool:
    """Back as it was when it was deleted. False when it was not, or is gone for good."""
    with transaction.atomic():
        deleted = Playlist.objects.filter(pk=playlist.pk).exclude(deleted_at=None)
        if not deleted.update(deleted_at=None):
            return False
        now = Playlist.objects.get(pk=playlist.pk)
        # Films may have left the library meanwhile.
        _set_order(now, _order(now))
    return True


def forget_deleted() -> None:
    """Those that nobody took back in time."""
    Playlist.objects.filter(deleted_at__lt=timezone.now() - KEPT).delete()


def add(
    playlist: Playlist, videos: Sequence[str], by: User, *, position: int | None = None
) -> list[str]:
    """
    Put films (by their ids) at `position`, or at the end. Those that are in it already stay
    where they are. Returns the ids of those that were not.

    Raises NotFound where one is not there for `by` to see, and then nothing changed.
    """
    if position is not None and position < 1:
        raise Invalid("The first position is 1.", field="position")
    wanted = list(dict.fromkeys(videos))
    with _locked(playlist) as now:
        _make_sure_they_see(by, wanted)
        before = _order(now)
        new = [video for video in wanted if video not in before]
        if not new:
            return []
        if len(before) + len(new) > MOST:
            raise Invalid(f"A playlist has at most {MOST:,} films.", field="videos")
        place = len(before) if position is None else min(position - 1, len(before))
        PlaylistItem.objects.bulk_create(
            PlaylistItem(playlist=now, video_id=video, position=0, added_by=by) for video in new
        )
        _set_order(now, [*before[:place], *new, *before[place:]])
        return new


def remove(playlist: Playlist, video: str) -> bool:
    """Take a film out; False when it was not in it."""
    return bool(remove_many(playlist, [video]))


def remove_many(playlist: Playlist, videos: Sequence[str]) -> int:
    with _locked(playlist) as now:
        before = _order(now)
        gone = set(videos) & set(before)
        if gone:
            now.items.filter(video__in=gone).delete()
            _set_order(now, [video for video in before if video not in gone])
        return len(gone)


def move(playlist: Playlist, video: str, position: int) -> int:
    """Put a film that is in the playlist at another place. Returns the place it has now."""
    if position < 1:
        raise Invalid("The first position is 1.", field="position")
    with _locked(playlist) as now:
        before = _order(now)
        if video not in before:
            raise NotFound(NOT_IN_IT)
        others = [other for other in before if other != video]
        place = min(position - 1, len(others))
        _set_order(now, [*others[:place], video, *others[place:]])
        return place + 1


def reorder(playlist: Playlist, videos: Sequence[str], *, expected: int | None = None) -> None:
    """
    Put all films in the order of `videos`. Raises WrongState where these are not the
    films of the playlist as it is now, each once.
    """
    with _locked(playlist, expected) as now:
        before = _order(now)
        if sorted(before) != sorted(videos):
            raise WrongState(
                "An order names each film of the playlist once. Films came or went meanwhile: "
                "look at it as it is now."
            )
        _set_order(now, list(videos))


def close_up() -> None:
    """Films that left the library for good have left gaps; playlists have none."""
    for playlist in Playlist.objects.filter(deleted_at=None).with_gaps():
        with _locked(playlist) as now:
            _set_order(now, _order(now))


@contextmanager
def _locked(playlist: Playlist, expected: int | None = None) -> Iterator[Playlist]:
    with transaction.atomic():
        there = Playlist.objects.select_for_update().filter(pk=playlist.pk, deleted_at=None)
        now = there.first()
        if now is None:
            raise NotFound(NOT_THERE)
        if expected is not None and now.version != expected:
            raise VersionConflict(now.version)
        yield now


def _order(playlist: Playlist) -> list[str]:
    items = playlist.items.order_by("position", "pk")
    return list(items.values_list("video_id", flat=True))


def _set_order(playlist: Playlist, order: Sequence[str]) -> None:
    """Number the items as `order` has them; only rows that get another number are written."""
    place = {video: number for number, video in enumerate(order, 1)}
    moved = [item for item in playlist.items.all() if item.position != place[item.video_id]]
    for item in moved:
        item.position = place[item.video_id]
    PlaylistItem.objects.bulk_update(moved, ["position"], batch_size=_AT_ONCE)
    _changed(playlist)


def _changed(playlist: Playlist, **facts: str) -> None:
    rows = Playlist.objects.filter(pk=playlist.pk)
    rows.update(**facts, version=F("version") + 1, updated_at=timezone.now())
    events.record_of(
        playlist, "playlist.changed", playlist=playlist.pk, version=playlist.version + 1
    )


def _make_sure_they_see(user: User, videos: Sequence[str]) -> None:
    seen = 0
    for start in range(0, len(videos), _AT_ONCE):
        part = videos[start : start + _AT_ONCE]
        seen += Video.objects.visible_to(user).filter(pk__in=part).count()
    if seen < len(videos):
        raise NotFound(NO_FILM)
