"""The real program, on films and on what pretends to be one."""

import socket
from fractions import Fraction
from io import BytesIO
from random import Random

import av
import pytest

from library import samples
from library.storing import probe
from library.storing.errors import ExaminationBroke, Interrupted
from library.storing.probe import Limits


def examine(data, **options):
    return probe.examine(lambda p, n: data[p : p + n], len(data), **options)


def picture_of(poster):
    with av.open(BytesIO(poster)) as picture:
        return next(picture.decode(video=0))


def remuxed(data, form, kinds=("video", "audio"), rotation=None):
    """The same streams, or some of them, in another container."""
    made = BytesIO()
    with av.open(BytesIO(data)) as old, av.open(made, "w", format=form) as new:
        streams = [stream for stream in old.streams if stream.type in kinds]
        copies = {stream: new.add_stream_from_template(stream) for stream in streams}
        if rotation is not None:
            copies[streams[0]].set_display_rotation(rotation)
        for packet in old.demux(streams):
            if packet.dts is not None:
                packet.stream = copies[packet.stream]
                new.mux(packet)
    return made.getvalue()


def filmed(form, codec):
    """Ten seconds of another codec, black at first and then half white."""
    made = BytesIO()
    with av.open(made, "w", format=form) as film:
        track = film.add_stream(codec, rate=25, options={"g": "25"})
        track.width, track.height, track.pix_fmt = 64, 48, "yuv420p"
        for number in range(250):
            frame = av.VideoFrame(64, 48, "gray")
            white = 0 if number < 100 else 255
            plane = frame.planes[0]
            plane.update(bytes([0] * 24 + [white] * (plane.line_size - 24)) * 48)
            frame = frame.reformat(format="yuv420p")
            frame.pts = number
            film.mux(track.encode(frame))
        film.mux(track.encode(None))
    return made.getvalue()


class TestAFilm:
    def test_mp4(self, film):
        found = examine(film)
        assert found.facts.problem == ""
        assert (found.facts.width, found.facts.height, found.facts.frame_rate) == (320, 180, 25)
        assert found.facts.duration == pytest.approx(3, abs=0.1)
        video, audio = found.facts.streams
        assert (video["kind"], video["codec"], video["width"]) == ("video", "h264", 320)
        assert (audio["kind"], audio["codec"], audio["channels"]) == ("audio", "aac", 2)
        assert audio["sample_rate"] == 48_000

    def test_webm(self, webm):
        found = examine(webm)
        assert found.facts.format == "matroska,webm"
        assert [stream["codec"] for stream in found.facts.streams] == ["vp9", "opus"]

    @pytest.mark.parametrize(
        ("form", "name"),
        [
            ("mov", "mov,mp4,m4a,3gp,3g2,mj2"),
            ("matroska", "matroska,webm"),
            ("mpegts", "mpegts"),
            ("flv", "flv"),
        ],
    )
    def test_the_same_film_in_other_containers(self, film, form, name):
        found = examine(remuxed(film, form))
        assert (found.facts.format, found.facts.width) == (name, 320)
        assert found.poster

    @pytest.mark.parametrize(
        ("form", "codec"),
        [("avi", "mpeg4"), ("mpeg", "mpeg2video"), ("ogg", "libvpx"), ("asf", "wmv2")],
    )
    def test_other_films(self, form, codec):
        found = examine(filmed(form, codec))
        assert (found.facts.problem, found.facts.format, found.facts.width) == ("", form, 64)

    def test_without_sound(self, film):
        assert len(examine(remuxed(film, "mp4", ("video",))).facts.streams) == 1

    def test_few_of_its_bytes_are_read(self, tmp_path):
        path = tmp_path / "long.mp4"
        samples.write_film(path, seconds=20, width=320, height=180, size=8_000_000)
        data, asked = path.read_bytes(), 0

        def read(position, length):
            nonlocal asked
            asked += length
            return data[position : position + length]

        probe.examine(read, len(data))
        assert asked < len(data) / 4


class TestThePoster:
    def test_is_a_jpeg_of_the_films_shape(self, film):
        frame = picture_of(examine(film).poster)
        assert (frame.format.name, frame.width, frame.height) == ("yuvj420p", 320, 180)

    def test_is_at_most_1280_wide(self, tmp_path):
        path = tmp_path / "large.mp4"
        samples.write_film(path, seconds=0.2, width=1920, height=1080, sound=False)
        frame = picture_of(examine(path.read_bytes()).poster)
        assert (frame.width, frame.height) == (1280, 720)

    @pytest.mark.parametrize("rotation", [90, 270])
    def test_of_a_film_taken_upright_stands_upright(self, film, rotation):
        found = examine(remuxed(film, "mp4", ("video",), rotation))
        assert (found.facts.width, found.facts.height) == (180, 320)
        frame = picture_of(found.poster)
        assert (frame.width, frame.height) == (180, 320)

    def test_is_not_the_black_of_a_beginning(self):
        data = filmed("mp4", "libx264")
        light = bytes(picture_of(examine(data).poster).reformat(format="gray").planes[0])
        assert sum(light) / len(light) > 60


