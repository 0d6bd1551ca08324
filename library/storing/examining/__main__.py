"""Examine the film that the worker holds, and tell it what was found."""

from __future__ import annotations

import importlib
import json
import pkgutil
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

from library.storing.examining import confine, wire

OUT_OF_MEMORY = 3

Found = tuple[dict[str, Any], bytes]


def main() -> None:
    descriptor, size, memory, cpu_seconds = (int(argument) for argument in sys.argv[1:5])
    task, at = sys.argv[5], float(sys.argv[6]) if sys.argv[6] else None
    confine.limit(memory=memory, cpu_seconds=cpu_seconds)
    channel = socket.socket(fileno=descriptor)
    try:
        # FFmpeg is loaded under the limits, and before files are out of reach.
        _load_all_of_av()
        from library.storing.examining import look, rendition, storyboard

        confine.shut_in()
        film = wire.RemoteFilm(channel, size)
        if task == wire.STORYBOARD:
            found, picture = storyboard.make(film, patience=cpu_seconds / 3)
        elif task == wire.RENDITION:
            found, picture = rendition.make(film, int(at or 0), _teller(channel)), b""
        else:
            found, picture = look.examine(film, at)
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
    except Exception:
        words = traceback.format_exc().encode()
        _tell(channel, wire.CRASHED, words[-wire.MOST_WORDS :])
        sys.exit(1)
    told = json.dumps(found, allow_nan=False, ensure_ascii=False)
    _tell(channel, wire.FACTS, told.encode(errors="replace"))
    if picture:
        _tell(channel, wire.PICTURE, picture)


def _load_all_of_av() -> None:
    """PyAV loads parts of itself when a film first needs them; then it could not any more."""
    import av

    for part in pkgutil.walk_packages(av.__path__, "av."):
        if part.name not in {"av.__main__", "av.datasets"}:
            importlib.import_module(part.name)


def _teller(channel: socket.socket) -> Callable[[bytes], int]:
    """A file's `write`, whose file is with the worker."""

    def write(data: bytes) -> int:
        for start in range(0, len(data), wire.MOST_READ):
            _tell(channel, wire.OUTPUT, bytes(data[start : start + wire.MOST_READ]))
        return len(data)

    return write


def _tell(channel: socket.socket, kind: bytes, body: bytes) -> None:
    channel.sendall(wire.ASKED.pack(kind, 0, len(body)) + body)


if __name__ == "__main__":
    main()
