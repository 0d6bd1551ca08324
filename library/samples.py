"""
Files to try a library with: patterned bytes of any size, and real films that play.

Both are made in constant memory and are the same every time. A film shows moving shapes
and the time, and its sound beeps once a second, so that one can see and hear a jump.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from random import Random

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import BlockingIOError as NothingMore
from av.error import EOFError as NothingLeft
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

# Called with what is done and what there is to do.
Progress = Callable[[int, int], object]

_UNITS = {"": 1, "b": 1} | {
    f"{letter}{ending}": base**power
    for power, letter in enumerate("kmgt", start=1)
    for ending, base in (("", 1024), ("ib", 1024), ("b", 1000))
}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)", re.IGNORECASE)

_BLOCK, _PAGE = 1024 * 1024, 4096
_READ = 1024 * 1024
_RATE = 48_000

# What goes into which container: picture, sound, and how they are coded in a hurry.
_H264 = ("libx264", {"preset": "ultrafast"}, "aac")
_VP9 = ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "row-mt": "1"}, "libopus")
CODECS = {".mp4": _H264, ".m4v": _H264, ".mov": _H264, ".mkv": _H264, ".webm": _VP9}
# FFmpeg's own pictures, each with what makes it the same every time.
SCENES = {
    "shapes": "testsrc2",  # shapes that move over bars of colour, and a running time code
    "seconds": "testsrc",  # the seconds, in large figures
    "colours": "gradients:seed=1:nb_colors=4:speed=0.02",
    "fractal": "mandelbrot:maxiter=500",
}
# Up to here the shapes alone fill the size asked for; beyond, noise does. Past the second
# bound no noise is strong enough.
_PLAIN_BITS, _MOST_BITS = 0.2, 8.0
_SOUND_BITS = 128_000


def parse_size(text: str) -> int:
    """Bytes from "1GiB", "300 MiB", "10MB", "1.5G" or "12345"."""
    match = _SIZE.fullmatch(text.strip())
    unit = match and _UNITS.get(match[2].lower())
    if not match or not unit:
        raise ValueError(f"{text!r} is not a size. Write it as 300MiB, 1GiB or a number of bytes.")
    return int(Fraction(match[1]) * unit)


def write_pattern(path: Path, size: int, progress: Progress | None = None) -> str:
    """
    Write `size` bytes, no page of which is like another; return their SHA-256.

    Each page of 4 KiB begins with its number, so a misplaced byte shows.
    """
    block = bytearray(Random(0).randbytes(_BLOCK))  # noqa: S311
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for start in range(0, size, _BLOCK):
            for page in range(0, _BLOCK, _PAGE):
                block[page : page + 8] = ((start + page) // _PAGE).to_bytes(8, "big")
            portion = memoryview(block)[: size - start]
            file.write(portion)
            digest.update(portion)
            if progress:
                progress(start + len(portion), size)
    return digest.hexdigest()


def write_film(
    path: Path,
    *,
    seconds: float = 10,
    width: int = 640,
    height: int = 360,
    fps: int = 25,
    size: int | None = None,
    sound: bool = True,
    scene: str = "shapes",
    progress: Progress | None = None,
) -> None:
    """
    Write a film in the container that the name's ending asks for; see CODECS and SCENES.

    With `size` it comes within a few percent of so many bytes, whatever its length.
    """
    bits = None if size is None else int(size * 8 / seconds) - (_SOUND_BITS if sound else 0)
    per_pixel = (bits or 0) / (width * height * fps)
    if bits is not None and bits <= 0:
        raise ValueError(f"{size} bytes are too few for a film of {seconds} seconds.")
    if per_pixel > _MOST_BITS:
        raise ValueError(
            f"{size} bytes are too many for {seconds} seconds of {width} x {height}: "
            "make it longer or larger."
        )
    noise = 0 if per_pixel < _PLAIN_BITS else min(int(15 + per_pixel * 15), 100)
    form = f"size={width}x{height}:rate={fps}"
    pictures = _pictures(f"{SCENES[scene]}:{form}", seconds, noise)
    sounds = _sounds(seconds) if sound else iter(())
    total = round(seconds * fps)
    with av.open(str(path), "w", options=_container_options(path)) as film:
        picture = _picture_track(film, path, width, height, fps, bits)
        track = _sound_track(film, path) if sound else None
        for number, frame in enumerate(pictures, start=1):
            film.mux(picture.encode(frame))
            _keep_up(film, track, sounds, frame.time)
            if progress:
                progress(min(number, total), total)
        film.mux(picture.encode(None))
        _keep_up(film, track, sounds, seconds)
        if track is not None:
            film.mux(track.encode(None))


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while portion := file.read(_READ):
            digest.update(portion)
    return digest.hexdigest()


def _container_options(path: Path) -> dict[str, str]:
    # The index in front: a player can begin before it has the end.
    return {"movflags": "+faststart"} if path.suffix.lower() in {".mp4", ".m4v", ".mov"} else {}


def _picture_track(
    film: OutputContainer, path: Path, width: int, height: int, fps: int, bits: int | None
) -> VideoStream:
    codec, options, _ = CODECS[path.suffix.lower()]
    # A key frame every two seconds: jumping lands close by.
    control = {"g": str(fps * 2)}
    if bits is not None:
        control |= dict.fromkeys(("b", "minrate", "maxrate", "bufsize"), str(bits))
    track = film.add_stream(codec, rate=fps, options=options | control)
    assert isinstance(track, VideoStream)
    track.width, track.height, track.pix_fmt = width, height, "yuv420p"
    return track


def _sound_track(film: OutputContainer, path: Path) -> AudioStream:
    track = film.add_stream(CODECS[path.suffix.lower()][2], rate=_RATE, layout="stereo")
    assert isinstance(track, AudioStream)
    return track


def _pictures(source: str, seconds: float, noise: int) -> Iterator[VideoFrame]:
    graph = Graph()
    name, _, form = source.partition(":")
    parts = [graph.add(name, form), graph.add("trim", f"duration={seconds}")]
    if noise:
        parts.append(graph.add("noise", f"alls={noise}:allf=t:all_seed=1"))
    parts += [graph.add("format", "yuv420p"), graph.add("buffersink")]
    graph.link_nodes(*parts).configure()
    for frame in _pulled(graph):
        assert isinstance(frame, VideoFrame)
        frame.pict_type = 0
        yield frame


def _sounds(seconds: float) -> Iterator[AudioFrame]:
    graph = Graph()
    sine = f"frequency=220:beep_factor=4:sample_rate={_RATE}:duration={seconds}"
    parts = [
        graph.add("sine", sine),
        graph.add("aformat", "sample_fmts=fltp:channel_layouts=stereo"),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*parts).configure()
    for frame in _pulled(graph):
        assert isinstance(frame, AudioFrame)
        yield frame


def _pulled(graph: Graph) -> Iterator[VideoFrame | AudioFrame]:
    while True:
        try:
            yield graph.pull()
        except (NothingLeft, NothingMore):
            return


def _keep_up(
    film: OutputContainer,
    track: AudioStream | None,
    sounds: Iterator[AudioFrame],
    seconds: float,
) -> None:
    """Sound up to the picture's time, so that neither waits in memory for the other."""
    if track is None:
        return
    for frame in sounds:
        film.mux(track.encode(frame))
        if frame.time is not None and frame.time >= seconds:
            return
