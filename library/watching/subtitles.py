"""
Subtitles as files have them (SRT and WebVTT), and as we keep them. Pure.

What is kept is WebVTT of the plainest kind: times, text, italics, bold and underline, and
where on the picture it stands. Styles, regions, scripts and whatever else a file may hold
are left behind; what looks like markup and is none stays readable as text.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MOST_CUES = 20_000
# Nobody reads more while it is on the picture, and a search looks at each letter of a hit.
MOST_LETTERS = 5_000
# 99:59:59.999, in milliseconds; no film is longer.
_LONGEST = 100 * 3600 * 1000 - 1

_ARROW = "-->"
_HEADER = re.compile(r"WEBVTT(?:[ \t].*)?")
_BLOCK = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t].*)?")
_NUMBER = re.compile(r"\d{1,10}", re.ASCII)
_MOMENT = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_TIMING = re.compile(rf"[ \t]*{_MOMENT}[ \t]*-->[ \t]*{_MOMENT}(?:[ \t]+(.*))?", re.ASCII)
_SETTINGS = {
    "vertical": re.compile(r"rl|lr"),
    "line": re.compile(r"-?\d{1,3}(?:\.\d{1,3})?%?(?:,(?:start|center|end))?", re.ASCII),
    "position": re.compile(
        r"\d{1,3}(?:\.\d{1,3})?%(?:,(?:line-left|center|line-right))?", re.ASCII
    ),
    "size": re.compile(r"\d{1,3}(?:\.\d{1,3})?%", re.ASCII),
    "align": re.compile(r"start|center|end|left|right"),
}

_KNOWN = "i|b|u|s|em|strong|font|c|v|lang|ruby|rt|span|p|div|br"
_TAG = re.compile(rf"<(/?)({_KNOWN})(?:[\s./=][^<>]*)?>|<\d[\d:.]*>", re.I | re.ASCII)
_KEPT = {"i": "i", "em": "i", "b": "b", "strong": "b", "u": "u"}
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.I | re.ASCII)
_OURS = re.compile(r"</?[ibu]>")
# What SubStation files leave in others: {\an8} and its like.
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
_PLACE = re.compile(r"\\an([1-9])", re.ASCII)


class NotSubtitles(ValueError):
    """Why a text cannot be read as subtitles, and in which line; the first is 1."""

    def __init__(self, line: int, problem: str) -> None:
        self.line, self.problem = line, problem
        super().__init__(f"Line {line}: {problem}")


class Cue(NamedTuple):
    """`text` is WebVTT's: escaped, with <i>, <b> and <u>, each closed, and no empty line."""

    start: float
    end: float
    text: str
    settings: str = ""


def parse(text: str) -> list[Cue]:
    """The cues of a file in either format, in order. Raises NotSubtitles."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = [line.rstrip(" \t") for line in lines]
    is_webvtt = _HEADER.fullmatch(lines[0]) is not None
    at = _after_block(lines, 0) if is_webvtt else 0
    cues: list[Cue] = []
    earliest = 0
    while at < len(lines):
        if _ARROW not in lines[at]:
            at = _skip_webvtt(lines, at) if is_webvtt else _skip_srt(lines, at)
            continue
        start, end, settings = _timing(lines[at], at + 1, earliest)
        stop = _end_of_text(lines, at + 1, is_webvtt)
        cue = _cue(start, end, lines[at + 1 : stop], settings if is_webvtt else "")
        if said := plain(cue.text).strip():
            if len(said) > MOST_LETTERS:
                raise NotSubtitles(at + 1, f"this has more than {MOST_LETTERS:,} letters.")
            if len(cues) == MOST_CUES:
                raise NotSubtitles(at + 1, f"there are more than {MOST_CUES:,} subtitles.")
            cues.append(cue)
        earliest, at = start, stop
    if not cues:
        raise NotSubtitles(1, "there is not one subtitle with a text in it.")
    return cues


def write(cues: Iterable[Cue]) -> str:
    """WebVTT, as `parse` reads it."""
    parts = ["WEBVTT\n"]
    for cue in cues:
        settings = f" {cue.settings}" if cue.settings else ""
        parts.append(f"\n{stamp(cue.start)} {_ARROW} {stamp(cue.end)}{settings}\n{cue.text}\n")
    return "".join(parts)


def said(text: str) -> Iterator[tuple[float, str]]:
    """When something begins to be said, and what, of a text that `write` has made: quicker."""
    for block in text.rstrip("\n").split("\n\n")[1:]:
        timing, _, words = block.partition("\n")
        hours, minutes, seconds = timing.partition(" ")[0].split(":")
        yield round(int(hours) * 3600 + int(minutes) * 60 + float(seconds), 3), plain(words)


def plain(text: str) -> str:
    """What a cue says, without markup."""
    return html.unescape(_OURS.sub("", text))


def stamp(seconds: float) -> str:
    """A moment as WebVTT writes it: 00:12:34.500."""
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest:02}.{milliseconds:03}"


# --- lines


def _after_block(lines: list[str], at: int) -> int:
    """The next empty line, or the next times, where something has gone wrong before."""
    while at < len(lines) and lines[at] and _ARROW not in lines[at]:
        at += 1
    return at


def _skip_webvtt(lines: list[str], at: int) -> int:
    """What is no cue: an empty line, a cue's name, or a block that is left behind."""
    if not lines[at]:
        return at + 1
    if _BLOCK.fullmatch(lines[at]):
        while at < len(lines) and lines[at]:
            at += 1
        return at
    return _after_block(lines, at)


