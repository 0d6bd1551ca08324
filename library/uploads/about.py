"""
What is said of a film that is still arriving: kept on its row from the first moment, also
when the upload comes to nothing, and handed to the film with the last byte.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from library import events, films
from library.errors import Invalid, UploadGone
from library.models import Collection, Tag, Upload, User, Video
from library.uploads import names
from library.watching import languages

MOST_TAGS = 50
TAG_LIMIT = 50
COLLECTION_LIMIT = 100
# The columns it is kept in.
SAID = ["title", "description", "visibility", "language", "collection", "tag_names"]
# What came to nothing still says what it was to be, so that it can begin again.
_SAYABLE = {
    Upload.State.RECEIVING,
    Upload.State.RECEIVED,
    Upload.State.REFUSED,
    Upload.State.EXPIRED,
}


def checked(
    owner: User,
    *,
    title: str | None = None,
    description: str | None = None,
    visibility: str | None = None,
    tags: Iterable[str] | None = None,
    collection: str | None = None,
    language: str | None = None,
) -> dict[str, Any]:
    """What is given, as the row keeps it; None is not given. Raises Invalid."""
    said: dict[str, Any] = dict(
        films.checked(title=title, description=description, visibility=visibility)
    )
    if tags is not None:
        said["tag_names"] = tag_names(tags)
    if collection is not None:
        said["collection"] = _collection(owner, collection)
    if language is not None:
        said["language"] = languages.checked(language) if language.strip() else ""
    return said


def change(upload: Upload, **given: Any) -> Upload:
    """
    Set what is given, as `checked` takes it: on the row while the film arrives, on the film
    once there is one. Raises Invalid or UploadGone, and then nothing changed.
    """
    if upload.state not in _SAYABLE:
        raise UploadGone("This upload was cancelled; nothing is kept of it.")
    said = checked(upload.owner, **given)
    with transaction.atomic():
        # Held, so that its last byte does not make the film at this very moment.
        held = Upload.objects.select_for_update().get(pk=upload.pk)
        changed = {name: value for name, value in said.items() if value != getattr(held, name)}
        upload.video = held.video
        for name, value in changed.items():
            setattr(upload, name, value)
        if changed:
            upload.save(update_fields=list(changed))
        if upload.video is not None:
            _give(upload.video, said)
        if changed or upload.video is not None:
            events.record("upload.changed", upload=upload, changed=sorted(given))
    return upload


def hand_over(upload: Upload, video: Video) -> None:
    """All that was said on the way, to a film that has just been made."""
    _set_tags(video, upload.tag_names)


def facts(upload: Upload) -> dict[str, Any]:
    """What the row of a new film begins with."""
    return {
        "title": upload.title,
        "description": upload.description,
        "visibility": upload.visibility,
        "language": upload.language,
        "collection_id": upload.collection_id,
    }


def tag_names(given: Iterable[str]) -> list[str]:
    """Tags as they were written, each once. Raises Invalid."""
    found: dict[str, str] = {}
    for each in given:
        name = " ".join(unicodedata.normalize("NFC", each).split())
        if not name:
            continue
        if len(name) > TAG_LIMIT or "," in name or not _is_printable(name):
            raise Invalid(
                f"A tag has at most {TAG_LIMIT} characters and no comma: {name[:60]!r}.",
                field="tags",
            )
        found.setdefault(key(name), name)
    if len(found) > MOST_TAGS:
        raise Invalid(f"A film has at most {MOST_TAGS} tags.", field="tags")
    return list(found.values())


def key(name: str) -> str:
    """What makes two names one: neither case nor accents count."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))[:COLLECTION_LIMIT]


def _collection(owner: User, given: str) -> Collection | None:
    """By id or by name; a name that nobody has yet is a new collection of the owner's."""
    name = " ".join(unicodedata.normalize("NFC", given).split())
    if not name:
        return None
    if len(name) > COLLECTION_LIMIT or not _is_printable(name):
        raise Invalid(
            f"A collection's name has at most {COLLECTION_LIMIT} characters.", field="collection"
        )
    own = Collection.objects.changeable_by(owner)
    if found := own.filter(pk=name).first() or own.filter(key=key(name)).first():
        return found
    made, new = Collection.objects.get_or_create(
        key=key(name), defaults={"name": name, "owner": owner}
    )
    if not new:
        raise Invalid(
            "Somebody else has a collection of this name. Choose another.", field="collection"
        )
    return made


def _give(video: Video, said: dict[str, Any]) -> None:
    words = {name: said[name] for name in ("title", "description", "visibility") if name in said}
    films.change(video, **words)
    rest = {name: said[name] for name in ("language", "collection") if name in said}
    if rest:
        Video.objects.filter(pk=video.pk).update(**rest)
    if "tag_names" in said:
        _set_tags(video, said["tag_names"])


def _set_tags(video: Video, given: list[str]) -> None:
    video.tags.set(
        Tag.objects.get_or_create(key=key(name)[:TAG_LIMIT], defaults={"name": name})[0]
        for name in given
    )


def _is_printable(text: str) -> bool:
    return text == names.short(text, len(text))
