import hashlib
from io import StringIO

import av
import pytest
from django.core.management import CommandError, call_command

from library import samples


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("12345", 12345),
        ("0", 0),
        ("1GiB", 2**30),
        ("300MiB", 300 * 2**20),
        ("300 mib", 300 * 2**20),
        ("10MB", 10_000_000),
        ("1.5G", 3 * 2**29),
        ("2k", 2048),
        ("7b", 7),
    ],
)
def test_sizes_are_written_as_people_write_them(text, size):
    assert samples.parse_size(text) == size


@pytest.mark.parametrize("text", ["", "GiB", "1XB", "-1", "1e9", "1 G i B", "1,5G"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError, match="is not a size"):
        samples.parse_size(text)


class TestAPattern:
    @pytest.mark.parametrize("size", [0, 1, 4095, 2**20, 2**20 + 1, 3 * 2**20 - 7])
    def test_has_its_size_and_its_sum(self, tmp_path, size):
        path = tmp_path / "pattern"
        digest = samples.write_pattern(path, size)
        assert path.stat().st_size == size
        assert digest == hashlib.sha256(path.read_bytes()).hexdigest() == samples.sha256(path)

    def test_is_the_same_every_time(self, tmp_path):
        first = samples.write_pattern(tmp_path / "first", 2**21)
        assert samples.write_pattern(tmp_path / "second", 2**21) == first

    def test_has_no_page_twice(self, tmp_path):
        samples.write_pattern(tmp_path / "pattern", 3 * 2**20)
        data = (tmp_path / "pattern").read_bytes()
        pages = [data[start : start + 4096] for start in range(0, len(data), 4096)]
        assert len(set(pages)) == len(pages)

    def test_says_how_far_it_is(self, tmp_path):
        seen = []
        samples.write_pattern(tmp_path / "p", 2**21 + 5, lambda *done: seen.append(done))
        assert seen == [(2**20, 2**21 + 5), (2**21, 2**21 + 5), (2**21 + 5, 2**21 + 5)]


class TestAFilm:
    @pytest.mark.parametrize(
        ("ending", "codecs"),
        [
            (".mp4", ["h264", "aac"]),
            (".mov", ["h264", "aac"]),
            (".mkv", ["h264", "aac"]),
            (".webm", ["vp9", "opus"]),
        ],
    )
    def test_has_a_picture_and_a_sound(self, tmp_path, ending, codecs):
        path = tmp_path / f"film{ending}"
        samples.write_film(path, seconds=2, width=320, height=180)
        with av.open(str(path)) as film:
            assert [stream.codec_context.name for stream in film.streams] == codecs
            assert film.duration / av.time_base == pytest.approx(2, abs=0.1)
            assert len(list(film.decode(video=0))) == 50
            film.seek(0)
            heard = sum(frame.samples for frame in film.decode(audio=0))
            assert heard / 48_000 == pytest.approx(2, abs=0.1)

    @pytest.mark.parametrize("scene", samples.SCENES)
    def test_moves(self, tmp_path, scene):
        path = tmp_path / "film.mp4"
        samples.write_film(path, seconds=2, width=320, height=180, scene=scene, sound=False)
        with av.open(str(path)) as film:
            frames = [bytes(frame.planes[0]) for frame in film.decode(video=0)]
        assert len(frames) == 50
        assert frames[0] != frames[-1]

    @pytest.mark.parametrize("size", [500_000, 3_000_000, 12_000_000])
    def test_is_about_as_large_as_asked_for(self, tmp_path, size):
        path = tmp_path / "film.mp4"
        samples.write_film(path, seconds=6, width=640, height=360, size=size)
        assert path.stat().st_size == pytest.approx(size, rel=0.15)

    def test_begins_with_its_index(self, tmp_path):
        samples.write_film(tmp_path / "film.mp4", seconds=1, width=320, height=180)
        assert b"moov" in (tmp_path / "film.mp4").read_bytes()[:100]

    @pytest.mark.parametrize("size", [10, 10**12])
    def test_that_cannot_be_so_large_is_refused(self, tmp_path, size):
        with pytest.raises(ValueError, match="bytes are too"):
            samples.write_film(tmp_path / "film.mp4", seconds=1, size=size)
        assert not (tmp_path / "film.mp4").exists()


class TestTheCommand:
    def test_prints_where_how_large_and_what(self, tmp_path):
        said = StringIO()
        path = tmp_path / "pattern.bin"
        call_command("make_sample", str(path), "--size", "3MiB", stdout=said)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert said.getvalue().split("\n")[:3] == [
            str(path),
            "3,145,728 bytes",
            f"SHA-256 {digest}",
        ]

    def test_makes_a_film(self, tmp_path):
        path = tmp_path / "film.mp4"
        words = ["--seconds", "1", "--width", "320", "--height", "180"]
        call_command("make_sample", str(path), *words, stdout=StringIO())
        with av.open(str(path)) as film:
            assert film.streams.video[0].width == 320

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            pytest.param("pattern.bin", [], id="bytes of no size"),
            pytest.param("film.mp4", ["--size", "9TB", "--seconds", "1"], id="far too large"),
            pytest.param("missing/pattern.bin", ["--size", "1"], id="a folder that is not there"),
            pytest.param("film.mp4", ["--seconds", "0"], id="no time at all"),
            pytest.param("film.mp4", ["--width", "321"], id="an odd width"),
            pytest.param("film.bin", ["--size", "much"], id="no size"),
        ],
    )
    def test_that_cannot_be_done_says_so_and_leaves_nothing(self, tmp_path, name, words):
        with pytest.raises(CommandError):
            call_command("make_sample", str(tmp_path / name), *words)
        assert list(tmp_path.iterdir()) in ([], [tmp_path / "data"])
