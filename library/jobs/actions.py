"""Every action there is, by its name, and which of them somebody is offered."""

from __future__ import annotations

from library import finding
from library.errors import Invalid
from library.jobs.action import Action
from library.jobs.keeping import Manifest, Restore, Trash, Verify
from library.jobs.listing import AddToPlaylist
from library.jobs.saying import AddTags, PutInCollection, RemoveTags, SetLanguage, SetVisibility
from library.models import User

_ALL: tuple[Action, ...] = (
    AddTags(),
    RemoveTags(),
    PutInCollection(),
    AddToPlaylist(),
    SetVisibility(),
    SetLanguage(),
    Verify(),
    Manifest(),
    Trash(),
    Restore(),
)
ACTIONS: dict[str, Action] = {action.name: action for action in _ALL}


def named(name: str) -> Action:
    """Raises Invalid."""
    found = ACTIONS.get(name)
    if found is None:
        raise Invalid(f"action is one of {', '.join(ACTIONS)}.", field="action")
    return found


def offered(user: User, shelf: str = finding.ALL) -> list[tuple[str, str]]:
    """
    The name and the words of each action that makes sense on a shelf of the library page.

    Whoever is signed in may ask for any of them; which films it may be done to is found out
    for each film.
    """
    trash = shelf == finding.TRASH
    return [
        (action.name, str(action.label))
        for action in _ALL
        if user.is_authenticated and action.in_trash == trash
    ]
