"""What encoders meet in the wild, and what a rendition makes of it."""

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
