"""What a player is told of a storyboard: which part of the sheet is of which moment. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from library.watching.subtitles import stamp


def webvtt(facts: Mapping[str, Any], duration: float | None, sheet: str) -> str:
    """One cue for each tile; `facts` are the film's, `sheet` is the picture's address."""
    width, height, columns = facts["width"], facts["height"], facts["columns"]
    interval, count = facts["interval"], facts["count"]
    lines = ["WEBVTT", ""]
    for number in range(count):
        start, end = number * interval, (number + 1) * interval
        if number == count - 1 and duration is not None:
            # The last picture stands for what is left.
            end = max(duration, start + 0.001)
        row, column = divmod(number, columns)
        place = f"{column * width},{row * height},{width},{height}"
        lines += [f"{stamp(start)} --> {stamp(end)}", f"{sheet}#xywh={place}", ""]
    return "\n".join(lines)
