"""
What is said of a film that is still arriving: kept on its row from the first moment, also
when the upload comes to nothing, and handed to the film with the last byte.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from library import events, films
from library.catalogue import collections
from library.catalogue import tags as catalogue_tags
from library.errors import UploadGone
from library.models import Upload, User, Video
from library.watching import languages

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
    """
    What is given, as the row keeps it; None is not given. A collection is an id or a name;
    a new name makes one. Raises Invalid.
    """
    said: dict[str, Any] = dict(
        films.checked(title=title, description=description, visibility=visibility)
    )
    if tags is not None:
        said["tag_names"] = catalogue_tags.checked(tags)
    if language is not None:
        said["language"] = languages.checked(language) if language.strip() else ""
    # Last, because it may make something.
    if collection is not None:
        said["collection"] = collections.named(collection, owner)
    return said


def change(upload: Upload, **given: Any) -> Upload:
    """
    Set what is given, as `checked` takes it: on the row, and on the film once there is one.
    Raises Invalid or UploadGone, and then nothing changed.
    """
    if upload.state not in _SAYABLE:
        raise UploadGone("This upload was cancelled; nothing is kept of it.")
    with transaction.atomic():
        said = checked(upload.owner, **given)
        # Held, so that its last byte does not make the film at this very moment.
        held = Upload.objects.select_for_update().get(pk=upload.pk)
        changed = {name: value for name, value in said.items() if value != getattr(held, name)}
        for name, value in changed.items():
            setattr(upload, name, value)
        if changed:
            upload.save(update_fields=list(changed))
        if held.video is not None:
            films.change(held.video, **given, by=upload.owner)
        if changed or held.video is not None:
            events.record("upload.changed", upload=upload, changed=sorted(given))
    return upload


def hand_over(upload: Upload, video: Video) -> None:
    """The tags, to a film that has just been made."""
    if upload.tag_names:
        catalogue_tags.put(video, upload.tag_names)


def facts(upload: Upload) -> dict[str, Any]:
    """What the row of a new film begins with."""
    return {
        "title": upload.title,
        "description": upload.description,
        "visibility": upload.visibility,
        "language": upload.language,
        "collection_id": upload.collection_id,
    }
