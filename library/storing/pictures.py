"""
Pictures of a film: its poster, and the small ones that are shown while seeking.

They are kept as the film is: sealed with its key, where it has one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from django.utils import timezone

from library import encryption, events, places
from library.keys import films
from library.models import Step, Video
from library.storing import probe, shelf, steps
from library.storing.errors import NoPicture
from library.storing.lease import Lease
from library.storing.original import Original
from library.storing.probe import Examination, Limits, Storyboard

# Each with where it lies; the name is also what it is sealed as.
PLACES: dict[str, Callable[[str], Path]] = {
    "poster": places.poster,
    "storyboard": places.storyboard,
}
# Many pictures, and perhaps of a film whose key frames are far apart.
STORYBOARD_LIMITS = Limits(seconds=300, cpu_seconds=180)


def poster(lease: Lease, examine: Callable[..., Examination] = probe.examine) -> None:
    """The step: the picture at the second that somebody chose, or else one that tells something."""
    video = lease.step.video
    with Original(video) as original:
        found = examine(original.read, video.size, at=video.poster_at, go_on=lease.go_on)
    if found.facts.problem or not found.poster:
        raise NoPicture
    keep(lease, video, "poster", found.poster)
    with lease.finish():
        now = Video.objects.select_for_update().get(pk=video.pk)
        Video.objects.filter(pk=video.pk).update(has_poster=True, updated_at=timezone.now())
        events.record("video.poster", video=now)
        if now.poster_at != video.poster_at:
            # Somebody has chosen another one meanwhile.
            steps.renew(now, Step.Kind.POSTER)


def storyboard(lease: Lease, make: Callable[..., Storyboard | None] = probe.storyboard) -> None:
    """The step: small pictures of the whole film."""
    video = lease.step.video
    with Original(video) as original:
        found = make(original.read, video.size, go_on=lease.go_on, limits=STORYBOARD_LIMITS)
    if found is None:
        raise NoPicture
    keep(lease, video, "storyboard", found.sheet)
    with lease.finish():
        facts = asdict(found.facts)
        Video.objects.filter(pk=video.pk).update(storyboard=facts, updated_at=timezone.now())
        events.record("video.storyboard", video=video)


def keep(lease: Lease, video: Video, name: str, picture: bytes) -> None:
    """Have `picture` on disk as the film is kept at this moment: it may have got a key since."""
    with lease.commit():
        now = Video.objects.select_for_update(of=("self",)).select_related("key").get(pk=video.pk)
        sealed = encryption.seal(films.of(now), name, picture)
        shelf.replace_durably(PLACES[name](video.pk), sealed, lease.part)


def seal(lease: Lease, video: Video) -> None:
    """
    Make what was kept open readable with the film's key only; also after a crash that left
    it open.
    """
    key = films.of(video)
    for name, place in PLACES.items():
        path = place(video.pk)
        try:
            kept = path.read_bytes()
            encryption.unseal(key, name, kept)
        except FileNotFoundError:
            pass
        except encryption.Sealed:
            with lease.commit():
                shelf.replace_durably(path, encryption.seal(key, name, kept), lease.part)
