"""What a film is made of, and one picture of it."""

from __future__ import annotations

from typing import Any

from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from library.storing.examining import moments, poster, probing


def examine(source: Any, at: float | None) -> tuple[dict[str, Any], bytes]:
    """
    Its facts, or the problem that makes it none; and the poster: the picture at second `at`,
    or else one that tells something.
    """
    try:
        film = probing.open_film(source)
    except MemoryError:
        raise
    except FFmpegError:
        return {"problem": "unreadable"}, b""
    found = probing.facts(film)
    stream = probing.picture(film)
    if stream is None:
        has_sound = any(stream["kind"] == "audio" for stream in found["streams"])
        return {"problem": "no_picture" if has_sound else "unreadable"}, b""
    stream.codec_context.thread_count = 1
    frame = _frame(film, stream, at)
    if frame is None:
        return {"problem": "no_frame"}, b""
    across = frame.rotation % 180 != 0
    found["width"], found["height"] = (
        (frame.height, frame.width) if across else (frame.width, frame.height)
    )
    found["frame_rate"] = next(
        (seen["frame_rate"] for seen in found["streams"] if seen["kind"] == "video"), None
    )
    try:
        return found, poster.jpeg(frame, stream.sample_aspect_ratio)
    except MemoryError:
        raise
    except (FFmpegError, ValueError):
        # A film without a poster is still a film.
        return found, b""


def _frame(film: InputContainer, stream: VideoStream, at: float | None) -> VideoFrame | None:
    if at is not None:
        chosen = moments.Moments(film, stream).at(at)
        if chosen is not None:
            return chosen
    return poster.most_telling(poster.frames(film, stream))
