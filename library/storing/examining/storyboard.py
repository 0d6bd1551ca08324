"""
Small pictures of a whole film, side by side in one sheet, for looking ahead while seeking.

However long the film is, they are so many at most, and the sheet is so large at most.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from library.storing.examining import poster, probing
from library.storing.examining.moments import Moments
from library.storing.examining.wire import MOST_SHEET

# What a picture fits into; both are even, as half of the colours need.
TILE_WIDTH, TILE_HEIGHT = 160, 120
COLUMNS, MOST = 10, 200
SHORTEST_INTERVAL = 1.0


def make(source: Any, patience: float) -> tuple[dict[str, Any], bytes]:
    """How the pictures lie, and the sheet. No pictures where none can be taken."""
    try:
        film = probing.open_film(source)
        stream = probing.picture(film)
    except MemoryError:
        raise
    except FFmpegError:
        return {"count": 0}, b""
    duration = (film.duration or 0) / av.time_base
    if stream is None or duration <= 0:
        return {"count": 0}, b""
    stream.codec_context.thread_count = 1
    interval = max(SHORTEST_INTERVAL, math.ceil(duration * 1000 / MOST) / 1000)
    count = min(max(math.ceil(duration / interval), 1), MOST)
    # In the middle of what each picture stands for.
    seconds = (min((number + 0.5) * interval, duration) for number in range(count))
    moments = Moments(film, stream, near=interval / 2, patience=patience)
    tiles = _tiles((moments.at(second) for second in seconds), stream)
    first = next(tiles, None)
    if first is None:
        return {"count": 0}, b""
    sheet = _Sheet(first.width, first.height, count)
    sheet.put(0, first)
    for number, tile in enumerate(tiles, 1):
        sheet.put(number, tile)
    facts = {"width": first.width, "height": first.height, "columns": sheet.columns}
    return facts | {"interval": interval, "count": count}, sheet.jpeg()


def _tiles(frames: Iterator[VideoFrame | None], stream: VideoStream) -> Iterator[VideoFrame]:
    """Each frame small and upright; where there is none, the one before once more."""
    before: VideoFrame | None = None
    made_of: VideoFrame | None = None
    missed = 0
    for frame in frames:
        if frame is not None and frame is not made_of:
            before = _small(frame, stream.sample_aspect_ratio, before)
            made_of = frame
        if before is None:
            missed += 1
            continue
        # What is missing at the beginning is shown as what comes first.
        yield from [before] * (missed + 1)
        missed = 0


def _small(frame: VideoFrame, aspect: Fraction | None, before: VideoFrame | None) -> VideoFrame:
    made = poster.shown(frame, aspect, TILE_WIDTH, TILE_HEIGHT)
    if before is not None and (made.width, made.height) != (before.width, before.height):
        # A film may change its shape; its sheet does not.
        made = made.reformat(width=before.width, height=before.height, threads=1)
    return made


class _Sheet:
    """One large picture, filled tile by tile."""

    def __init__(self, width: int, height: int, count: int) -> None:
        self.width, self.height, self.columns = width, height, min(COLUMNS, count)
        rows = math.ceil(count / self.columns)
        self._frame = VideoFrame(width * self.columns, height * rows, "yuvj420p")
        # Black, of which brightness is nothing and both colours are in the middle.
        self._planes = [
            bytearray(bytes([0 if number == 0 else 128]) * plane.buffer_size)
            for number, plane in enumerate(self._frame.planes)
        ]

    def put(self, number: int, tile: VideoFrame) -> None:
        row, column = divmod(number, self.columns)
        for place, (kept, plane, given) in enumerate(
            zip(self._planes, self._frame.planes, tile.planes, strict=True)
        ):
            half = 1 if place == 0 else 2
            width, height = self.width // half, self.height // half
            pixels, line = bytes(given), plane.line_size
            for y in range(height):
                start = (row * height + y) * line + column * width
                kept[start : start + width] = pixels[
                    y * given.line_size : y * given.line_size + width
                ]

    def jpeg(self) -> bytes:
        for plane, kept in zip(self._frame.planes, self._planes, strict=True):
            plane.update(bytes(kept))
        return poster.coded(self._frame, MOST_SHEET)
