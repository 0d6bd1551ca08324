"""What encoders meet in the wild, and what a rendition makes of it."""

from fractions import Fraction
from io import BytesIO

import av
import numpy
import pytest

from library.storing.examining import rendition


def film(width, height, frames):
    """A silent film of 25 pictures a second."""
    into = BytesIO()
    with av.open(into, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv444p"
        for number in range(frames):
            plain = numpy.full((height, width, 3), number * 5 % 256, numpy.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(plain, format="rgb24")))
        out.mux(stream.encode(None))
    return BytesIO(into.getvalue())


@pytest.mark.parametrize("size", [(321, 243), (243, 321)])
@pytest.mark.parametrize("frames", [1, 30])
def test_a_silent_film_of_odd_size_comes_out_even_and_whole(size, frames):
    data = bytearray()
    found = rendition.make(film(*size, frames), 240, data.extend)
    assert found["width"] % 2 == found["height"] % 2 == 0
    assert min(found["width"], found["height"]) == 240
    with av.open(BytesIO(bytes(data))) as made:
        assert [one.type for one in made.streams] == ["video"]
        pictures = list(made.decode(video=0))
    assert len(pictures) == frames
    assert {(p.width, p.height) for p in pictures} == {(found["width"], found["height"])}


def test_six_channels_of_sound_come_out_as_two_beside_the_picture():
    into = BytesIO()
    with av.open(into, "w", format="matroska") as out:
        picture = out.add_stream("libx264", rate=25)
        picture.width, picture.height, picture.pix_fmt = 320, 240, "yuv420p"
        sound = out.add_stream("aac", rate=48_000, layout="5.1")
        for _ in range(50):
            plain = numpy.zeros((240, 320, 3), numpy.uint8)
            out.mux(picture.encode(av.VideoFrame.from_ndarray(plain, format="rgb24")))
        for number in range(94):
            silence = numpy.zeros((6, 1024), numpy.float32)
            heard = av.AudioFrame.from_ndarray(silence, format="fltp", layout="5.1")
            heard.sample_rate, heard.pts = 48_000, number * 1024
            out.mux(sound.encode(heard))
        out.mux(picture.encode(None))
        out.mux(sound.encode(None))
    data = bytearray()
    assert "problem" not in rendition.make(BytesIO(into.getvalue()), 240, data.extend)
    with av.open(BytesIO(bytes(data))) as made:
        assert made.streams.audio[0].codec_context.layout.nb_channels == 2
        frames = list(made.decode(audio=0))
    assert sum(frame.samples for frame in frames) / 48_000 == pytest.approx(2, abs=0.05)


def test_sound_that_cannot_be_decoded_gets_no_track():
    into = BytesIO()
    with av.open(into, "w", format="mp4") as out:
        picture = out.add_stream("libx264", rate=25)
        picture.width, picture.height, picture.pix_fmt = 320, 240, "yuv420p"
        sound = out.add_stream("aac", rate=48_000, layout="stereo")
        for _ in range(25):
            plain = numpy.zeros((240, 320, 3), numpy.uint8)
            out.mux(picture.encode(av.VideoFrame.from_ndarray(plain, format="rgb24")))
        out.mux(picture.encode(None))
        for number in range(47):
            # An element that stereo sound does not have.
            junk = av.Packet(b"\x60" * 200)
            junk.stream, junk.time_base = sound, Fraction(1, 48_000)
            junk.pts = junk.dts = number * 1024
            junk.duration = 1024
            out.mux(junk)
    data = bytearray()
    assert "problem" not in rendition.make(BytesIO(into.getvalue()), 240, data.extend)
    with av.open(BytesIO(into.getvalue())) as original:
        assert [one.type for one in original.streams] == ["video", "audio"]
    with av.open(BytesIO(bytes(data))) as made:
        assert [one.type for one in made.streams] == ["video"]
        assert len(list(made.decode(video=0))) == 25


def test_a_film_that_is_shown_turned_comes_out_upright():
    into = BytesIO()
    with av.open(into, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 480, 320, "yuv420p"
        for _ in range(10):
            bright_above = numpy.zeros((320, 480, 3), numpy.uint8)
            bright_above[:160] = 255
            out.mux(stream.encode(av.VideoFrame.from_ndarray(bright_above, format="rgb24")))
        out.mux(stream.encode(None))
    straight, clockwise = (
        b"".join(number.to_bytes(4, "big", signed=True) for number in matrix)
        for matrix in (
            (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30),
            (0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30),
        )
    )
    # The matrix of the film stays; that of its one track is turned.
    before, track, after = into.getvalue().split(straight)
    data = bytearray()
    source = BytesIO(before + straight + track + clockwise + after)
    found = rendition.make(source, 240, data.extend)
    assert (found["width"], found["height"]) == (240, 360)
    with av.open(BytesIO(bytes(data))) as made:
        picture = next(made.decode(video=0))
    assert (picture.width, picture.height, picture.rotation) == (240, 360, 0)
    shown = picture.to_ndarray(format="gray")
    # What was above is at the right.
    assert shown[:, 140:].min() > 200 > 50 > shown[:, :100].max()
