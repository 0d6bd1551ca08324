"""
What an action on many films is: what it needs to be told, what stands in its way with one
film, how it is done to one, and how it is taken back.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazily

from library.models import User, Video
from library.models.films import VideoQuerySet

Options = dict[str, Any]
# What it takes to undo what was done to one film.
Before = dict[str, Any]


class InTheWay(Exception):  # no error: a film that is left as it is, and why
    """Met while doing what nothing stood in the way of a moment before."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class Action:
    """
    One kind. `options` are what `checked` gave, and the same for all films of a job.

    `why_not` and `do` are called with a film that the person sees or may change; whether they
    may do this to it is asked by `theirs`.
    """

    name: ClassVar[str]
    label: ClassVar[str | Promise]
    # What is said of so many films: "Move 12 films to the trash".
    heading: ClassVar[str | Promise]
    # What a film is afterwards, and so many of them.
    result: ClassVar[str | Promise] = lazily("Changed")
    has_way_back: ClassVar[bool] = True
    # Which of the film's shelves it is for: where it makes no sense it is not offered.
    in_trash: ClassVar[bool] = False
    # What a person is asked beside which films, by the names of form fields.
    asks: ClassVar[tuple[str, ...]] = ()

    def checked(self, given: Options, by: User) -> Options:
        """What is given, as it is kept. Raises Invalid, which names the field."""
        return {}

    def prepared(self, options: Options, by: User) -> Options:
        """Once, when a job begins, inside its transaction: what has to be there for all films."""
        return options

    def looked_at(self, videos: VideoQuerySet) -> VideoQuerySet:
        """With what `why_not` looks at, so that many films cost no more questions than one."""
        return videos

    def theirs(self, by: User) -> VideoQuerySet:
        """The films that `by` may do this to."""
        return Video.objects.changeable_by(by)

    def not_theirs(self) -> str:
        return _("you are not the owner")

    def why_not(self, video: Video, options: Options) -> str:
        """What stands in the way, as the end of a sentence; no words where nothing does."""
        return ""

    def do(self, video: Video, options: Options, by: User) -> Before:
        """
        Inside the transaction that writes its result down. Raises InTheWay or a Refusal, and
        then nothing changed.
        """
        raise NotImplementedError

    def undo(self, video: Video, before: Before, by: User) -> None:
        """The same backwards. Raises InTheWay where it was changed since."""
        raise NotImplementedError

    def told(self, options: Options, by: User) -> str:
        """What it was told, for people: the tags, the collection's name."""
        return ""


def in_trash(video: Video) -> str:
    """For what is done to films on the shelf only."""
    return _("in the trash") if video.trashed_at is not None else ""


def changed_since() -> InTheWay:
    return InTheWay(_("changed again since"))
