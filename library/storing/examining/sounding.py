"""
The sound of a rendition: two channels, from the film's first moment to its last picture.

Where the film has none for a while, silence is written in its place. A player that takes
films by their fragments waits for ever at one that lacks what the others have, and a
fragmented MP4 says of its first sound that it begins with the film.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.packet import Packet

from library.storing.examining.poster import damage_is_passed_over

SAMPLES = 48_000
_FRAME = 1024
# Sound closer than this follows what was before: containers round their moments.
_PAUSE = 2 * _FRAME
# So far behind its picture sound may lie in a file; until then it may still come.
_BEHIND = 8 * SAMPLES
# A longer pause is damage, or nobody waits for it: it stays as it is.
_MOST_SILENCE = 120 * SAMPLES
# A minute of sound without a picture is no film that could begin.
_MOST_WAITING = 3000

Mux = Callable[[list[Packet]], None]


class Sound:
    """
    Takes decoded sound in the order of the file, whose first moment is `start`. What is
    heard before `begin` waits: the rendition begins with picture and sound together.
    """

    def __init__(self, start: Fraction) -> None:
        self._start = start
        self._out: AudioStream | None = None
        self._mux: Mux = lambda packets: None
        self._waiting: list[AudioFrame] = []
        self._resampler = _resampler()
        self._expected: Fraction | None = None
        # In samples: where what is written ends, and where the last of it begins.
        self._until, self._last = 0, -1
        self._fills_ahead = True

    @property
    def seconds(self) -> Fraction:
        """How long what is written lasts."""
        return Fraction(self._until, SAMPLES)

    def begin(self, out: AudioStream, mux: Mux) -> None:
        self._out, self._mux = out, mux
        for frame in self._waiting:
            self._write(frame)
        self._waiting.clear()

    def hear(self, frame: AudioFrame) -> None:
        if self._jumps(frame):
            # Sound from both sides of a pause must not come into one frame.
            self._flush()
            self._resampler = _resampler()
        with damage_is_passed_over():
            self._take(self._resampler.resample(frame))

    def keep_up(self, second: float) -> None:
        """The picture is at `second`: sound that did not come by now is none."""
        if self._fills_ahead:
            self._fill(round(second * SAMPLES) - _BEHIND)

    def end(self, second: float) -> None:
        """The last picture is at `second`."""
        assert self._out is not None
        self._flush()
        self._fill(round(second * SAMPLES))
        self._put(self._out.encode(None))

    def _jumps(self, frame: AudioFrame) -> bool:
        """Whether it does not follow what came before."""
        if frame.pts is None or frame.time_base is None or not frame.sample_rate:
            return False
        at, before = frame.pts * frame.time_base, self._expected
        self._expected = at + Fraction(frame.samples, frame.sample_rate)
        return before is not None and abs(at - before) * SAMPLES > _PAUSE

    def _flush(self) -> None:
        with damage_is_passed_over():
            self._take(self._resampler.resample(None))

    def _take(self, frames: list[AudioFrame]) -> None:
        if self._out is None:
            self._waiting = [*self._waiting, *frames][-_MOST_WAITING:]
            return
        for frame in frames:
            self._write(frame)

    def _write(self, frame: AudioFrame) -> None:
        if frame.pts is None or frame.time_base is None:
            return
        at = round((frame.pts * frame.time_base - self._start) * SAMPLES)
        if at < 0:
            return
        if at <= self._last:
            # It comes later in the file than we wait for it; what follows shall not be lost.
            self._fills_ahead = False
            return
        if at - self._until > (_PAUSE if self._last >= 0 else 0):
            self._fill(at)
        self._encode(frame, at)

    def _fill(self, until: int) -> None:
        """Silence up to there."""
        if until - self._until <= _MOST_SILENCE:
            for at in range(self._until, until, _FRAME):
                self._encode(_silence(min(_FRAME, until - at)), at)
        self._until = max(until, self._until)

    def _encode(self, frame: AudioFrame, at: int) -> None:
        assert self._out is not None
        self._last, self._until = at, at + frame.samples
        frame.pts, frame.time_base = at, Fraction(1, SAMPLES)
        self._put(self._out.encode(frame))

    def _put(self, packets: list[Packet]) -> None:
        # An encoder begins with a frame from before the first moment, of nothing. With it
        # all that is seen and heard would come so much later.
        self._mux([one for one in packets if one.pts is None or one.pts >= 0])


def _resampler() -> AudioResampler:
    return AudioResampler(format="fltp", layout="stereo", rate=SAMPLES, frame_size=_FRAME)


def _silence(samples: int) -> AudioFrame:
    frame = AudioFrame(format="fltp", layout="stereo", samples=samples)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate = SAMPLES
    return frame