def _skip_srt(lines: list[str], at: int) -> int:
    """An empty line, or the number before a cue's times. Raises NotSubtitles for others."""
    if lines[at] and not _is_number(lines, at):
        raise NotSubtitles(at + 1, "here should be a time, as in 00:01:02,500 --> 00:01:04,000.")
    return at + 1


def _is_number(lines: list[str], at: int) -> bool:
    return _NUMBER.fullmatch(lines[at].strip()) is not None


def _end_of_text(lines: list[str], at: int, is_webvtt: bool) -> int:
    if is_webvtt:
        return _after_block(lines, at)
    start = at
    while at < len(lines):
        if _ARROW in lines[at]:
            # No empty line between: the number before these times is not said by anybody.
            return at - 1 if at > start and _is_number(lines, at - 1) else at
        if lines[at]:
            at += 1
            continue
        after = at
        while after < len(lines) and not lines[after]:
            after += 1
        if _begins_cue(lines, after):
            return after
        # Otherwise somebody has left a line empty inside of what is said.
        at = after
    return at


def _begins_cue(lines: list[str], at: int) -> bool:
    if at >= len(lines) or _ARROW in lines[at]:
        return True
    return _is_number(lines, at) and at + 1 < len(lines) and _ARROW in lines[at + 1]


# --- times


def _timing(words: str, line: int, earliest: int) -> tuple[int, int, str]:
    """Start and end in milliseconds, and the rest of the line."""
    found = _TIMING.fullmatch(words)
    if found is None:
        raise NotSubtitles(
            line, "these times cannot be read; they look as 00:01:02.500 --> 00:01:04.000."
        )
    start = _milliseconds(found.group(1, 2, 3, 4), line)
    end = _milliseconds(found.group(5, 6, 7, 8), line)
    if end < start:
        raise NotSubtitles(line, "this ends before it begins.")
    if start < earliest:
        raise NotSubtitles(line, "this begins before the one above; sort them by their times.")
    return start, end, found[9] or ""


def _milliseconds(parts: tuple[str | None, ...], line: int) -> int:
    hours, minutes, seconds = (int(part or 0) for part in parts[:3])
    if minutes > 59 or seconds > 59:
        raise NotSubtitles(line, "there is no such time: minutes and seconds end at 59.")
    whole = ((hours * 60 + minutes) * 60 + seconds) * 1000 + int((parts[3] or "").ljust(3, "0"))
    if whole > _LONGEST:
        raise NotSubtitles(line, "this is later than any film lasts.")
    return whole


def _settings(words: str) -> str:
    """Those of WebVTT that say where a cue stands, each once."""
    kept: dict[str, str] = {}
    for word in words.split():
        name, _, value = word.partition(":")
        rule = _SETTINGS.get(name)
        if rule is not None and name not in kept and rule.fullmatch(value):
            kept[name] = word
    return " ".join(kept.values())


def _settings_of(place: str) -> str:
    """Of a place as SubStation counts them: like the digits of a keyboard."""
    row, column = divmod(int(place) - 1, 3)
    line = ("", "line:50%", "line:0")[row]
    align = ("align:left", "", "align:right")[column]
    return " ".join(filter(None, (line, align)))


# --- text


def _cue(start: int, end: int, lines: list[str], settings: str) -> Cue:
    raw = "\n".join(lines)
    settings = _settings(settings)
    overrides = "".join(_OVERRIDE.findall(raw))
    if not settings and (place := _PLACE.search(overrides)):
        settings = _settings_of(place[1])
    return Cue(start / 1000, end / 1000, _clean(_OVERRIDE.sub("", raw)), settings)


def _clean(raw: str) -> str:
    """As Cue.text promises. What is clean stays as it is."""
    parts: list[str] = []
    is_open: list[str] = []
    at = 0
    for tag in _TAG.finditer(raw):
        parts.append(_escaped(raw[at : tag.start()]))
        at = tag.end()
        name = (tag[2] or "").lower()
        if name == "br":
            parts.append("\n")
        elif kept := _KEPT.get(name):
            parts += _closed(is_open, kept) if tag[1] else _opened(is_open, kept)
    parts.append(_escaped(raw[at:]))
    parts += [f"</{name}>" for name in reversed(is_open)]
    # Written so that it is not taken for SubStation's the next time.
    text = "".join(parts).replace("{\\", "&#123;\\")
    return "\n".join(filter(None, (line.strip(" \t") for line in text.split("\n"))))


def _opened(is_open: list[str], name: str) -> list[str]:
    if name in is_open:
        return []
    is_open.append(name)
    return [f"<{name}>"]


def _closed(is_open: list[str], name: str) -> list[str]:
    """With those that were opened inside of it."""
    if name not in is_open:
        return []
    closed = []
    while True:
        inner = is_open.pop()
        closed.append(f"</{inner}>")
        if inner == name:
            return closed


def _escaped(raw: str) -> str:
    text = _ENTITY.sub(lambda found: html.unescape(found[0]), raw)
    text = "".join(
        character
        for character in text.replace("\t", " ")
        if character == "\n" or unicodedata.category(character) not in {"Cc", "Cs"}
    )
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
