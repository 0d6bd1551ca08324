"""
Make: the qualities of a film that were asked for, one after the other, the smallest first.

Its bytes are staged and hashed as the child program gives them. Then one transaction makes
them a film beside the original, with pieces and perhaps a key of its own, and the ordinary
steps go on with it: store, verify. Before that nobody has heard of it: what an interrupted
try leaves is noise in a folder, and the next try or the sweep takes it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from filmedia.filecoin.piece import BLOCK_SIZE, FilmHasher
from library import encryption, events, places
from library.encryption import Key
from library.keys import films, keyring
from library.models import Piece, Rendition, Step, Video, Visibility
from library.renditions.fragments import Fragments, NotFragments
from library.storing import probe, steps
from library.storing.errors import ExaminationBroke, StepError, Unexpected
from library.storing.lease import Lease
from library.storing.original import Original
from library.storing.probe import Limits
from library.uploads import arrival, staging
from library.uploads.staging import Staging

Make = Callable[..., tuple[int, int] | str]

# Bits a second, picture and sound together: what the file may be is made of it.
BITS = {1080: 5_160_000, 720: 2_928_000, 480: 1_428_000, 240: 464_000}
# How many times its own length a film may take: a slow machine makes half a picture in the
# time of one, and a film of many pictures a second takes longer.
_TIMES = {1080: 16, 720: 10, 480: 8, 240: 6}
_AT_LEAST_SECONDS = 120
_FLUSH_SIZE = 8 * BLOCK_SIZE
_CANNOT = "This film could not be made once more: {}"
_PROBLEMS = {
    "unreadable": "it cannot be read.",
    "no_picture": "it has no picture.",
    "no_frame": "no picture of it can be decoded.",
}


class TooLong(StepError):
    """It became larger than a film of its length can; the film may have done so on purpose."""

    retryable = False


@dataclass(frozen=True)
class Made:
    """A rendition that is staged in `folder`, and what is known of it."""

    folder: str
    key: Key | None
    pieces: list[Piece]
    film: Video
    index: dict[str, Any]


def run(lease: Lease, make: Make = probe.rendition) -> None:
    video = lease.step.video
    while (wish := _wanted(video).first()) is not None:
        _remove_earlier_tries(lease)
        try:
            _one(lease, video, wish, make)
        except StepError as error:
            if error.retryable and not steps.is_last_try(lease.step, error):
                raise
            # The others may still be made.
            _cannot(lease, wish, str(error))
    with lease.finish():
        if _wanted(video).exists():
            # Asked for since we looked.
            steps.renew(video, Step.Kind.RENDITION)


def _wanted(video: Video):  # type: ignore[no-untyped-def]  # a queryset of Rendition
    return Rendition.objects.filter(original=video, film=None, problem="").order_by("quality")


def _remove_earlier_tries(lease: Lease) -> None:
    """Not those that became films: until they are stored, their bytes are nowhere else."""
    tries = (places.data() / "staging").glob(f"anew_{lease.step.pk}_*")
    names = {folder.name for folder in tries}
    kept = Video.objects.filter(staging__in=names).values_list("staging", flat=True)
    for name in names.difference(kept):
        staging.remove(name)


def _one(lease: Lease, video: Video, wish: Rendition, make: Make) -> None:
    # Of each quality its own: the one before is a film by now, and staged there still.
    folder = f"{lease.folder}_{wish.quality}"
    try:
        made = _made(lease, folder, video, wish, make)
    except BaseException:
        staging.remove(folder)
        raise
    if isinstance(made, str):
        staging.remove(folder)
        _cannot(lease, wish, _CANNOT.format(_PROBLEMS[made]))
    # Where that cannot be told, as when the database goes away, the bytes stay: the sweep
    # knows whether a film has them.
    elif not _keep(lease, wish, made):
        staging.remove(folder)


def _made(lease: Lease, folder: str, video: Video, wish: Rendition, make: Make) -> Made | str:
    original = Video.objects.select_related("key").get(pk=video.pk)
    key = None
    if original.is_encrypted:
        # Without a library key there is no use in beginning.
        keyring.current()
        key = Key(encryption.new_secret())
    quality, seconds = wish.quality, original.duration or 0
    with Original(original) as source, Staging(folder, settings.PIECE_SIZE) as staged:
        lease.write(done_bytes=0, total_bytes=original.size)
        writing = _Writing(lease, staged, key, original, most_bytes(quality, seconds))
        found = make(
            source.read,
            original.size,
            quality,
            writing.write,
            go_on=lease.go_on,
            limits=limits(quality, seconds),
        )
        if isinstance(found, str):
            return found
        roots = writing.end()
        try:
            index = writing.fragments.index()
        except NotFragments as error:
            raise ExaminationBroke(f"What was made is of no use: {error}") from error
    film = _film(original, wish, writing.hasher, index, found)
    film.staging = folder
    pieces = arrival.pieces_of(film, writing.hasher, roots, settings.PIECE_SIZE)
    return Made(folder, key, pieces, film, index)


def limits(quality: int, seconds: float) -> Limits:
    """What making it may take, by the length of the film."""
    most = int(_AT_LEAST_SECONDS + seconds * _TIMES[quality])
    return Limits(seconds=2 * most, cpu_seconds=most)


def most_bytes(quality: int, seconds: float) -> int:
    """What it can come to be; a container's length is what it says of itself."""
    return int(8 * 1024 * 1024 + seconds * BITS[quality] / 8 * 1.5)


