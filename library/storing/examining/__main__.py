"""Examine the film that the worker holds, and tell it what was found."""

from __future__ import annotations

import importlib
import json
import pkgutil
import socket
import sys
import traceback
from typing import Any

from library.storing.examining import confine, wire

OUT_OF_MEMORY = 3


def main() -> None:
    descriptor, size, memory, cpu_seconds = (int(argument) for argument in sys.argv[1:5])
    confine.limit(memory=memory, cpu_seconds=cpu_seconds)
    channel = socket.socket(fileno=descriptor)
    try:
        # FFmpeg is loaded under the limits, and before files are out of reach.
        _load_all_of_av()
        from library.storing.examining import poster, probing

        confine.shut_in()
        found, picture = _examine(wire.RemoteFilm(channel, size), poster, probing)
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
    except Exception:
        words = traceback.format_exc().encode()
        _tell(channel, wire.CRASHED, words[-wire.MOST_WORDS :])
        sys.exit(1)
    _tell(channel, wire.FACTS, json.dumps(found, allow_nan=False).encode())
    if picture:
        _tell(channel, wire.POSTER, picture)


def _load_all_of_av() -> None:
    """PyAV loads parts of itself when a film first needs them; then it could not any more."""
    import av

    for part in pkgutil.walk_packages(av.__path__, "av."):
        if part.name not in {"av.__main__", "av.datasets"}:
            importlib.import_module(part.name)


def _examine(source: Any, poster: Any, probing: Any) -> tuple[dict[str, Any], bytes]:
    from av.error import FFmpegError

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
    frame = poster.most_telling(poster.frames(film, stream))
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


def _tell(channel: socket.socket, kind: bytes, body: bytes) -> None:
    channel.sendall(wire.ASKED.pack(kind, 0, len(body)) + body)


if __name__ == "__main__":
    main()
