"""
What the examining program found, believed only as far as it makes sense. Pure.

The program looked into a file that somebody may have made to break it, so its answer is
checked as a stranger's would be.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from library.storing.kinds import FORMATS

# Tuples, which can be asked for anything: a dishonest answer may have a list in a word's place.
PROBLEMS = ("unreadable", "no_picture", "no_frame")
_FORMATS = tuple(FORMATS)
_KINDS = ("video", "audio", "subtitle")
_NAME = re.compile(r"[a-z0-9_.-]{0,32}")
_LONGEST = 10 * 365 * 24 * 3600
_WIDEST = 100_000
_MOST_CHAPTERS = 500
# What a sheet may be, at most.
_SHEET = {"width": 320, "height": 320, "columns": 20, "count": 400}


class NotFacts(ValueError):
    """An answer that no honest examination gives."""


@dataclass(frozen=True)
class Facts:
    """`problem` names why it is no film; otherwise it is one, and the rest is true of it."""

    problem: str = ""
    format: str = ""
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None
    streams: list[dict[str, Any]] = field(default_factory=list)
    chapters: list[tuple[float, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Sheet:
    """How the pictures of a storyboard lie: `count` of them, one for each `interval` seconds."""

    width: int
    height: int
    columns: int
    interval: float
    count: int


def parse(answer: bytes) -> Facts:
    said = _object(answer)
    if "problem" in said:
        if said["problem"] not in PROBLEMS:
            raise NotFacts("it names a problem that does not exist")
        return Facts(problem=said["problem"])
    if said.get("format") not in _FORMATS:
        raise NotFacts("it names a format that is not read here")
    streams = said.get("streams")
    if not isinstance(streams, list) or len(streams) > 64:
        raise NotFacts("its streams are no list")
    return Facts(
        format=said["format"],
        duration=_number(said.get("duration"), _LONGEST),
        width=_whole(said.get("width"), _WIDEST),
        height=_whole(said.get("height"), _WIDEST),
        frame_rate=_number(said.get("frame_rate"), 10_000),
        streams=[_stream(stream) for stream in streams],
        chapters=_chapters(said.get("chapters", [])),
    )


def parse_sheet(answer: bytes) -> Sheet | None:
    """None: no picture could be taken."""
    said = _object(answer)
    if said.get("count") == 0:
        return None
    found = {name: _whole(said.get(name), most) for name, most in _SHEET.items()}
    interval = _number(said.get("interval"), _LONGEST)
    if interval is None or None in found.values():
        raise NotFacts("its pictures do not lie anywhere")
    return Sheet(interval=interval, **found)  # type: ignore[arg-type]


def parse_rendition(answer: bytes) -> tuple[int, int] | str:
    """How large its picture is; or the problem that makes it none."""
    said = _object(answer)
    if "problem" in said:
        if said["problem"] not in PROBLEMS:
            raise NotFacts("it names a problem that does not exist")
        return str(said["problem"])
    width, height = (_whole(said.get(name), _WIDEST) for name in ("width", "height"))
    if not width or not height:
        raise NotFacts("its picture has no size")
    return width, height


def _object(answer: bytes) -> dict[str, Any]:
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise NotFacts("it is not JSON") from error
    if not isinstance(said, dict):
        raise NotFacts("it is not an object")
    return said


def _chapters(said: Any) -> list[tuple[float, str]]:
    if not isinstance(said, list) or len(said) > _MOST_CHAPTERS:
        raise NotFacts("its chapters are no list")
    return [chapter for one in said if (chapter := _chapter(one)) is not None]


def _chapter(said: Any) -> tuple[float, str] | None:
    """None for one that begins nowhere."""
    if not isinstance(said, dict) or not isinstance(said.get("title"), str):
        raise NotFacts("a chapter has no title")
    start = said.get("start")
    # Chapters begin at zero, too, where no number that is told of a stream makes sense.
    found = 0.0 if start == 0 else _number(start, _LONGEST)
    return None if found is None else (found, said["title"])


def _stream(said: Any) -> dict[str, Any]:
    if not isinstance(said, dict) or said.get("kind") not in _KINDS:
        raise NotFacts("a stream is of no known kind")
    stream: dict[str, Any] = {
        "kind": said["kind"],
        "codec": _name(said.get("codec")),
        "language": _name(said.get("language")),
    }
    if said["kind"] == "video":
        stream["width"] = _whole(said.get("width"), _WIDEST)
        stream["height"] = _whole(said.get("height"), _WIDEST)
        stream["frame_rate"] = _number(said.get("frame_rate"), 10_000)
    if said["kind"] == "audio":
        stream["channels"] = _whole(said.get("channels"), 1024)
        stream["sample_rate"] = _whole(said.get("sample_rate"), 100_000_000)
    return stream


def _name(said: Any) -> str:
    if not isinstance(said, str) or not _NAME.fullmatch(said):
        raise NotFacts("a name is none")
    return said


def _number(said: Any, most: float) -> float | None:
    """A number that makes sense; what a damaged film claims beyond that is not known."""
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise NotFacts("a number is none")
    return float(said) if 0 < said <= most else None


def _whole(said: Any, most: int) -> int | None:
    number = _number(said, most)
    return None if number is None else int(number)