class _Writing:
    """Takes the bytes of a rendition: they are looked at, turned, staged and hashed."""

    def __init__(
        self, lease: Lease, staged: Staging, key: Key | None, original: Video, most: int
    ) -> None:
        self.hasher, self.fragments = FilmHasher(), Fragments()
        self._lease, self._staged, self._most = lease, staged, most
        self._turn = encryption.Turning(key) if key else None
        self._original = original
        self._waiting, self._position = bytearray(), 0

    def write(self, data: bytes) -> None:
        try:
            self.fragments.add(data)
        except NotFragments as error:
            raise ExaminationBroke(f"What was made is of no use: {error}") from error
        if self.fragments.position > self._most:
            raise TooLong("The rendition came to be larger than a film of this length can be.")
        self._waiting += data
        if len(self._waiting) >= _FLUSH_SIZE:
            self._flush(_FLUSH_SIZE)
        self._lease.report(self._of_original())

    def _of_original(self) -> int:
        """As many of its bytes as are made into this one, by the time they last."""
        seconds, whole = self.fragments.seconds, self._original.duration or 0
        return int(self._original.size * min(seconds / whole, 1)) if whole else 0

    def end(self) -> bytes:
        """All is here, and on disk: the roots of its blocks."""
        self._flush(len(self._waiting))
        return arrival.write_last_root(self.hasher, self._staged)

    def _flush(self, size: int) -> None:
        film = bytes(self._waiting[:size])
        del self._waiting[:size]
        if not film:
            return
        _leave_room(len(film))
        stored = self._turn(film, self._position) if self._turn else film
        self._staged.write(self._position, stored)
        self.hasher.update(film, stored)
        self._staged.write_roots(self._position // BLOCK_SIZE, self.hasher.take_block_roots())
        self._staged.sync()
        self._position += len(film)


def _leave_room(needed: int) -> None:
    """A rendition is never worth a full disk."""
    disk = os.statvfs(places.data())
    if disk.f_bavail * disk.f_frsize - settings.DISK_KEEP_FREE < needed:
        raise Unexpected(OSError(28, "There is no room for it on the disk"))


def _film(
    original: Video,
    wish: Rendition,
    hasher: FilmHasher,
    index: dict[str, Any],
    size: tuple[int, int],
) -> Video:
    name = wish.get_quality_display()
    streams = [{"kind": "video", "codec": "h264"}]
    if len(index["codecs"]) > 1:
        streams.append({"kind": "audio", "codec": "aac"})
    return Video(
        owner_id=original.owner_id,
        rendition_of=original,
        title=f"{original.title[:290]} ({name})",
        filename=f"{PurePath(original.filename).stem[:200]} {name}.mp4".strip(),
        # Who may see it is asked of the original; by itself it is for nobody else.
        visibility=Visibility.PRIVATE,
        size=hasher.size,
        sha256=hasher.sha256(),
        piece_cid=str(hasher.piece_cid()),
        kind=Video.Kind.FILM,
        media_type="video/mp4",
        container="MP4",
        duration=sum(seconds for _, _, seconds in index["fragments"]),
        width=size[0],
        height=size[1],
        frame_rate=original.frame_rate,
        streams=streams,
        wanted_copies=original.wanted_copies,
    )


def _keep(lease: Lease, wish: Rendition, made: Made) -> bool:
    """It becomes a film, whole; or it is not wanted any more. False then."""
    with lease.commit():
        original = Video.objects.select_for_update().get(pk=wish.original_id)
        still = Q(pk=wish.pk, film=None)
        mine = Rendition.objects.select_for_update().filter(still).first()
        if mine is None or original.is_encrypted != (made.key is not None):
            # Not wanted, or the original was stored anew meanwhile, and so is this.
            return False
        film = made.film
        film.trashed_at, film.owner_id = original.trashed_at, original.owner_id
        film.state_at = timezone.now()
        film.key = films.keep(made.key) if made.key else None
        film.save(force_insert=True)
        Piece.objects.bulk_create(made.pieces)
        mine.film, mine.index = film, made.index
        mine.save(update_fields=["film", "index"])
        steps.enqueue(film, Step.Kind.STORE)
        events.record("rendition.made", video=original, quality=wish.quality, size=film.size)
    return True


def _cannot(lease: Lease, wish: Rendition, problem: str) -> None:
    with lease.commit():
        Rendition.objects.filter(pk=wish.pk).update(problem=problem[:500])
        events.record(
            "rendition.failed", video=lease.step.video, quality=wish.quality, error=problem
        )
