"""Asking for a film by its PieceCIDs, and taking that back. Whoever fetches it is a worker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from filmedia.filecoin.piece import PieceCid
from library.errors import Invalid, UploadGone, WrongState
from library.importing import pieces
from library.models import Import, User
from library.network import connection
from library.uploads import receiving

TITLE = "Imported film"
NOT_THERE = "There is no such import, or it is not yours."


def ask(
    owner: User, cids: Sequence[str], sources: Iterable[str] = (), *, title: str = "", **about: Any
) -> Import:
    """
    Have a film fetched whose pieces are these, in order, into the owner's name. `about` is
    said of it as of an upload. Who asks for the same again gets the import there is.

    Raises Invalid, NotAllowed, TooLarge, NoSpace or WrongState, and nothing is kept.
    """
    names = pieces.cids(cids)
    places = [place.url for place in pieces.places(sources, names)]
    if not places and connection.is_local():
        raise Invalid(
            "Say where the pieces can be read: this library is on no network whose providers "
            "could be asked.",
            field="sources",
        )
    written = [str(name) for name in names]
    with transaction.atomic():
        if there := _asked_before(owner, written):
            return there
        upload = receiving.begin(
            owner,
            length=sum(name.size for name in names),
            title=title or _title(names),
            **about,
        )
        return Import.objects.create(owner=owner, upload=upload, cids=written, sources=places)


def cancel(row: Import) -> None:
    """End it, and let go of what came. Raises WrongState where it is over."""
    with transaction.atomic():
        ended = Import.objects.unfinished().filter(pk=row.pk)
        if not ended.update(
            state=Import.State.CANCELLED, lease_until=None, finished_at=timezone.now()
        ):
            raise WrongState("This import is over already.")
        if row.upload is not None:
            try:
                receiving.cancel(row.upload)
            except UploadGone as error:
                raise WrongState("All of its bytes are here already.") from error
    row.refresh_from_db()


def _asked_before(owner: User, cids: list[str]) -> Import | None:
    """One under way, or one whose film is here."""
    same = Import.objects.filter(owner=owner, cids=cids).select_related("upload__video")
    for row in same:
        if row.state in {Import.State.WAITING, Import.State.RUNNING}:
            return row
        video = row.upload.video if row.upload else None
        if row.state == Import.State.DONE and video and video.trashed_at is None:
            return row
    return None


def _title(names: Sequence[PieceCid]) -> str:
    """Nothing is known of it but its name; the end of a PieceCID is what differs."""
    return f"{TITLE} …{str(names[0])[-8:]}"
