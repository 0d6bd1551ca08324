"""What an action would do, before it is done: to how many films, and to which not and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from library.jobs.action import Action, Options
from library.jobs.selection import Selection
from library.models import User, Video

EXAMPLES = 5


@dataclass
class Obstacle:
    """Films that an action cannot be done to, all for one reason."""

    why: str
    count: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Judged:
    video: Video
    why_not: str


@dataclass(frozen=True)
class Preview:
    """`total` counts what was selected; those that are `missing` are not there to be counted."""

    action: Action
    options: Options
    total: int
    can: int
    missing: int
    obstacles: list[Obstacle]

    @property
    def sentences(self) -> list[str]:
        """ "8 of 312 cannot be changed: you are not the owner." """
        told = [
            ngettext(
                "%(count)d of %(total)d cannot be changed: %(why)s.",
                "%(count)d of %(total)d cannot be changed: %(why)s.",
                one.count,
            )
            % {"count": one.count, "total": self.total, "why": one.why}
            for one in self.obstacles
        ]
        if self.missing:
            told.append(
                ngettext(
                    "%(count)d film is not there any more, or you may not see it.",
                    "%(count)d films are not there any more, or you may not see them.",
                    self.missing,
                )
                % {"count": self.missing}
            )
        return told


def preview(action: Action, selection: Selection, options: Options, by: User) -> Preview:
    """`options` as `Action.checked` gave them, or none yet: then what they would not change."""
    obstacles: dict[str, Obstacle] = {}
    total = can = 0
    for judged in judge(action, selection, options, by):
        total += 1
        if not judged.why_not:
            can += 1
            continue
        found = obstacles.setdefault(judged.why_not, Obstacle(judged.why_not))
        found.count += 1
        if len(found.examples) < EXAMPLES:
            found.examples.append(judged.video.title)
    by_count = sorted(obstacles.values(), key=lambda one: (-one.count, one.why))
    return Preview(action, options, total, can, selection.missing(by), by_count)


def judge(action: Action, selection: Selection, options: Options, by: User) -> Iterator[Judged]:
    """Each film of the selection, and what stands in the way with it."""
    for ids in selection.portions(by):
        theirs = set(action.theirs(by).filter(pk__in=ids).values_list("pk", flat=True))
        found = action.looked_at(Video.objects.all()).in_bulk(ids)
        for video in (found[pk] for pk in ids if pk in found):
            if video.pk in theirs:
                yield Judged(video, action.why_not(video, options))
            else:
                yield Judged(video, action.not_theirs())


def nothing_to_do() -> str:
    return _("None of these films can be changed so.")
