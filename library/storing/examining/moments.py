"""The pictures of a film at given moments, for as much work as somebody has patience for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from time import process_time

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from library.storing.examining.poster import damage_is_passed_over

# Further ahead than this it is quicker to jump than to decode all that lies between.
_JUMP_SECONDS = 4.0
# A damaged film may hold no picture for long; and a key frame may be a minute back.
_MOST_PACKETS = 4000


class Moments:
    """
    `at(second)` is the last picture that begins no later, or one within `near` seconds.

    Ask in rising order. After `patience` seconds of work it gives the key frame before the
    moment, which costs one picture only.
    """

    def __init__(
        self,
        film: InputContainer,
        stream: VideoStream,
        *,
        near: float = 0.0,
        patience: float = math.inf,
    ) -> None:
        self._film, self._stream, self._near = film, stream, near
        self._until = process_time() + patience
        self._start = (film.start_time or 0) / av.time_base
        self._frames: Iterator[VideoFrame] = iter(())
        self._shown: VideoFrame | None = None
        self._next: VideoFrame | None = None

    def at(self, second: float) -> VideoFrame | None:
        """None where no picture can be decoded there."""
        is_hurried = process_time() > self._until
        if is_hurried or self._is_far(second):
            self._jump(second)
        while True:
            if self._next is None:
                self._next = next(self._frames, None)
            if self._next is None or self._is_later(self._next, second):
                return self._shown or self._next
            self._shown, self._next = self._next, None
            if is_hurried or self._time(self._shown) >= second - self._near:
                return self._shown

    def _is_far(self, second: float) -> bool:
        return self._shown is None or second - self._time(self._shown) > _JUMP_SECONDS

    def _is_later(self, frame: VideoFrame, second: float) -> bool:
        return self._time(frame) > second

    def _time(self, frame: VideoFrame) -> float:
        return frame.time - self._start if frame.time is not None else 0.0

    def _jump(self, second: float) -> None:
        self._next = None
        with damage_is_passed_over():
            self._film.seek(int((second + self._start) * av.time_base))
            self._frames = self._decoded()

    def _decoded(self) -> Iterator[VideoFrame]:
        packets = iter(self._film.demux(self._stream))
        for _ in range(_MOST_PACKETS):
            decoded: list[VideoFrame] = []
            packet = None
            with damage_is_passed_over():
                packet = next(packets, None)
                if packet is None:
                    return
                decoded = list(self._stream.decode(packet))
            yield from decoded
            if packet is None:
                return
