"""The first page of the administration: what needs somebody, what goes on now, what happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from library.admin import attention, story
from library.models import Event, Job, ServerReport, Step, Stream, Upload, User, Video
from library.uploads import space

MOST = 6
MOST_EVENTS = 10


@dataclass(frozen=True)
class Place:
    name: Any
    url: str
    is_here: bool
    count: int = 0


# The model whose list it is, its words, and which of the rows one mostly wants.
_PLACES: list[tuple[Any, Any, str]] = [
    (Video, _("Films"), ""),
    (Step, _("Steps"), "?show=open"),
    (Upload, _("Uploads"), ""),
    (Stream, _("Streams"), ""),
    (Job, _("Jobs"), ""),
    (User, _("People"), ""),
]


def places(user: User, path: str) -> list[Place]:
    """Where one goes from every page; with the number of steps that wait for somebody."""
    index = reverse("admin:index")
    found = [Place(_("Overview"), index, path == index)]
    for model, name, which in _PLACES:
        if user.has_perm(f"library.view_{model._meta.model_name}"):
            url = reverse(f"admin:library_{model._meta.model_name}_changelist")
            given_up = attention.given_up().count() if model is Step else 0
            found.append(Place(name, url + which, path.startswith(url), given_up))
    return found


def of(user: User) -> dict[str, Any]:
    """All that the page shows. What `user` may not look at is left out."""
    told: dict[str, Any] = {"notices": attention.notices(user)}
    for model, look in (
        (Video, _films),
        (Upload, _uploads),
        (Stream, _streams),
        (Step, _steps),
        (Event, _events),
    ):
        if user.has_perm(f"library.view_{model._meta.model_name}"):
            told |= look()
    return told


def _films() -> dict[str, Any]:
    films = Video.objects.filter(trashed_at=None)
    # Renditions are no films of their own; what they take is taken all the same.
    count = Count("pk", filter=Q(rendition_of=None))
    return {"films": films.aggregate(count=count, size=Sum("size", default=0))}


def _uploads() -> dict[str, Any]:
    arriving = Upload.objects.receiving().select_related("owner").order_by("-updated_at")
    return {"uploads": arriving[:MOST], "upload_count": arriving.count(), "room": space.available()}


def _streams() -> dict[str, Any]:
    now = Stream.objects.now()
    told = now.aggregate(count=Count("pk"), rate=Sum("rate", default=0))
    watched = now.select_related("user", "video")[:MOST]
    return {"streams": watched, "streaming": told, "cache": _cache()}


def _cache() -> dict[str, int] | None:
    """What the cache of blocks did, over all processes; None before it did anything."""
    did = ServerReport.objects.totals().get("cache", {})
    asked = did.get("hits", 0) + did.get("misses", 0)
    size = ServerReport.objects.cached()
    if not asked and not size:
        return None
    return {
        "hits": did.get("hits", 0),
        "asked": asked,
        "size": size,
        "evictions": did.get("evictions", 0),
        "saved": did.get("bytes_served", 0),
    }


def _steps() -> dict[str, Any]:
    running = Step.objects.filter(state=Step.State.RUNNING).select_related("video")
    waiting = Step.objects.filter(state=Step.State.WAITING)
    return {"steps": running.order_by("started_at")[:MOST], "waiting": waiting.count()}


def _events() -> dict[str, Any]:
    return {"lately": story.lately(MOST_EVENTS)}
