"""Where in each film of a page the terms are: the one place that is shown with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Case, F, Q, TextField, Value, When

from library.models import Cue, FilmWords, Video
from library.search import folding, index, ranking, sealed
from library.search.hit import Hit
from library.search.terms import Term, Terms

# In the order in which they are looked at.
_SAID = ("title", "tags", "description", "filename")
# Of a long text so much is shown before the first word that was found, and in all.
BEFORE, MOST = 60, 240


def hits(videos: Iterable[Video], terms: Terms) -> dict[str, Hit]:
    """
    By the ids of films: the first place that has most of the terms. A film that was found for
    what it does not have, or by something else than words, has none.
    """
    by_id = {video.pk: video for video in videos}
    if not terms.with_ or not by_id:
        return {}
    fields: dict[str, str] = {}
    cues: dict[str, int] = {}
    closed: dict[str, str] = {}
    least: dict[str, int] = {}
    for video, captions, lines, *texts in _words(by_id, terms):
        place, count = _best(texts, terms)
        # A sentence that leads to its second says more than the name of a file.
        least[video] = count - 1 if _SAID[place] == "filename" else count
        if count:
            fields[video] = _SAID[place]
        if sealed.are(captions):
            closed[video] = captions
        elif (line := _best_line(captions, lines, terms)) and line.terms > least[video]:
            cues[video] = line.cue
            fields.pop(video, None)
    spoken = _spoken(cues, terms) | _spoken_sealed(closed, least, terms)
    return _said(by_id, fields, terms) | spoken


def _words(videos: Iterable[str], terms: Terms) -> Iterable[tuple[Any, ...]]:
    """The words of these films; captions only where no other field has all of the terms."""
    enough = Q()
    for field in ("title", "tags", "description"):
        enough |= ranking.all_in(F(field), terms.with_)
    captions = Case(When(enough, then=Value("")), default="captions", output_field=TextField())
    rows = FilmWords.objects.filter(video__in=videos).order_by().annotate(spoken=captions)
    return rows.values_list("video_id", "spoken", "cues", *_SAID)


def _best(texts: list[str], terms: Terms) -> tuple[int, int]:
    """Which text has most of the terms, the first of them, and how many it has."""
    counts = [_count(text, terms) for text in texts]
    most = max(counts)
    return counts.index(most), most


def _count(text: str, terms: Terms) -> int:
    return sum(term.needle in text for term in terms.with_)


def _said(videos: dict[str, Video], fields: dict[str, str], terms: Terms) -> dict[str, Hit]:
    tags = _tags([video for video, field in fields.items() if field == "tags"])
    found = {}
    for video, field in fields.items():
        texts = tags[video] if field == "tags" else [getattr(videos[video], field)]
        # Of several tags the one that has most of the terms.
        best = max(texts, key=lambda text: _marks(text, terms), default="")
        found[video] = Hit(field, _marked(best, terms))
    return found


def _tags(videos: list[str]) -> dict[str, list[str]]:
    tags: dict[str, list[str]] = defaultdict(list)
    if videos:
        given = Video.tags.through.objects.filter(video__in=videos).order_by("tag__key")
        for video, name in given.values_list("video", "tag__name"):
            tags[video].append(name)
    return tags


def _marks(text: str, terms: Terms) -> int:
    return _count(folding.padded(folding.words(text)), terms)


class _Line(NamedTuple):
    cue: int
    terms: int


def _spoken(cues: dict[str, int], terms: Terms) -> dict[str, Hit]:
    if not cues:
        return {}
    rows = Cue.objects.filter(pk__in=cues.values()).order_by()
    by_pk = {cue.pk: cue for cue in rows.select_related("caption").defer("caption__vtt")}
    return {
        video: Hit(
            "captions", _marked(by_pk[pk].text, terms), by_pk[pk].start, by_pk[pk].caption.language
        )
        for video, pk in cues.items()
        if pk in by_pk
    }


def _spoken_sealed(captions: dict[str, str], least: dict[str, int], terms: Terms) -> dict[str, Hit]:
    """The same of films whose captions are sealed: opened only where there may be more."""
    counts = sealed.counts(captions, terms)
    worth = [video for video, count in counts.items() if count > least[video]]
    found = {}
    for video, said in sealed.opened(worth).items():
        text, numbers = index.lines(enumerate(cue.text for cue in said))
        line = _best_line(text, numbers, terms)
        if line is not None and line.terms > least[video]:
            cue = said[line.cue]
            found[video] = Hit("captions", _marked(cue.text, terms), cue.start, cue.language)
    return found


def _best_line(captions: str, cues: list[int], terms: Terms) -> _Line | None:
    """The first cue that has most of the terms; one that reaches into the next has it too."""
    text = captions.replace("\n", " ")
    counts: dict[int, int] = {}
    for term in terms.with_:
        for line in _lines_with(text, captions, term):
            counts[line] = counts.get(line, 0) + 1
    if not counts:
        return None
    best = max(sorted(counts), key=lambda line: counts[line])
    return _Line(cues[best], counts[best])


def _lines_with(text: str, captions: str, term: Term) -> set[int]:
    lines: set[int] = set()
    line = seen = 0
    place = text.find(term.needle)
    while place >= 0:
        # The needle begins with the space before its first word.
        line += captions.count("\n", seen, place + 1)
        seen = place + 1
        lines.add(line)
        # How often a line has it does not matter, and may be very often.
        end = captions.find("\n", seen)
        place = text.find(term.needle, end) if end >= 0 else -1
    return lines


def _marked(text: str, terms: Terms) -> tuple[tuple[str, bool], ...]:
    """The text in parts, on one line; of a long one what is around the first match."""
    text = " ".join(text.split())
    windows = _windows(text, terms)
    first = windows[0][0] if windows else 0
    begin = 0 if len(text) <= MOST or first <= BEFORE else text.rfind(" ", 0, first - BEFORE) + 1
    end = min(begin + MOST, len(text))
    parts: list[tuple[str, bool]] = [("…", False)] if begin else []
    for start, stop in windows:
        if start >= end:
            break
        parts += [(text[begin:start], False), (text[start : min(stop, end)], True)]
        begin = stop
    parts.append((text[begin:end] + ("…" if end < len(text) else ""), False))
    return tuple(part for part in parts if part[0])


def _windows(text: str, terms: Terms) -> list[tuple[int, int]]:
    tokens = list(folding.tokens(text))
    words = [token.word for token in tokens]
    found = sorted(
        (tokens[place].start, tokens[place + len(term.words) - 1].end)
        for term in terms.with_
        for place in range(len(words))
        if term.begins(words, place)
    )
    apart: list[tuple[int, int]] = []
    for start, end in found:
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart
