import pytest

from library.storing import kinds


@pytest.mark.parametrize(
    ("head", "word"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"PK\x03\x04\x14\x00", "ZIP archive", id="zip"),
        pytest.param(b"7z\xbc\xaf\x27\x1c\x00\x04", "an archive", id="7z"),
        pytest.param(bytes(257) + b"ustar\x0000", "an archive", id="tar"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3", "PDF", id="pdf"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00", "a picture", id="png"),
        pytest.param(b"\xff\xd8\xff\xe0\x00\x10JFIF", "a picture", id="jpeg"),
        pytest.param(b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a picture", id="webp"),
        pytest.param(b"\x00\x00\x00\x1cftypavif\x00", "a picture", id="avif"),
        pytest.param(b"RIFF\x00\x00\x00\x00WAVEfmt ", "no picture", id="wav"),
        pytest.param(b"ID3\x04\x00", "no picture", id="mp3"),
        pytest.param(b"\x00\x00\x00\x20ftypM4A \x00", "no picture", id="m4a"),
        pytest.param(b"\x7fELF\x02\x01", "a program", id="elf"),
        pytest.param(b"<svg xmlns='x'><script/></svg>", "SVG", id="svg"),
        pytest.param(b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a --><svg>", "SVG", id="svg in xml"),
        pytest.param(b"  <!DOCTYPE HTML><html>", "web page", id="html"),
        pytest.param("<!doctype html>".encode("utf-16"), "web page", id="html in UTF-16"),
        pytest.param(b"#EXTM3U\n/etc/passwd", "playlist", id="m3u8"),
        pytest.param(b"ffconcat version 1.0\nfile x", "playlist", id="ffconcat"),
        pytest.param(b"<?xml version='1.0'?><MPD>", "playlist", id="dash"),
        pytest.param(b"<?xml version='1.0'?><note/>", "XML", id="xml"),
        pytest.param(b"Dear all,\n", "text", id="text"),
        pytest.param("Grüße".encode()[:-1], "text", id="text that ends inside a letter"),
    ],
)
def test_what_is_no_film_is_named(head, word):
    sentence = kinds.refusal(head)
    assert word in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00", id="mp4"),
        pytest.param(b"\x1a\x45\xdf\xa3\x9f\x42\x86", id="matroska"),
        pytest.param(b"RIFF\x00\x00\x00\x00AVI LIST", id="avi"),
        pytest.param(b"G@\x00\x10\x00\x00\xb0\r", id="mpeg transport stream"),
        pytest.param(b"OggS\x00\x02", id="ogg"),
        pytest.param(bytes(64), id="nothing that anybody knows"),
    ],
)
def test_what_may_be_a_film_is_let_through(head):
    assert kinds.refusal(head) is None


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("mov,mp4,m4a,3gp,3g2,mj2", b"\0\0\0\x20ftypisom", ("mp4", "video/mp4")),
        ("mov,mp4,m4a,3gp,3g2,mj2", b"\0\0\0\x14ftypqt  ", ("mov", "video/quicktime")),
        ("mov,mp4,m4a,3gp,3g2,mj2", b"\0\0\0\x08wide\0\0\0\0mdat", ("mov", "video/quicktime")),
        ("mov,mp4,m4a,3gp,3g2,mj2", b"\0\0\0\x14ftyp3gp5", ("3gp", "video/3gpp")),
        (
            "matroska,webm",
            b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm\x42\x87",
            ("webm", "video/webm"),
        ),
        (
            "matroska,webm",
            b"\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska",
            ("matroska", "video/x-matroska"),
        ),
        ("avi", b"RIFF", ("avi", "video/x-msvideo")),
        ("mpegts", b"G", ("mpegts", "video/mp2t")),
    ],
)
def test_the_type_comes_from_the_bytes(name, head, expected):
    assert kinds.container(name, head) == expected


def box(kind: bytes, body: bytes = b"", length: int | None = None) -> bytes:
    return (len(body) + 8 if length is None else length).to_bytes(4, "big") + kind + body


FTYP = box(b"ftyp", b"isom\0\0\0\0")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(FTYP + box(b"mdat", bytes(9)), kinds.CUT_OFF, id="no index at all"),
        pytest.param(FTYP + box(b"mdat", bytes(9), 5000), kinds.CUT_OFF, id="ends in the middle"),
        pytest.param(FTYP + box(b"moov", bytes(9), 999), kinds.CUT_OFF, id="half an index"),
        pytest.param(FTYP + box(b"moov", bytes(9)), "This film is damaged.", id="a bad index"),
        pytest.param(FTYP + box(b"mdat", b"", 0), kinds.CUT_OFF, id="a box to the end"),
        pytest.param(
            FTYP + b"\0\0\0\x01mdat" + (2**63).to_bytes(8, "big"), kinds.CUT_OFF, id="a huge box"
        ),
        pytest.param(FTYP + box(b"mdat", b"", 3), kinds.CUT_OFF, id="a box shorter than its head"),
        pytest.param(bytes(64), kinds.UNKNOWN, id="zeros"),
        pytest.param(b"", kinds.UNKNOWN, id="nothing"),
    ],
)
def test_an_unreadable_film_is_told_apart(data, expected):
    assert kinds.unreadable(lambda p, n: data[p : p + n], len(data)) == expected
