"""
A film once more, smaller and as every browser plays it: one fragmented MP4, H.264 and AAC.

Each fragment begins with a key frame, four seconds after the one before or at the next
picture there is. Pictures keep their moments, however far they lie apart. It is written from
beginning to end, so that nobody has to seek in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from typing import Any

import av
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from library.storing.examining import poster, probing
from library.storing.examining.poster import damage_is_passed_over
from library.storing.examining.sounding import SAMPLES, Sound

FRAGMENT_SECONDS = 4.0
CLOCK = 90_000
# For each quality: the most bits a second of its picture, and of its sound.
BITS = {
    1080: (5_000_000, 160_000),
    720: (2_800_000, 128_000),
    480: (1_300_000, 128_000),
    240: (400_000, 64_000),
}
_FRAGMENTED = "frag_keyframe+empty_moov+default_base_moof+skip_trailer"
# In microseconds: longer than sound, or silence in its place, comes after its picture.
_WAITS_FOR_SOUND = "20000000"
_UNBOUND = 100_000
# An MP4 counts how long a picture stays in 31 bits.
_LONGEST_STAY = 6 * 3600 * CLOCK
# About a minute of sound: where none of it can be decoded, the film counts as silent.
_SOUND_PACKETS = 3000


class _Out:
    """What PyAV writes to: it gets no place to seek in."""

    def __init__(self, write: Any) -> None:
        self.write = write


def make(source: Any, quality: int, write: Any) -> dict[str, Any]:
    """Give the rendition to `write(bytes)`, piece after piece; or the problem there is."""
    try:
        heard = _is_heard(source)
        source.seek(0)
        film = probing.open_film(source)
    except MemoryError:
        raise
    except FFmpegError:
        return {"problem": "unreadable"}
    stream = probing.picture(film)
    if stream is None:
        return {"problem": "no_picture"}
    options = {"movflags": _FRAGMENTED, "max_interleave_delta": _WAITS_FOR_SOUND}
    with av.open(_Out(write), "w", format="mp4", options=options) as out:
        return _Making(film, stream, quality, out, heard).run()


def _is_heard(source: Any) -> bool:
    """Whether its sound can be decoded: the header names the tracks before there is any."""
    with probing.open_film(source) as film:
        sound = _sound_of(film)
        if sound is None:
            return False
        with damage_is_passed_over():
            for packet in islice(film.demux(sound), _SOUND_PACKETS):
                frames: list[Any] = []
                with damage_is_passed_over():
                    frames = list(packet.decode())
                if frames:
                    return True
    return False


def _sound_of(film: InputContainer) -> AudioStream | None:
    return next((s for s in film.streams.audio if s.codec_context is not None), None)


class _Making:
    def __init__(
        self,
        film: InputContainer,
        stream: VideoStream,
        quality: int,
        out: OutputContainer,
        heard: bool,
    ) -> None:
        self.film, self.stream, self.quality, self.out = film, stream, quality, out
        stream.codec_context.thread_count = 1
        self.heard = _sound_of(film) if heard else None
        self.start = Fraction(film.start_time or 0, av.time_base)
        self.picture_out: VideoStream | None = None
        self.sound = Sound(self.start)
        self.lies = (0, 0)
        self.last_picture, self.next_key = -1, 0.0

    def run(self) -> dict[str, Any]:
        for frame in self._decoded():
            if isinstance(frame, VideoFrame):
                self._see(frame)
            else:
                self.sound.hear(frame)
        if self.picture_out is None:
            return {"problem": "no_frame"}
        if self.heard is not None:
            self.sound.end(self.last_picture / CLOCK)
        last = self.picture_out.encode(None)
        if last and last[-1].pts is not None:
            # The last picture stays for as long as there is sound.
            rest = round(self.sound.seconds * CLOCK) - last[-1].pts
            last[-1].duration = min(max(last[-1].duration or 0, rest), _LONGEST_STAY)
        self.out.mux(last)
        return {"width": self.picture_out.width, "height": self.picture_out.height}

    def _decoded(self) -> Iterator[Any]:
        streams = [self.stream, *([self.heard] if self.heard else [])]
        packets = iter(self.film.demux(streams))
        while True:
            packet: Packet | None = None
            frames: list[Any] = []
            try:
                packet = next(packets, None)
            except MemoryError:
                raise
            except FFmpegError:
                # What cannot be read ends it here, as it ends in a player.
                return
            if packet is None:
                return
            with damage_is_passed_over():
                frames = list(packet.decode())
            yield from frames

    # --- the picture

    def _see(self, frame: VideoFrame) -> None:
        if frame.time is None:
            return
        if self.picture_out is None:
            self._begin(frame)
        assert self.picture_out is not None
        second = max(float(frame.time - self.start), 0.0)
        at = round(second * CLOCK)
        if at <= self.last_picture:
            return
        self.last_picture = at
        if self.heard is not None:
            self.sound.keep_up(second)
        stays = round(frame.duration * frame.time_base * CLOCK) if frame.time_base else 0
        width, height = self.lies
        made = frame.reformat(width=width, height=height, format="yuv420p", threads=1)
        made = poster._upright(made, frame.rotation % 360)
        made.pts, made.time_base = at, Fraction(1, CLOCK)
        made.duration = min(max(stays, 0), _LONGEST_STAY)
        made.pict_type = PictureType.NONE
        if second >= self.next_key:
            made.pict_type = PictureType.I
            self.next_key = second + FRAGMENT_SECONDS - 0.001
        self.out.mux(self.picture_out.encode(made))

    def _begin(self, frame: VideoFrame) -> None:
        aspect = self.stream.sample_aspect_ratio
        shape = Fraction(frame.width, frame.height) * (aspect or 1)
        bounds = (_UNBOUND, self.quality) if shape >= 1 else (self.quality, _UNBOUND)
        self.lies = poster._shown_size(frame, aspect, *bounds)
        across = frame.rotation % 180 != 0
        most, heard = BITS[self.quality]
        rate = self.stream.average_rate or self.stream.guessed_rate or Fraction(25)
        rate = min(max(rate, Fraction(1)), Fraction(120))
        picture = self.out.add_stream("libx264", rate=rate)
        assert isinstance(picture, VideoStream)
        picture.width, picture.height = self.lies[::-1] if across else self.lies
        picture.pix_fmt = "yuv420p"
        picture.time_base = picture.codec_context.time_base = Fraction(1, CLOCK)
        picture.codec_context.thread_count = 1
        picture.codec_context.flags |= Flags.frame_duration
        picture.codec_context.options = {
            "preset": "veryfast",
            "crf": "23",
            "maxrate": str(most),
            "bufsize": str(2 * most),
            # Key frames come by the clock alone, and nothing is shown before it is decoded.
            "bf": "0",
            "g": "100000",
            "sc_threshold": "0",
            "forced-idr": "1",
        }
        self.picture_out = picture
        if self.heard is not None:
            sound = self.out.add_stream("aac", rate=SAMPLES, layout="stereo")
            sound.bit_rate = heard
            self.sound.begin(sound, self.out.mux)
