"""One telling frame of a film, as a JPEG small enough for a page of many."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from statistics import fmean, pstdev

import av
from av.codec import CodecContext
from av.container import InputContainer
from av.error import FFmpegError
from av.filter import Graph
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from library.storing.examining.wire import MOST_POSTER

WIDEST = 1280
# From good to poor; FFmpeg's best is 1 and its worst 31. Noise fills a poster quickly.
QUALITIES = (4, 10, 20, 31)
# Where to look, as shares of the film: past the titles first, then elsewhere.
PLACES = (0.1, 0.25, 0.5, 0.0)
# What a frame must have to be taken at once: light, but not only light, and some contrast.
_LIGHT, _CONTRAST = (35, 225), 18
# A damaged film may hold no picture for long: look at so many packets in one place.
_MOST_PACKETS = 400


def frames(film: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """The first frame that can be decoded at each of a few places in the film."""
    duration = film.duration or 0
    for place in PLACES if duration else (0.0,):
        with damage_is_passed_over():
            film.seek(int((film.start_time or 0) + duration * place))
            if frame := _next_frame(film, stream):
                yield frame


def _next_frame(film: InputContainer, stream: VideoStream) -> VideoFrame | None:
    for number, packet in enumerate(film.demux(stream)):
        with damage_is_passed_over():
            for frame in stream.decode(packet):
                return frame
        if number > _MOST_PACKETS:
            break
    return None


@contextmanager
def damage_is_passed_over() -> Iterator[None]:
    try:
        yield
    except MemoryError:
        # Not the film's damage but our limit; PyAV makes it one of its own errors too.
        raise
    except FFmpegError:
        pass


def most_telling(candidates: Iterator[VideoFrame]) -> VideoFrame | None:
    """The first frame that is neither dark nor bare, or else the one with most contrast."""
    best, best_contrast = None, -1.0
    for frame in candidates:
        light, contrast = _look_of(frame)
        if _LIGHT[0] <= light <= _LIGHT[1] and contrast >= _CONTRAST:
            return frame
        if contrast > best_contrast:
            best, best_contrast = frame, contrast
    return best


def _look_of(frame: VideoFrame) -> tuple[float, float]:
    """Mean brightness and contrast, both from 0 to 255."""
    small = frame.reformat(width=32, height=18, format="gray", threads=1)
    plane = small.planes[0]
    line = plane.line_size
    pixels = bytes(plane)
    seen = [pixel for row in range(18) for pixel in pixels[row * line : row * line + 32]]
    return fmean(seen), pstdev(seen)


def jpeg(frame: VideoFrame, aspect: Fraction | None) -> bytes:
    """`frame` upright, with square pixels, as large as WIDEST and MOST_POSTER let it be."""
    return coded(shown(frame, aspect, WIDEST, WIDEST), MOST_POSTER)


def shown(frame: VideoFrame, aspect: Fraction | None, widest: int, highest: int) -> VideoFrame:
    """`frame` upright, with square pixels, and no larger than that."""
    rotation = frame.rotation % 360
    if rotation % 180:
        widest, highest = highest, widest
    width, height = _shown_size(frame, aspect, widest, highest)
    picture = frame.reformat(
        width=width, height=height, format="yuvj420p", dst_color_range="JPEG", threads=1
    )
    return _upright(picture, rotation)


def coded(picture: VideoFrame, most: int) -> bytes:
    """As good as `most` bytes let it be; nothing where they do not."""
    for quality in QUALITIES:
        made = _coded(picture, quality)
        if len(made) <= most:
            return made
    return b""


def _coded(picture: VideoFrame, quality: int) -> bytes:
    coder = CodecContext.create("mjpeg", "w")
    assert isinstance(coder, VideoCodecContext)
    coder.width, coder.height = picture.width, picture.height
    coder.pix_fmt, coder.time_base = "yuvj420p", Fraction(1, 25)
    coder.thread_count = 1
    # FFmpeg counts quality in steps of 118.
    coder.options = {"flags": "+qscale", "global_quality": str(quality * 118)}
    picture.pts = 0
    return b"".join(bytes(packet) for packet in [*coder.encode(picture), *coder.encode(None)])


def _shown_size(
    frame: VideoFrame, aspect: Fraction | None, widest: int, highest: int
) -> tuple[int, int]:
    """Of the frame as it lies: its pixels made square, within both bounds."""
    # A stream may claim any shape; past these bounds it is no picture.
    shape = float(Fraction(frame.width, frame.height) * (aspect or 1))
    shape = min(max(shape, 1 / 8), 8.0)
    height = min(frame.height, highest, widest / shape)
    return max(int(height * shape), 16) & ~1, max(int(height), 16) & ~1


def _upright(picture: VideoFrame, rotation: int) -> VideoFrame:
    turns = {90: ["cclock"], 180: ["clock", "clock"], 270: ["clock"]}.get(rotation, [])
    if not turns:
        return picture
    graph = Graph()
    graph.threads = 1
    source = graph.add_buffer(
        width=picture.width,
        height=picture.height,
        format=picture.format,
        time_base=Fraction(1, 25),
    )
    chain = [source, *(graph.add("transpose", turn) for turn in turns), graph.add("buffersink")]
    for first, second in pairwise(chain):
        first.link_to(second)
    graph.configure()
    picture.pts = 0
    graph.push(picture)
    turned = graph.pull()
    assert isinstance(turned, av.VideoFrame)
    return turned
