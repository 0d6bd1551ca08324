"""What every page shows around its own part: where one is, what is under way, the theme."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from library import permissions
from library.models import Upload

# Name of the place, its words, the keys that lead there.
_PLACES: tuple[tuple[str, str | Promise, str], ...] = (
    ("home", _("Library"), "g l"),
    ("playlists", _("Playlists"), "g p"),
    ("collections", _("Collections"), "g c"),
)


@dataclass(frozen=True)
class Place:
    name: str | Promise
    url: str
    keys: str
    current: bool


class Frame:
    """Asked by templates only; what no template asks for costs no query."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._user = getattr(request, "user", None)

    @property
    def theme(self) -> str:
        """The theme that somebody who is signed in chose; no words where the system decides."""
        chosen = getattr(self._user, "preferences", {}).get("theme", "")
        return chosen if chosen in {"light", "dark"} else ""

    @cached_property
    def here(self) -> str:
        match = self._request.resolver_match
        name = str(match.url_name) if match else ""
        return "started" if name == "home" and self._request.GET.get("watched") else name

    @property
    def places(self) -> list[Place]:
        return [
            Place(words, url, keys, self.here == name)
            for name, words, keys in _PLACES
            if (url := address(name))
        ]

    @cached_property
    def may_upload(self) -> bool:
        return self._user is not None and permissions.may_upload(self._user)

    @cached_property
    def running_uploads(self) -> int:
        if self._user is None:
            return 0
        return Upload.objects.writable_by(self._user).receiving().count()


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor."""
    return {"frame": Frame(request)}


def address(name: str) -> str:
    """Of a page of ours; no words where there is none."""
    try:
        return reverse(f"library:{name}")
    except NoReverseMatch:
        return ""
