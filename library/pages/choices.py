"""What the filters of the library page offer to whoever asks."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from library.finding import Question
from library.models import Collection, User, Video, Visibility

MOST_COLLECTIONS = 200


class Choice(NamedTuple):
    value: str
    words: str | Promise
    chosen: bool


class Field(NamedTuple):
    """A filter with few values: a list to choose one of."""

    name: str
    label: str | Promise
    choices: list[Choice]


_LENGTHS = (
    ("600", _("10 minutes")),
    ("1800", _("half an hour")),
    ("5400", _("an hour and a half")),
)
_FIXED: tuple[tuple[str, Any, tuple[tuple[str, Any], ...]], ...] = (
    ("state", _("State"), tuple(Video.State.choices)),
    ("visibility", _("Who may watch"), tuple(Visibility.choices)),
    (
        "watched",
        _("Watched by you"),
        (("yes", _("To its end")), ("started", _("Begun")), ("no", _("Not yet"))),
    ),
    ("length_under", _("Shorter than"), _LENGTHS),
    ("length_over", _("Longer than"), _LENGTHS),
    (
        "resolution",
        _("Picture"),
        (("sd", "SD"), ("hd", "HD"), ("full-hd", "Full HD"), ("uhd", "4K")),
    ),
    ("captions", _("Captions"), (("none", _("Has none")),)),
)


def fields(question: Question, user: User) -> list[Field]:
    """Every list of the sheet; of collections those that `user` sees."""
    seen = Collection.objects.visible_to(user).values_list("pk", "name")[:MOST_COLLECTIONS]
    lists = [("collection", _("Collection"), tuple(seen)), *_FIXED]
    return [
        Field(name, label, [Choice(v, w, v in question.values_of(name)) for v, w in offered])
        for name, label, offered in lists
        if offered
    ]
