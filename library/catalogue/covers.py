"""The pictures that stand for a playlist or a collection: posters of its first films."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from library.models import Collection, Playlist, PlaylistItem, User, Video

MOST = 4


def of_playlists(playlists: Sequence[Playlist], user: User | AnonymousUser) -> dict[str, list[str]]:
    """By the ids of playlists, the ids of films with a poster that `user` sees, in order."""
    number = Window(
        RowNumber(), partition_by=[F("playlist")], order_by=[F("position").asc(), F("pk").asc()]
    )
    seen = Video.objects.visible_to(user).filter(has_poster=True).order_by().values("pk")
    rows = PlaylistItem.objects.filter(playlist__in=playlists, video__in=seen).annotate(
        number=number
    )
    first = rows.filter(number__lte=MOST).order_by("playlist", "position", "pk")
    return _grouped(first.values_list("playlist_id", "video_id"))


def of_collections(
    collections: Sequence[Collection], user: User | AnonymousUser
) -> dict[str, list[str]]:
    """The same of collections, the newest films first."""
    number = Window(
        RowNumber(),
        partition_by=[F("collection")],
        order_by=[F("created_at").desc(), F("pk").desc()],
    )
    rows = Video.objects.visible_to(user).filter(collection__in=collections, has_poster=True)
    first = rows.annotate(number=number).filter(number__lte=MOST)
    return _grouped(first.order_by("-created_at", "-pk").values_list("collection_id", "pk"))


def _grouped(pairs: object) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for holder, video in pairs:  # type: ignore[attr-defined]
        found[holder].append(video)
    return dict(found)