class TestWhatIsNoFilm:
    def test_sound_alone(self, film):
        assert examine(remuxed(film, "mp4", ("audio",))).facts.problem == "no_picture"

    def test_sound_with_a_cover(self, film):
        made = BytesIO()
        with av.open(BytesIO(film)) as old, av.open(made, "w", format="mp4") as new:
            track = new.add_stream_from_template(old.streams.audio[0])
            cover = new.add_stream("mjpeg")
            cover.width, cover.height, cover.pix_fmt = 320, 180, "yuvj420p"
            cover.disposition = av.stream.Disposition.attached_pic
            packet = av.Packet(examine(film).poster)
            packet.stream, packet.pts, packet.dts = cover, 0, 0
            packet.time_base = Fraction(1, 25)
            new.mux(packet)
            for packet in old.demux(old.streams.audio[0]):
                if packet.dts is not None:
                    packet.stream = track
                    new.mux(packet)
        assert examine(made.getvalue()).facts.problem == "no_picture"

    def test_a_film_without_its_index(self, film):
        slow = remuxed(film, "mp4")
        assert examine(slow[: len(slow) // 2]).facts.problem == "unreadable"

    def test_noise(self):
        assert examine(Random(1).randbytes(50_000)).facts.problem == "unreadable"

    def test_nothing(self):
        assert examine(b"").facts.problem == "unreadable"

    @pytest.mark.parametrize("seed", range(12))
    def test_a_film_with_flipped_bits_is_examined_or_is_not_but_breaks_nothing(self, film, seed):
        random, damaged = Random(seed), bytearray(film)
        for _ in range(40):
            # Half of them in the index, which is in front.
            place = random.randrange(3000 if random.random() < 0.5 else len(damaged))
            damaged[place] ^= 1 << random.randrange(8)
        try:
            found = examine(bytes(damaged))
        except ExaminationBroke:
            return
        assert found.facts.problem or found.facts.streams


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{url}\n", id="HLS"),
        pytest.param("ffconcat version 1.0\nfile '{url}'\n", id="concat"),
        pytest.param(
            '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>'
            '<AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>'
            "{url}</BaseURL></Representation></AdaptationSet></Period></MPD>",
            id="DASH",
        ),
        pytest.param(
            "v=0\no=- 0 0 IN IP4 {host}\nc=IN IP4 {host}\nm=video {port} RTP/AVP 96\n", id="SDP"
        ),
    ],
)
def test_a_playlist_is_never_followed(text, film_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        port = server.getsockname()[1]
        for url in (f"http://127.0.0.1:{port}/film.mp4", str(film_path), f"file://{film_path}"):
            words = text.format(url=url, host="127.0.0.1", port=port)
            assert examine(words.encode()).facts.problem == "unreadable"
        with pytest.raises(TimeoutError):
            server.accept()


class TestABomb:
    def test_of_time(self, film):
        with pytest.raises(ExaminationBroke, match="within 0 seconds"):
            examine(film, limits=Limits(seconds=0))

    def test_of_memory(self):
        with pytest.raises(ExaminationBroke, match="within 400 MB of memory"):
            examine(self.large_film(), limits=Limits(memory=400 * 1024**2))

    def test_a_large_film_is_none(self):
        assert examine(self.large_film()).facts.width == 8000

    @staticmethod
    def large_film():
        """Small in bytes, but 96 MB a picture."""
        made = BytesIO()
        with av.open(made, "w", format="mov") as film:
            track = film.add_stream("mjpeg", rate=1)
            track.width, track.height, track.pix_fmt = 8000, 8000, "yuvj420p"
            frame = av.VideoFrame(8000, 8000, "yuvj420p")
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            film.mux([*track.encode(frame), *track.encode(None)])
        return made.getvalue()


def test_whoever_waits_can_be_called_away(film):
    def go_on():
        raise Interrupted

    def read(position, length):
        calls.append(position)
        return film[position : position + length]

    calls = []
    with pytest.raises(Interrupted):
        probe.examine(read, len(film), go_on=go_on)
