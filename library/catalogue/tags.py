"""
The tags of a film. A tag is there as long as a film has it.

Whoever changes tags holds one lock: a tag that vanishes here is not given to a film there
at the same moment.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from library.catalogue import changed, naming
from library.errors import Invalid, NotAllowed, NotFound
from library.locks import Lock, hold
from library.models import Tag, User, Video

NAME_LIMIT, MOST = 50, 30
NOT_THERE = "There is no such tag, or no film of yours to see that has it."


def cleaned(name: str) -> str:
    """A tag's name as it is kept. Raises Invalid."""
    if "," in name:
        raise Invalid("A tag has no comma in its name: commas stand between tags.", field="tags")
    return naming.cleaned(name, what="A tag", limit=NAME_LIMIT, field="tags")


def checked(names: Iterable[str]) -> list[str]:
    """Names as they are kept, each once, as many as a film may have. Raises Invalid."""
    found: dict[str, str] = {}
    for name in names:
        good = cleaned(name)
        found.setdefault(naming.key(good), good)
    if len(found) > MOST:
        raise Invalid(f"A film has at most {MOST} tags; these are {len(found)}.", field="tags")
    return list(found.values())


def typed(text: str) -> list[str]:
    """The names in a line that somebody typed, with commas between them."""
    return [part.strip() for part in text.split(",") if part.strip()]


def of(video: Video) -> list[str]:
    """Also where they were fetched beforehand."""
    return [tag.name for tag in video.tags.all()]


def put(video: Video, names: Iterable[str]) -> bool:
    """
    Let a film have these tags and no others, inside the transaction that says so. False
    when it had them already. The film's version and events are the caller's.
    """
    hold(Lock.TAGS)
    wanted = {naming.key(name): name for name in checked(names)}
    before = {tag.key: tag for tag in Tag.objects.filter(videos=video)}
    if set(wanted) == set(before):
        return False
    video.tags.remove(*(tag for key, tag in before.items() if key not in wanted))
    video.tags.add(*_made({key: name for key, name in wanted.items() if key not in before}))
    forget_unused()
    return True


def add(video: Video, names: Iterable[str]) -> list[str]:
    """Give a film tags beside those it has. Returns the names of those it did not have."""
    with transaction.atomic():
        hold(Lock.TAGS)
        had = {tag.key: tag.name for tag in Tag.objects.filter(videos=video)}
        new = [name for name in checked(names) if naming.key(name) not in had]
        if new and put(video, [*had.values(), *new]):
            changed.write(video, ["tags"])
    return new


def remove(video: Video, names: Iterable[str]) -> list[str]:
    """Take tags from a film. Returns the names of those it had."""
    unwanted = {naming.key(name) for name in names}
    with transaction.atomic():
        hold(Lock.TAGS)
        had = list(Tag.objects.filter(videos=video))
        gone = [tag.name for tag in had if tag.key in unwanted]
        if gone and put(video, [tag.name for tag in had if tag.key not in unwanted]):
            changed.write(video, ["tags"])
    return gone


def why_not_rename(tag: Tag, by: User) -> str:
    """
    Why `by` cannot give a tag another name, as a sentence; no words where they can. A tag is
    shared: only who may change each film that has it may rename it.
    """
    theirs = Video.objects.changeable_by(by).order_by().values("pk")
    if tag.videos.exclude(pk__in=theirs).exists():
        return _("Films of others have this tag too, so only whoever runs the library may.")
    return ""


def rename(tag: Tag, name: str, by: User) -> Tag:
    """
    Another name for a tag, on all films that have it; where there is one of that name, they
    become one. Returns the tag that there is now. Raises Invalid, NotAllowed or NotFound.
    """
    good = cleaned(name)
    with transaction.atomic():
        hold(Lock.TAGS)
        now = Tag.objects.filter(pk=tag.pk).first()
        if now is None:
            raise NotFound(NOT_THERE)
        if problem := why_not_rename(now, by):
            raise NotAllowed(problem)
        if good == now.name:
            return now
        videos = list(now.videos.order_by().values_list("pk", flat=True))
        other = Tag.objects.filter(key=naming.key(good)).exclude(pk=now.pk).first()
        if other is None:
            Tag.objects.filter(pk=now.pk).update(name=good, key=naming.key(good))
        else:
            other.videos.add(*Video.objects.filter(pk__in=videos))
            now.delete()
        changed.write_many(videos, ["tags"])
        return Tag.objects.get(key=naming.key(good))


def forget_unused() -> None:
    """Tags that no film has are gone."""
    with transaction.atomic():
        hold(Lock.TAGS)
        Tag.objects.filter(videos=None).delete()


def _made(wanted: dict[str, str]) -> list[Tag]:
    """Each is written as it was when it was first used."""
    return [Tag.objects.get_or_create(key=key, defaults={"name": wanted[key]})[0] for key in wanted]
