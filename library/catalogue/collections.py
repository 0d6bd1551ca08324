"""
Collections: films that belong together, each film in one of them at most.

Whose the film is decides where it goes; whose the collection is decides its name and note,
and what does not belong in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from library import events, permissions
from library.catalogue import changed, naming
from library.errors import Invalid, NotAllowed, NotFound, VersionConflict
from library.models import Collection, User, Video
from library.models.films import VideoQuerySet

NAME_LIMIT, NOTE_LIMIT = 100, 2_000
NOT_THERE = "There is no such collection, or you may not see it."
_ID = re.compile(r"col_[a-z0-9]{1,36}")


def cleaned(name: str) -> str:
    return naming.cleaned(name, what="A collection", limit=NAME_LIMIT, field="name")


def create(owner: User, name: str, note: str = "") -> Collection:
    """Raises Invalid where `owner` has one of that name, NotAllowed where they may not."""
    if not permissions.may_upload(owner):
        raise NotAllowed("You may watch films here, not order them.")
    name, text = cleaned(name), naming.note(note, NOTE_LIMIT)
    with transaction.atomic():
        collection, made = Collection.objects.get_or_create(
            owner=owner, key=naming.key(name), defaults={"name": name, "note": text}
        )
        if made:
            events.record_of(collection, "collection.created", collection=collection.pk)
    if not made:
        raise Invalid(f"You have a collection “{collection.name}” already.", field="name")
    return collection


def change(
    collection: Collection,
    *,
    name: str | None = None,
    note: str | None = None,
    expected: int | None = None,
) -> Collection:
    """
    Set what is given; None leaves it as it is. With `expected`, only if that is its version.

    Raises Invalid or VersionConflict, and then nothing changed.
    """
    facts: dict[str, str] = {}
    if name is not None:
        good = cleaned(name)
        facts |= {"name": good, "key": naming.key(good)}
    if note is not None:
        facts["note"] = naming.note(note, NOTE_LIMIT)
    with transaction.atomic():
        now = _locked(collection, expected)
        if all(getattr(now, field) == value for field, value in facts.items()):
            return now
        _make_sure_it_is_free(now, facts.get("key", now.key))
        Collection.objects.filter(pk=now.pk).update(
            **facts, version=F("version") + 1, updated_at=timezone.now()
        )
        if facts.get("name", now.name) != now.name:
            changed.write_many(_films_of(now), ["collection"])
        events.record_of(now, "collection.changed", collection=now.pk)
    now.refresh_from_db()
    return now


def delete(collection: Collection, *, expected: int | None = None) -> None:
    """The collection goes; its films stay."""
    with transaction.atomic():
        now = _locked(collection, expected)
        changed.write_many(_films_of(now), ["collection"], collection=None)
        events.record_of(now, "collection.deleted", collection=now.pk, name=now.name)
        now.delete()


def put_in(collection: Collection, videos: Iterable[Video], by: User) -> int:
    """
    Films leave the collections they were in. Returns how many were not in this one yet.
    Raises NotAllowed where one is not theirs to change.
    """
    if not Collection.objects.visible_to(by).filter(pk=collection.pk).exists():
        raise NotFound(NOT_THERE)
    return _move(videos, collection, Video.objects.changeable_by(by))


def take_out(collection: Collection, videos: Iterable[Video], by: User) -> int:
    """By whoever may change the film, and by whoever may change the collection."""
    its_own = Collection.objects.changeable_by(by).filter(pk=collection.pk).exists()
    allowed = Q(pk__in=Video.objects.changeable_by(by).values("pk"))
    if its_own:
        allowed |= Q(collection=collection)
    ids = [video.pk for video in videos]
    there = Video.objects.filter(pk__in=ids, collection=collection)
    return _move(there, None, Video.objects.filter(allowed))


def named(given: str, by: User, *, held: bool = False) -> Collection | None:
    """
    The collection that somebody means by its id or its name: their own, or else one that
    they see. None for no words. A name that is new makes a collection. With `held` it stays
    until the transaction ends.
    """
    if not given.strip():
        return None
    if found := known(given, by, held=held):
        return found
    if given.strip().startswith("col_"):
        raise Invalid(NOT_THERE, field="collection")
    return create(by, _meant(given))


def known(given: str, by: User, *, held: bool = False) -> Collection | None:
    """The same of those that are there: nothing is made, and no words are nothing."""
    seen = Collection.objects.visible_to(by)
    if held:
        seen = seen.select_for_update()
    if _ID.fullmatch(given.strip()):
        return seen.filter(pk=given.strip()).first()
    alike = list(seen.filter(key=naming.key(_meant(given))).order_by("created_at", "pk"))
    own = [one for one in alike if one.owner_id == by.pk]
    return next(iter(own or alike), None)


def _meant(given: str) -> str:
    return naming.cleaned(given, what="A collection", limit=NAME_LIMIT, field="collection")


def _move(videos: Iterable[Video], to: Collection | None, allowed: VideoQuerySet) -> int:
    target = to.pk if to else None
    ids = [video.pk for video in videos if video.collection_id != target]
    with transaction.atomic():
        if to is not None:
            _locked(to, None)
        there = set(allowed.filter(pk__in=ids).values_list("pk", flat=True))
        if set(ids) - there:
            raise NotAllowed("Some of these films are somebody else's.")
        changed.write_many(there, ["collection"], collection=to)
    return len(there)


def _locked(collection: Collection, expected: int | None) -> Collection:
    now = Collection.objects.select_for_update().filter(pk=collection.pk).first()
    if now is None:
        raise NotFound(NOT_THERE)
    if expected is not None and now.version != expected:
        raise VersionConflict(now.version)
    return now


def _make_sure_it_is_free(collection: Collection, key: str) -> None:
    alike = Collection.objects.filter(owner_id=collection.owner_id, key=key)
    if alike.exclude(pk=collection.pk).exists():
        raise Invalid("There is a collection of that name already.", field="name")


def _films_of(collection: Collection) -> list[str]:
    return list(Video.objects.filter(collection=collection).values_list("pk", flat=True))
