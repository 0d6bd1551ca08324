"""Emptying the trash: a film leaves for good, and its bytes with it where nobody shares them."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from library import events, places, progress, revoking
from library.keys import films as keys
from library.models import Piece, RecoveryKit, Step, Video
from library.network import leaving
from library.storing import cached, shelf

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Erasure:
    """
    What erasing a film leaves. Copies of an encrypted film's bytes are noise without its
    key, so what counts is where that key may still be: in kits, and in backups.
    """

    encrypted: bool
    last_kit_at: datetime | None
    in_last_kit: bool


def erasure(video: Video) -> Erasure:
    kit = RecoveryKit.objects.first()
    if kit is None or video.key is None:
        return Erasure(video.is_encrypted, kit.made_at if kit else None, in_last_kit=False)
    # A kit has the keys of films. That of one which was still arriving is in none of then,
    # and a film that was stored anew has a later one.
    since = max(video.created_at, video.key.created_at)
    return Erasure(True, kit.made_at, in_last_kit=since <= kit.made_at)


def empty() -> int:
    """Purge what has been in the trash for TRASH_KEEP_DAYS. Returns how many films went."""
    before = timezone.now() - timedelta(days=settings.TRASH_KEEP_DAYS)
    return sum(purge(video) for video in Video.objects.filter(trashed_at__lt=before))


def purge(video: Video) -> bool:
    """
    Delete a film that is in the trash, and its key: its rows first, then its files.

    False when it is not in the trash (any more). Whatever a crash leaves behind has no
    row, and so the sweep takes it.
    """
    with transaction.atomic():
        # First the steps, as whoever works on them does, then the film: its rows stay as
        # they are until this is over, and no two wait for each other.
        list(Step.objects.select_for_update().filter(video=video).order_by("pk"))
        trashed = Video.objects.filter(pk=video.pk).exclude(trashed_at=None)
        if not trashed.update(updated_at=timezone.now()):
            return False
        video.refresh_from_db()
        # Its renditions go with it, and first: they hold on to it.
        made = list(Video.objects.filter(rendition_of=video))
        list(Step.objects.select_for_update().filter(video__in=made).order_by("pk"))
        gone = [*made, video]
        cids = set(Piece.objects.filter(video__in=gone).values_list("piece_cid", flat=True))
        left = progress.describe_erasure(erasure(video))
        if video.rendition_of_id is None:
            events.record("video.purged", video=video, id=video.pk, title=video.title, **left)
        revoking.films([film.pk for film in gone])
        for film in gone:
            leaving.ask_for_film(film)
            Video.objects.filter(pk=film.pk).delete()
            keys.delete(film.key_id)
    for cid in sorted(cids):
        with transaction.atomic():
            shelf.let_go(cid)
    for film in gone:
        if film.staging:
            shutil.rmtree(places.staging(film.staging), ignore_errors=True)
        shutil.rmtree(places.film(film.pk), ignore_errors=True)
        cached.let_go(film.piece_cid)
        log.info("Purged %s", film.pk)
    return True
