"""
A search that is no words but the name of films: an id, a PieceCID, a transaction, or one of
our own addresses, as people paste them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from filmedia.filecoin.errors import InvalidPieceCid
from library.finding import cids
from library.models import Addition, Video
from library.models.films import VideoQuerySet

if TYPE_CHECKING:
    from library.models import User

LIMIT = 2_000
_ID = re.compile(r"vid_[a-z0-9]{1,36}")
_FILM_PATH = re.compile(
    r"/(?:watch|stream|poster|storyboard|media|api/v1/videos)/(vid_[a-z0-9]{1,36})(?:[/.].*)?"
)
_PIECE_PATH = re.compile(r"/piece/([a-z0-9]{10,100})/?")
_TRANSACTION = re.compile(r"(?:.*/tx/)?(0x[0-9a-f]{64})/?", re.ASCII | re.IGNORECASE)


def target(user: User | AnonymousUser, query: str) -> Video | None:
    """The one film that `query` names and `user` may open; None for anything else."""
    films = named(query)
    if films is None:
        return None
    theirs = Video.objects.visible_to(user) | Video.objects.changeable_by(user)
    found = list(theirs.filter(pk__in=films.order_by().values("pk"))[:2])
    return found[0] if len(found) == 1 else None


def named(query: str) -> VideoQuerySet | None:
    """
    The films that `query` names, whoever may see them; None where it is words. What names a
    rendition names the film that it is of.
    """
    rows = _named(query)
    if rows is None:
        return None
    rows = rows.order_by()
    either = Q(pk__in=rows.values("pk")) | Q(pk__in=rows.values("rendition_of"))
    return Video.objects.filter(either, rendition_of=None)


def _named(query: str) -> VideoQuerySet | None:
    text = query.strip()
    if not text or len(text) > LIMIT or "\0" in text:
        return None
    if _ID.fullmatch(text):
        return Video.objects.filter(pk=text)
    path = _path(text)
    in_path = _PIECE_PATH.fullmatch(path)
    try:
        return cids.holding(cids.read(in_path[1] if in_path else text))
    except InvalidPieceCid:
        pass
    if found := _FILM_PATH.fullmatch(path):
        return Video.objects.filter(pk=found[1])
    if found := _TRANSACTION.fullmatch(text):
        return _stored_by(found[1])
    return None


def moment(query: str) -> str:
    """The `t` of an address that was pasted: where in the film it leads to."""
    found = re.search(r"[?&#]t=([0-9hmsHMS:.]{1,16})", query[:LIMIT])
    return found[1] if found else ""


def _path(text: str) -> str:
    """The path of an address. Whose address it is does not matter: an id is of one film."""
    # Browsers show addresses without their scheme.
    whole = "://" in text or text.startswith("/")
    try:
        parts = urlsplit(text if whole else f"//{text}")
    except ValueError:
        return ""
    return parts.path if parts.scheme in {"", "http", "https"} else ""


def _stored_by(transaction: str) -> VideoQuerySet:
    """Films with a piece that this transaction put on chain."""
    known = transaction.lower()
    additions = Addition.objects.filter(transaction__iexact=known) | Addition.objects.filter(
        confirmed_transaction__iexact=known
    )
    return Video.objects.filter(pieces__copies__addition__in=additions.order_by().values("pk"))
