"""How tags, collections and playlists are described to people and programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from library import progress
from library.catalogue.playing import Entry
from library.models import Collection, Playlist, Tag, User
from library.moments import moment

Told = dict[str, Any]
Person = User | AnonymousUser


def tag(found: Tag) -> Told:
    """Of one with its count, as `Tag.objects.seen_by` gives it."""
    return {"name": found.name, "films": getattr(found, "films", 0)}


def collection(found: Collection, user: Person) -> Told:
    """Of one with its count, as `Collection.objects.counted_for` gives it."""
    return {
        "id": found.pk,
        "name": found.name,
        "note": found.note,
        "owner": found.owner.username,
        "may_change": _may_change(found, user),
        "films": getattr(found, "films", 0),
        "films_url": f"{reverse('library:home')}?collection={found.pk}",
        "version": found.version,
        "created_at": moment(found.created_at),
        "updated_at": moment(found.updated_at),
    }


def playlist(found: Playlist, user: Person) -> Told:
    """Of one with its counts, as `Playlist.objects.counted_for` gives it."""
    return {
        "id": found.pk,
        "title": found.title,
        "note": found.note,
        "owner": found.owner.username,
        "visibility": found.visibility,
        "may_change": _may_change(found, user),
        "films": getattr(found, "films", 0),
        "duration": getattr(found, "seconds", None) or 0.0,
        "url": reverse("library:playlist", args=[found.pk]),
        "version": found.version,
        "created_at": moment(found.created_at),
        "updated_at": moment(found.updated_at),
    }


def item(entry: Entry, describe: Callable[..., Told] = progress.describe_video) -> Told:
    return {
        "position": entry.position,
        "id": entry.video_id,
        "title": entry.title,
        "unavailable": entry.unavailable,
        "video": describe(entry.video, short=True) if entry.video else None,
    }


def _may_change(found: Collection | Playlist, user: Person) -> bool:
    return user.is_authenticated and (user.is_staff or found.owner_id == user.pk)
