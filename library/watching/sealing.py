"""
The words of a caption as they are kept: of a film that has a key, sealed with it.

The one place that turns words into what is kept of them, and back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db.models import QuerySet

from library import encryption
from library.keys import films
from library.models import Caption, Cue, Video
from library.watching import subtitles


class Said(NamedTuple):
    """One cue: what is said, without markup, when and in which language."""

    text: str
    start: float
    language: str


def keep(caption: Caption, key: encryption.Key | None, text: str) -> None:
    """Have `text` in this row (which is not saved here). Its digest tells nothing of the words."""
    caption.vtt = encryption.seal(key, _name(caption), text.encode())
    caption.digest = hashlib.sha256(caption.vtt).hexdigest()


def text(caption: Caption) -> str:
    """Raises KeyUnavailable or encryption.Sealed, as a film's pictures do."""
    kept = bytes(caption.vtt)
    return encryption.unseal(films.of(caption.video), _name(caption), kept).decode()


def of_films(videos: Iterable[str]) -> QuerySet[Caption]:
    """The sealed captions of these films, with what opens them, in the order of a search."""
    rows = Caption.objects.filter(video__in=videos).exclude(video__key=None)
    return rows.select_related("video__key").order_by("video", "language", "pk")


def cues(caption: Caption) -> Iterator[Said]:
    """What is said. Raises as `text` does."""
    for start, words in subtitles.said(text(caption)):
        yield Said(words, start, caption.language)


def seal(video: Video, key: encryption.Key) -> None:
    """
    Leave nothing of the words in clear of a film that gets its key in this transaction. They
    have to be indexed anew, and the index tidied once that is true.
    """
    for caption in Caption.objects.filter(video=video):
        keep(caption, key, bytes(caption.vtt).decode())
        Caption.objects.filter(pk=caption.pk).update(vtt=caption.vtt, digest=caption.digest)
    Cue.objects.filter(caption__video=video).delete()


def _name(caption: Caption) -> str:
    return f"captions/{caption.pk}"
