"""What is seen and heard together in a film is so in its renditions, from beginning to end."""

import random
from fractions import Fraction
from io import BytesIO

import av
import numpy
import pytest

from library.renditions.fragments import Fragments
from library.storing.examining import rendition

# One picture of 25 a second, and what the ear takes for the same moment.
FRAME, HEARD = 0.04, 0.05
MARK = 0.3
EVENLY = [number / 25 for number in range(25 * 12)]


def film(times, sound, marks, *, container="matroska", rate=48_000, late_in_file=0.0):
    """
    Pictures at `times`, sound in the spans `sound`; black and silence, but at each of the
    `marks` white and a tone. Sound lies in the file `late_in_file` seconds after its picture.
    """
    into = BytesIO()
    with av.open(into, "w", format=container) as out:
        picture = out.add_stream("libx264", rate=25)
        picture.width, picture.height, picture.pix_fmt = 320, 240, "yuv420p"
        picture.time_base = picture.codec_context.time_base = Fraction(1, 90_000)
        picture.codec_context.options = {"preset": "ultrafast", "bf": "0", "tune": "zerolatency"}
        heard = out.add_stream("aac", rate=rate, layout="mono")
        todo = [(second, 0, second) for second in times]
        for begin, end in sound:
            starts = range(round(begin * rate), round(end * rate), 1024)
            todo += [(at / rate + late_in_file, 1, at) for at in starts]
        for _, is_sound, at in sorted(todo):
            if is_sound:
                out.mux(heard.encode(_tone(at, rate, marks)))
            else:
                out.mux(picture.encode(_picture(at, marks)))
        out.mux(picture.encode(None))
        out.mux(heard.encode(None))
    return into.getvalue()


def _picture(second, marks):
    white = any(mark <= second < mark + MARK for mark in marks)
    plain = numpy.full((240, 320, 3), 255 if white else 0, numpy.uint8)
    frame = av.VideoFrame.from_ndarray(plain, format="rgb24")
    frame.pts, frame.time_base = round(second * 90_000), Fraction(1, 90_000)
    return frame


def _tone(at, rate, marks):
    seconds = (numpy.arange(1024) + at) / rate
    loud = sum((seconds >= mark) & (seconds < mark + MARK) for mark in marks)
    samples = (0.5 * loud * numpy.sin(2 * numpy.pi * 1000 * seconds)).astype(numpy.float32)
    frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
    return frame


def made(source):
    data = bytearray()
    found = rendition.make(BytesIO(source), 240, data.extend)
    assert "problem" not in found
    return bytes(data)


def pictures(data):
    """The moment of each, and whether it is white."""
    with av.open(BytesIO(data)) as opened:
        return [(p.time, p.to_ndarray(format="gray").mean() > 128) for p in opened.decode(video=0)]


def sound(data):
    """Spans of it, each with whether it is loud, a few milliseconds long."""
    found = []
    with av.open(BytesIO(data)) as opened:
        for frame in opened.decode(audio=0):
            samples = numpy.abs(frame.to_ndarray()).max(axis=0)
            for at in range(0, frame.samples, 64):
                moment = frame.time + at / frame.sample_rate
                found.append((moment, samples[at : at + 64].max() > 0.2))
    return found


def begins(spans):
    """The moments at which the marks begin."""
    found, until = [], -1.0
    for moment, is_on in spans:
        if is_on and moment > until + 0.5:
            found.append(moment)
        if is_on:
            until = moment
    return found


def packets(data, kind):
    with av.open(BytesIO(data)) as opened:
        stream = getattr(opened.streams, kind)[0]
        return [float(p.pts * p.time_base) for p in opened.demux(stream) if p.pts is not None]


def is_together(source, data):
    """Marks are where they were, of the picture and of the sound."""
    seen, heard = begins(pictures(data)), begins(sound(data))
    assert seen == pytest.approx(begins(pictures(source)), abs=FRAME)
    assert heard == pytest.approx(begins(sound(source)), abs=HEARD)
    return len(seen) == len(heard)


@pytest.mark.parametrize("container", ["matroska", "mp4", "mpegts"])
def test_sound_that_begins_later_than_the_picture_does_so_in_a_rendition(container):
    source = film(EVENLY, [(2.5, 12)], [3, 11.4], container=container)
    data = made(source)
    assert is_together(source, data)
    first = next(moment for moment, loud in sound(data) if loud)
    assert first == pytest.approx(3, abs=HEARD + (1.6 if container == "mpegts" else 0))
    # From the first moment there is something to be heard, if nothing but silence.
    assert packets(data, "audio")[0] == packets(data, "video")[0] == 0


def test_picture_that_begins_later_than_the_sound_does_so_in_a_rendition():
    source = film([second + 3 for second in EVENLY], [(0, 15)], [3.6, 14.4])
    data = made(source)
    assert is_together(source, data)
    assert packets(data, "audio")[0] == 0


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_an_ordinary_film_begins_at_once_and_is_together_at_its_end(rate):
    source = film(EVENLY, [(0, 12)], [0.2, 11.4], rate=rate)
    data = made(source)
    assert is_together(source, data)
    assert [moment for moment, _ in pictures(data)] == pytest.approx(EVENLY, abs=0.002)
    assert packets(data, "audio")[0] == 0


def test_each_fragment_has_sound_also_where_the_film_has_none():
    times = [number / 5 for number in range(5 * 45)]
    source = film(times, [(14, 16), (40, 41)], [14.5, 40.5])
    data = made(source)
    assert is_together(source, data)
    fragments = Fragments()
    fragments.add(data)
    index = fragments.index()
    end = 0.0
    for offset, size, seconds in index["fragments"]:
        alone = data[: index["head"]] + data[offset : offset + size]
        first, last = packets(alone, "audio")[0], packets(alone, "audio")[-1]
        end += seconds
        assert first < end
        assert last > end - 1
    assert end == pytest.approx(45, abs=0.3)


def test_sound_that_lies_far_behind_its_picture_in_the_file_is_not_lost():
    times = [number / 5 for number in range(5 * 60)]
    source = film(times, [(0, 60)], [30, 58], late_in_file=20)
    data = made(source)
    assert is_together(source, data)


def test_pictures_keep_their_moments_however_far_they_lie_apart():
    lots = random.Random(7)
    second, times = 0.0, []
    while second < 20:
        times.append(second)
        second += lots.choice([1 / 60, 1 / 30, 1 / 24, 0.1, 0.5, 3])
    times += [20.0, 29.0, 29.1]
    marks = [times[3], 29]
    source = film(times, [(0, 30)], marks)
    data = made(source)
    before, after = pictures(source), pictures(data)
    assert [moment for moment, _ in after] == pytest.approx([m for m, _ in before], abs=0.002)
    assert [moment for moment, _ in after] == pytest.approx(times, abs=0.002)
    heard = begins(sound(data))
    assert heard == pytest.approx(marks, abs=HEARD)
    assert begins(after)[-1] - heard[-1] == pytest.approx(0, abs=HEARD)


def test_the_last_picture_stays_for_as_long_as_there_is_sound():
    data = made(film([0.0, 1.0, 2.0], [(0, 9)], [1]))
    fragments = Fragments()
    fragments.add(data)
    assert sum(seconds for _, _, seconds in fragments.index()["fragments"]) == pytest.approx(
        9, abs=0.1
    )
