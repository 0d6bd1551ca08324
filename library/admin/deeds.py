"""
What is done to films from the administration: to one by a button, to many by an action.

Each says afterwards how many it was done to, and of every other film why it was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazily

from library import films
from library.errors import Refusal
from library.models import Step, Video
from library.storing import deciding

# So many films are named one by one in a message; more would be a page of its own.
MOST_NAMED = 10


@dataclass(frozen=True)
class Deed:
    """
    `do` tells whether anything was to be done; it raises a Refusal that says why not.
    `fits` tells where its button makes sense.
    """

    name: str
    label: Any
    done: Any
    nothing: Any
    do: Callable[[Video], Any]
    fits: Callable[[Video], bool] = lambda video: True


def _make_whole(video: Video) -> bool:
    # What speaks with networks is loaded by whoever uses it.
    from library.network import moving

    moving.store(video.pk)
    return True


def _store_anew(video: Video) -> bool:
    films.store_anew(video)
    return True


def _is_here(video: Video) -> bool:
    return video.trashed_at is None


def _is_film_here(video: Video) -> bool:
    return _is_here(video) and video.is_film


_UNDER_WAY = lazily("That is under way already.")

DEEDS = [
    Deed(
        "check_again",
        lazily("Check again"),
        lazily("Will be checked again: %(count)d."),
        _UNDER_WAY,
        deciding.check_again,
        _is_here,
    ),
    Deed(
        "verify_again",
        lazily("Verify: read back now"),
        lazily("Will be read back: %(count)d."),
        _UNDER_WAY,
        deciding.verify_again,
        lambda video: _is_here(video) and video.state != Video.State.RECEIVED,
    ),
    Deed(
        "make_poster",
        lazily("Make the poster again"),
        lazily("Will get a new poster: %(count)d."),
        _UNDER_WAY,
        partial(deciding.make_again, kind=Step.Kind.POSTER),
        _is_film_here,
    ),
    Deed(
        "make_storyboard",
        lazily("Make the storyboard again"),
        lazily("Will get a new storyboard: %(count)d."),
        _UNDER_WAY,
        partial(deciding.make_again, kind=Step.Kind.STORYBOARD),
        _is_film_here,
    ),
    Deed(
        "store_anew",
        lazily("Store anew, encrypted"),
        lazily("Will be stored anew, encrypted: %(count)d."),
        _UNDER_WAY,
        _store_anew,
        lambda video: not films.why_not_anew(video),
    ),
    Deed(
        "make_whole",
        lazily("Make missing copies"),
        lazily("Are looked at and made whole: %(count)d."),
        _UNDER_WAY,
        _make_whole,
        lambda video: not video.is_local,
    ),
    Deed(
        "move_to_trash",
        lazily("Move to trash"),
        lazily("Moved to the trash: %(count)d."),
        lazily("It is in the trash already."),
        films.trash,
        _is_here,
    ),
    Deed(
        "restore",
        lazily("Restore from the trash"),
        lazily("Restored from the trash: %(count)d."),
        lazily("It is not in the trash."),
        films.restore,
        lambda video: not _is_here(video),
    ),
]
BY_NAME = {deed.name: deed for deed in DEEDS}


def fitting(video: Video) -> list[Deed]:
    return [deed for deed in DEEDS if deed.fits(video)]


def perform(model_admin: Any, request: HttpRequest, deed: Deed, chosen: Iterable[Video]) -> None:
    """Do it to each, remember who did, and say what was done and what was not, and why."""
    done, left = 0, []
    for video in chosen:
        try:
            happened = deed.do(video)
        except Refusal as refusal:
            left.append((video, refusal.detail))
            continue
        if happened:
            done += 1
            model_admin.log_change(request, video, str(deed.label))
        else:
            left.append((video, str(deed.nothing)))
    level = messages.SUCCESS if done else messages.INFO
    model_admin.message_user(request, deed.done % {"count": done}, level)
    tell_left(model_admin, request, [(video.title, why) for video, why in left])


def tell_left(model_admin: Any, request: HttpRequest, left: list[tuple[str, str]]) -> None:
    """Of each that was left as it was, why."""
    for title, why in left[:MOST_NAMED]:
        model_admin.message_user(request, f"“{title}”: {why}", messages.WARNING)
    more = len(left) - MOST_NAMED
    if more > 0:
        text = _("And %(count)d more were left as they were.") % {"count": more}
        model_admin.message_user(request, text, messages.WARNING)


def actions() -> list[Callable[..., None]]:
    """Each deed as an action of a list."""
    return [_action(deed) for deed in DEEDS]


def _action(deed: Deed) -> Callable[..., None]:
    @admin.action(description=deed.label, permissions=["act"])
    def action(model_admin: Any, request: HttpRequest, queryset: QuerySet[Video]) -> None:
        perform(model_admin, request, deed, queryset)

    action.__name__ = deed.name
    return action
