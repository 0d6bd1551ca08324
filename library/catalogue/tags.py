"""
The tags of a film. A tag is there as long as a film has it.

Whoever changes tags holds one lock: a tag that vanishes here is not given to a film there
at the same moment.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from library.catalogue import changed, naming
from library.errors import Invalid
from library.locks import Lock, hold
from library.models import Tag, Video

NAME_LIMIT, MOST = 50, 30


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


def forget_unused() -> None:
    """Tags that no film has are gone."""
    with transaction.atomic():
        hold(Lock.TAGS)
        Tag.objects.filter(videos=None).delete()


def _made(wanted: dict[str, str]) -> list[Tag]:
    """Each is written as it was when it was first used."""
    return [Tag.objects.get_or_create(key=key, defaults={"name": wanted[key]})[0] for key in wanted]
