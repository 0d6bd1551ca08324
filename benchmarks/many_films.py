"""A library of many films for benchmarks: rows without bytes, the same ones every time."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import timedelta
from hashlib import sha256
from itertools import islice
from typing import Any

from django.utils import timezone

from library.models import (
    Caption,
    Collection,
    Copy,
    Cue,
    Piece,
    Tag,
    User,
    Video,
    Viewing,
    Visibility,
)

FILMS, CUES, TAGS = 10_000, 20, 120
_CID = "bafkzcibd2uxqsp3mzb3c3u7k2cz6h4s4bblvhkqvttmmcvxqqqqqqqqqqqqqqq"
_CONSONANTS = [*"bdfghklmnprstvwyz", "ch", "st", "tr"]


class Words:
    """Some words are everywhere and most are rare, as in any language."""

    def __init__(self, seed: int = 7, count: int = 8_000) -> None:
        self.random = random.Random(seed)
        made = {"".join(self._syllable() for _ in range(2 + at % 3)): None for at in range(count)}
        self.all = ["the", "and", *made]
        self.all[200:200] = ["harbour", "ferry", "island"]
        self.weights = [1 / (rank + 1) for rank in range(len(self.all))]

    def _syllable(self) -> str:
        return self.random.choice(_CONSONANTS) + self.random.choice("aeiou")

    def some(self, count: int) -> list[str]:
        return self.random.choices(self.all, self.weights, k=count)

    def sentence(self, count: int) -> str:
        return " ".join(self.some(count)).capitalize()


def make(films: int = FILMS) -> tuple[User, User]:
    """Two people who own them all, half of each seen by both. They are not in the index yet."""
    words = Words()
    owners = tuple(User.objects.create_user(name, password=None) for name in ("alice", "bob"))
    collections = [
        Collection.objects.create(owner=owners[at % 2], name=f"Shelf {at}", key=f"shelf {at}")
        for at in range(20)
    ]
    videos = _kept(Video, (_film(words, at, owners, collections) for at in range(films)))
    _kept(Tag, (Tag(name=f"tag {at}", key=f"tag {at}") for at in range(TAGS)))
    tags = list(Tag.objects.all())
    through = Video.tags.through
    _kept(
        through,
        (
            through(video=video, tag=tag)
            for video in videos
            for tag in words.random.sample(tags, words.random.randint(0, 4))
        ),
    )
    pieces = _kept(
        Piece,
        (Piece(video=v, index=0, offset=0, size=v.size, piece_cid=v.piece_cid) for v in videos),
    )
    _kept(Copy, (Copy(piece=piece) for piece in pieces))
    captions = _kept(Caption, (_caption(video) for video in videos))
    _kept(Cue, _cues(words, captions))
    _kept(
        Viewing,
        (
            Viewing(user=owners[0], video=v, position=61, finished=at % 2)
            for at, v in enumerate(videos[:400])
        ),
    )
    return owners  # type: ignore[return-value]


def _film(words: Words, at: int, owners: Any, collections: list[Collection]) -> Video:
    owner = at % 2
    return Video(
        owner=owners[owner],
        title=words.sentence(words.random.randint(1, 6)),
        description=words.sentence(40) if at % 3 else "",
        filename=f"reel-{at}.mp4",
        visibility=Visibility.MEMBERS if at % 4 < 2 else Visibility.PRIVATE,
        size=words.random.randint(10**6, 10**10),
        sha256=sha256(str(at).encode()).hexdigest(),
        piece_cid=f"{_CID}{at}",
        kind=Video.Kind.FILM,
        media_type="video/mp4",
        duration=words.random.uniform(20, 9000),
        width=1920,
        height=words.random.choice([480, 720, 1080, 2160]),
        streams=[{"kind": "video", "codec": "h264"}, {"kind": "audio", "codec": "aac"}],
        has_poster=True,
        collection=collections[owner + 2 * (at % 10)] if at % 5 else None,
        state=Video.State.AT_RISK if at % 500 == 0 else Video.State.STORED,
        created_at=timezone.now() - timedelta(minutes=at),
    )


def _caption(video: Video) -> Caption:
    return Caption(video=video, language="en", label="English", vtt=b"WEBVTT\n", digest="0" * 64)


def _cues(words: Words, captions: Iterable[Caption]) -> Iterator[Cue]:
    for caption in captions:
        for at in range(CUES):
            yield Cue(caption=caption, start=at * 3.0, end=at * 3.0 + 2, text=words.sentence(8))


def _kept(model: Any, rows: Iterable[Any]) -> list[Any]:
    kept: list[Any] = []
    rest = iter(rows)
    while some := list(islice(rest, 2_000)):
        model.objects.bulk_create(some)
        kept += some
    return kept
