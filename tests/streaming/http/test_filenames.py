import pytest

from library.models import Video
from streaming.http import filenames


def film(**fields):
    return Video(pk="vid_aaaaaaaaaaaaaaaa", **fields)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        pytest.param({"filename": "harbour.mp4", "title": "At dawn"}, "harbour.mp4", id="its own"),
        pytest.param(
            {"title": "At dawn", "media_type": "video/mp4"}, "At dawn.mp4", id="its title"
        ),
        pytest.param({"title": "At dawn"}, "At dawn", id="no type, no ending"),
        pytest.param({"filename": "a\r\nSet-Cookie: b"}, "aSet-Cookie: b", id="no line breaks"),
        pytest.param({"filename": "film\u202e4pm.exe"}, "film4pm.exe", id="no turned writing"),
        pytest.param(
            {"filename": "\0", "title": "\x07"}, "vid_aaaaaaaaaaaaaaaa", id="nothing left"
        ),
    ],
)
def test_a_film_has_a_name_that_can_be_shown(fields, name):
    assert filenames.of(film(**fields)) == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("a b.mp4", 'inline; filename="a b.mp4"', id="plain"),
        pytest.param(
            "Häfen.mp4",
            "inline; filename=\"Hafen.mp4\"; filename*=UTF-8''H%C3%A4fen.mp4",
            id="accent",
        ),
        pytest.param(
            "港.mp4",
            "inline; filename=\".mp4\"; filename*=UTF-8''%E6%B8%AF.mp4",
            id="other letters",
        ),
        pytest.param("港", "inline; filename=\"film\"; filename*=UTF-8''%E6%B8%AF", id="none left"),
        pytest.param(
            'a"; b="c.mp4',
            "inline; filename=\"a_; b=_c.mp4\"; filename*=UTF-8''a%22%3B%20b%3D%22c.mp4",
            id="quotes",
        ),
        pytest.param(
            "a\\b%41.mp4",
            "inline; filename=\"a_b_41.mp4\"; filename*=UTF-8''a%5Cb%2541.mp4",
            id="backslash and percent",
        ),
        pytest.param("a\r\nX: y", 'inline; filename="aX: y"', id="no header of its own"),
    ],
)
def test_a_name_stands_in_a_header(name, value):
    assert filenames.disposition(name, attachment=False) == value


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        pytest.param("harbour.mp4", "harbour.mp4", id="as it is"),
        pytest.param("../../etc/passwd", "_.._etc_passwd", id="stays in its folder"),
        pytest.param("..\\..\\boot.ini", "_.._boot.ini", id="the other slash"),
        pytest.param(".hidden", "hidden", id="is seen"),
        pytest.param("a:b?.mp4 ", "a_b_.mp4", id="what Windows cannot have"),
        pytest.param("...", "vid_aaaaaaaaaaaaaaaa", id="nothing left"),
        pytest.param("港" * 255, "港" * 66, id="bytes are counted, not letters"),
        pytest.param("x" * 300 + ".mp4", "x" * 196 + ".mp4", id="the ending is kept"),
    ],
)
def test_a_name_fits_on_a_disk(name, kept):
    on_disk = filenames.on_disk(film(filename=name))
    assert on_disk == kept
    assert len(on_disk.encode()) <= 200
