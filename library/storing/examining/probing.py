"""What a film is made of: container, streams, length, size, frame rate."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from library.storing.kinds import FORMATS

_KINDS = {"video", "audio", "subtitle"}
_MOST_STREAMS = 64
_MOST_CHAPTERS, _LONGEST_TITLE = 500, 200
_NAME = re.compile(r"[a-z0-9_.-]{1,32}")
_NO_PICTURE = Disposition.attached_pic | Disposition.still_image | Disposition.timed_thumbnails


def open_film(source: Any) -> InputContainer:
    """Raises av.error.FFmpegError where `source` is in none of the FORMATS that films come in."""
    return av.open(
        source,
        mode="r",
        container_options={
            "format_whitelist": ",".join(FORMATS),
            # The film itself comes through `source`; nothing else may be opened, ever.
            "protocol_whitelist": "none",
            "enable_drefs": "0",
        },
        io_open=_refuse,
        metadata_errors="replace",
        buffer_size=128 * 1024,
    )


def _refuse(url: str, flags: int, options: dict[str, str]) -> None:
    raise PermissionError("A film may not open other files.")


def picture(film: InputContainer) -> VideoStream | None:
    """The moving picture; cover art and stills are none."""
    for stream in film.streams.video:
        if not stream.disposition & _NO_PICTURE and stream.codec_context is not None:
            return stream
    return None


def facts(film: InputContainer) -> dict[str, Any]:
    return {
        "format": film.format.name,
        "duration": _duration(film),
        "streams": [
            _describe(stream)
            for stream in film.streams
            if stream.type in _KINDS and not stream.disposition & _NO_PICTURE
        ][:_MOST_STREAMS],
        "chapters": _chapters(film),
    }


def _chapters(film: InputContainer) -> list[dict[str, Any]]:
    return [
        {
            "start": float(chapter["start"] * (chapter["time_base"] or 0)),
            "title": str(chapter["metadata"].get("title", ""))[:_LONGEST_TITLE],
        }
        for chapter in film.chapters()[:_MOST_CHAPTERS]
    ]


def _duration(film: InputContainer) -> float | None:
    if film.duration:
        return film.duration / av.time_base
    lengths = [
        float(stream.duration * stream.time_base)
        for stream in film.streams
        if stream.duration and stream.time_base
    ]
    return max(lengths, default=None)


def _describe(stream: Stream) -> dict[str, Any]:
    codec = stream.codec_context
    described: dict[str, Any] = {
        "kind": stream.type,
        # Of the format, not of the program that decodes it: "av1", not "libdav1d".
        "codec": _name(codec.codec.canonical_name if codec is not None else None),
        "language": _name(stream.language),
    }
    if isinstance(stream, VideoStream) and codec is not None:
        described |= {"width": stream.width, "height": stream.height, "frame_rate": _rate(stream)}
    if isinstance(stream, AudioStream) and codec is not None:
        described |= {"channels": stream.channels, "sample_rate": stream.sample_rate}
    return described


def _rate(stream: Stream) -> float | None:
    rate: Fraction | None = stream.average_rate or stream.guessed_rate
    return round(float(rate), 3) if rate else None


def _name(found: str | None) -> str:
    name = (found or "").lower()
    return name if _NAME.fullmatch(name) and name != "und" else ""
