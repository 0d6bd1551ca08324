"""RFC 9110 at the address of a film, in full, by rows."""

from email import message_from_bytes
from email.policy import HTTP

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from library.models import Video, Visibility
from tests.making import SMALL_PIECES, received_video, stored_video
from tests.streaming.conftest import FILM, Asking

pytestmark = pytest.mark.django_db

SIZE = len(FILM)
SEAM = SMALL_PIECES


@pytest.fixture
def ask(film, alice):
    asking = Asking(alice)
    return lambda method="GET", **headers: asking(f"/stream/{film.pk}/", method, **headers)


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        pytest.param("bytes=0-", 0, SIZE, id="open, as browsers begin"),
        pytest.param("bytes=0-0", 0, 1, id="exactly the first byte"),
        pytest.param("bytes=-1", SIZE - 1, SIZE, id="exactly the last byte"),
        pytest.param("bytes=1000-1999", 1000, 2000, id="inside a piece"),
        pytest.param(f"bytes={SEAM - 1}-{SEAM}", SEAM - 1, SEAM + 1, id="a byte on each side"),
        pytest.param(f"bytes={SEAM - 5}-{2 * SEAM + 5}", SEAM - 5, 2 * SEAM + 6, id="three pieces"),
        pytest.param(f"bytes={SEAM}-{2 * SEAM - 1}", SEAM, 2 * SEAM, id="just one piece"),
        pytest.param(f"bytes=5-{SIZE * 9}", 5, SIZE, id="an end past the film is clamped"),
        pytest.param("bytes=-500", SIZE - 500, SIZE, id="the suffix form"),
        pytest.param(f"bytes=-{SIZE * 9}", 0, SIZE, id="a suffix longer than the film"),
        pytest.param(f"bytes=7-{'9' * 3000}", 7, SIZE, id="an end of 3,000 digits"),
        pytest.param(f"bytes=3-4, {SIZE}-", 3, 5, id="of two only one has bytes"),
        pytest.param("BYTES = 3-4".replace(" ", ""), 3, 5, id="units in any case"),
    ],
)
def test_one_range_is_answered_with_just_its_bytes(ask, header, start, stop):
    answer = ask(Range=header)
    assert answer.status == 206
    assert answer["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert answer["Content-Length"] == str(stop - start)
    assert answer["Content-Type"] == "video/mp4"
    assert answer.body == FILM[start:stop]


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("seconds=1-2", id="an unknown unit"),
        pytest.param("bytes=9-5", id="the wrong way round"),
        pytest.param("bytes=abc", id="no numbers"),
        pytest.param("bytes=-", id="neither end"),
        pytest.param("bytes 0-5", id="no equals sign"),
        pytest.param("bytes=0-5,zzz", id="one good, one unreadable"),
        pytest.param(f"bytes=0-{SIZE},0-{SIZE}", id="everything twice"),
        pytest.param("", id="an empty header"),
    ],
)
def test_a_range_that_cannot_be_read_is_ignored(ask, header):
    answer = ask(Range=header)
    assert (answer.status, answer.body) == (200, FILM)
    assert "Content-Range" not in answer.headers


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(f"bytes={SIZE}-", id="from just past the end"),
        pytest.param(f"bytes={'9' * 3000}-", id="from 3,000 digits"),
        pytest.param("bytes=-0", id="the last no bytes"),
        pytest.param(
            "bytes=" + ",".join(f"{i}-{i}" for i in range(500)), id="a flood of tiny ones"
        ),
        pytest.param("bytes=" + "0-0," * 5000, id="a header that has no end"),
    ],
)
def test_what_cannot_be_satisfied_is_told_the_size(ask, header):
    answer = ask(Range=header)
    assert answer.status == 416
    assert answer["Content-Range"] == f"bytes */{SIZE}"
    assert answer["Content-Type"] == "application/problem+json"
    assert b'"range-not-satisfiable"' in answer.body


def parts_of(answer):
    assert answer.status == 206
    assert answer["Content-Length"] == str(len(answer.body))
    assert "Content-Range" not in answer.headers
    raw = f"Content-Type: {answer['Content-Type']}\r\n\r\n".encode() + answer.body
    message = message_from_bytes(raw, policy=HTTP.clone(linesep="\r\n"))
    assert message.get_content_type() == "multipart/byteranges"
    boundary = message.get_boundary()
    parts = answer.body.split(f"--{boundary}".encode())
    assert (parts[0], parts[-1]) == (b"", b"--\r\n")
    found = []
    for part in parts[1:-1]:
        head, _, data = part.partition(b"\r\n\r\n")
        found.append((head.decode().strip().splitlines(), data.removesuffix(b"\r\n")))
    return found


@pytest.mark.parametrize(
    "windows",
    [
        pytest.param([(0, 1), (SIZE - 1, SIZE)], id="first and last byte"),
        pytest.param([(500, 600), (0, 10)], id="in the order asked, not sorted"),
        pytest.param([(0, 100), (50, 150)], id="overlapping"),
        pytest.param([(SEAM - 10, SEAM + 10), (2 * SEAM - 1, 2 * SEAM + 1)], id="over both seams"),
        pytest.param([(i * 1000, i * 1000 + 1) for i in range(32)], id="as many as there may be"),
    ],
)
def test_several_ranges_come_in_one_body_in_order(ask, windows):
    header = "bytes=" + ",".join(f"{start}-{stop - 1}" for start, stop in windows)
    expected = [
        (
            ["Content-Type: video/mp4", f"Content-Range: bytes {start}-{stop - 1}/{SIZE}"],
            FILM[start:stop],
        )
        for start, stop in windows
    ]
    assert parts_of(ask(Range=header)) == expected


def test_the_boundary_is_not_the_same_twice(ask):
    types = {ask(Range="bytes=0-1,5-6")["Content-Type"] for _ in range(3)}
    assert len(types) == 3


def test_without_a_range_the_whole_film_comes(ask):
    answer = ask()
    assert (answer.status, answer.body) == (200, FILM)
    assert answer["Content-Length"] == str(SIZE)
    assert answer["Accept-Ranges"] == "bytes"


def test_head_says_what_get_would_and_ignores_range(ask):
    whole, head = ask(), ask("HEAD", Range="bytes=0-9")
    assert (head.status, head.body) == (200, b"")
    whole.headers.pop("X-Request-Id"), head.headers.pop("X-Request-Id")
    # From where it comes is known once it does.
    assert whole.headers.pop("X-Filmedia-Source") == "shelf"
    assert whole.headers.pop("X-Filmedia-Verified") == "stored"
    assert head.headers == whole.headers


def test_any_window_is_the_slice(film, ask):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(start=st.integers(0, SIZE - 1), length=st.integers(1, SIZE))
    def check(start, length):
        answer = ask(Range=f"bytes={start}-{start + length - 1}")
        assert (answer.status, answer.body) == (206, FILM[start : start + length])

    check()


def test_any_set_of_windows_is_the_slices(film, ask):
    window = st.tuples(st.integers(0, SIZE - 1), st.integers(1, 50_000))

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(window, min_size=2, max_size=8))
    def check(windows):
        header = ",".join(f"{start}-{start + length - 1}" for start, length in windows)
        found = parts_of(ask(Range=f"bytes={header}"))
        slices = [FILM[start : start + length] for start, length in windows]
        assert [data for _, data in found] == slices

    check()


def test_an_empty_film_is_sent_and_has_no_ranges(alice, as_alice):
    empty = received_video(alice, b"")
    answer = as_alice(f"/stream/{empty.pk}/")
    assert (answer.status, answer["Content-Length"], answer.body) == (200, "0", b"")
    assert as_alice(f"/stream/{empty.pk}/", Range="bytes=0-")["Content-Range"] == "bytes */0"


# --- conditions

OLD, LATER = "Sat, 01 Jan 2000 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
OTHER = '"another"'


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"If_None_Match": "ETAG"}, 304, id="you have it"),
        pytest.param({"If_None_Match": "W/ETAG"}, 304, id="weakly compared"),
        pytest.param({"If_None_Match": f"{OTHER}, ETAG"}, 304, id="one of a list"),
        pytest.param({"If_None_Match": "*"}, 304, id="any will do"),
        pytest.param({"If_None_Match": OTHER}, 200, id="you have another"),
        pytest.param({"If_None_Match": OTHER, "If_Modified_Since": LATER}, 200, id="tag, not date"),
        pytest.param({"If_None_Match": "ETAG", "Range": "bytes=0-1"}, 304, id="before the range"),
        pytest.param({"If_Modified_Since": LATER}, 304, id="not modified since"),
        pytest.param({"If_Modified_Since": "DATE"}, 304, id="not since its own date"),
        pytest.param({"If_Modified_Since": OLD}, 200, id="modified since"),
        pytest.param({"If_Modified_Since": "yesterday"}, 200, id="a date that is none"),
        pytest.param({"If_Match": "ETAG"}, 200, id="that is it"),
        pytest.param({"If_Match": "*"}, 200, id="whatever it is"),
        pytest.param({"If_Match": OTHER}, 412, id="that is not it"),
        pytest.param({"If_Match": "W/ETAG"}, 412, id="a weak tag is not enough"),
        pytest.param({"If_Match": OTHER, "Range": f"bytes={SIZE}-"}, 412, id="before a 416"),
        pytest.param({"If_Match": OTHER, "If_None_Match": "ETAG"}, 412, id="match goes first"),
        pytest.param({"If_Match": "ETAG", "If_None_Match": "ETAG"}, 304, id="then none-match"),
        pytest.param({"If_Unmodified_Since": OLD}, 412, id="it was modified"),
        pytest.param({"If_Unmodified_Since": LATER}, 200, id="it was not"),
        pytest.param({"If_Match": "ETAG", "If_Unmodified_Since": OLD}, 200, id="tag, not date 2"),
        pytest.param({"Range": "bytes=0-1", "If_Range": "ETAG"}, 206, id="same body: a part"),
        pytest.param({"Range": "bytes=0-1", "If_Range": OTHER}, 200, id="other body: all of it"),
        pytest.param({"Range": "bytes=0-1", "If_Range": "W/ETAG"}, 200, id="weak: all of it"),
        pytest.param({"Range": "bytes=0-1", "If_Range": "DATE"}, 206, id="same date: a part"),
        pytest.param({"Range": "bytes=0-1", "If_Range": LATER}, 200, id="other date: all of it"),
        pytest.param({"Range": f"bytes={SIZE}-", "If_Range": OTHER}, 200, id="no 416 for another"),
    ],
)
def test_conditions_have_their_order(ask, headers, status):
    known = ask("HEAD")
    spelled = {
        name: value.replace("ETAG", known["ETag"]).replace("DATE", known["Last-Modified"])
        for name, value in headers.items()
    }
    assert ask(**spelled).status == status


def test_the_tag_is_the_piece_cid_and_strong(ask, film):
    assert ask("HEAD")["ETag"] == f'"{film.piece_cid}"'


def test_a_304_has_no_body_but_what_a_cache_needs(ask, film):
    answer = ask(If_None_Match=f'"{film.piece_cid}"')
    assert (answer.status, answer.body) == (304, b"")
    whole = ask("HEAD")
    for name in ("ETag", "Last-Modified", "Cache-Control", "Vary"):
        assert answer[name] == whole[name]
    assert not {"Content-Length", "Content-Type", "Content-Range"} & answer.headers.keys()


def test_a_failed_condition_is_explained(ask):
    answer = ask(If_Match=OTHER)
    assert (answer.status, answer["Content-Type"]) == (412, "application/problem+json")


# --- a server that cannot make a fast view wait


@pytest.mark.parametrize(
    ("header", "length"),
    [
        pytest.param("bytes=0-", 1000, id="an open range is capped"),
        pytest.param("bytes=5- ", 1000, id="and with a space after it"),
        pytest.param("bytes=0-4999", 5000, id="one that names its end is not"),
        pytest.param("bytes=-5000", 5000, id="a suffix is not"),
        pytest.param(f"bytes={SIZE - 5}-", 5, id="less is left"),
    ],
)
def test_a_window_can_be_capped(ask, settings, header, length):
    settings.STREAM_WINDOW = 1000
    answer = ask(Range=header)
    assert (answer.status, len(answer.body)) == (206, length)


# --- what the bytes are called


@pytest.mark.parametrize(
    ("fields", "media_type", "disposition"),
    [
        pytest.param({}, "video/mp4", "inline", id="a film plays"),
        pytest.param({"media_type": "audio/ogg"}, "audio/ogg", "inline", id="sound too"),
        pytest.param(
            {"media_type": "video/webm", "filename": "a.mp4"}, "video/webm", "inline", id="no names"
        ),
        pytest.param(
            {"kind": Video.Kind.UNKNOWN}, "application/octet-stream", "attachment", id="unchecked"
        ),
        pytest.param(
            {"kind": Video.Kind.FILE, "media_type": "text/html", "filename": "evil.html"},
            "application/octet-stream",
            "attachment",
            id="a page",
        ),
        pytest.param(
            {"kind": Video.Kind.FILE, "media_type": "image/svg+xml", "filename": "evil.svg"},
            "application/octet-stream",
            "attachment",
            id="a picture with scripts",
        ),
        pytest.param(
            {"media_type": "text/html", "filename": "evil.mp4"},
            "application/octet-stream",
            "attachment",
            id="a page taken for a film",
        ),
    ],
)
def test_only_what_plays_has_a_type(alice, as_alice, fields, media_type, disposition):
    video = stored_video(alice, b"<script>alert(1)</script>", **fields)
    answer = as_alice(f"/stream/{video.pk}/")
    assert answer["Content-Type"] == media_type
    assert answer["Content-Disposition"].partition(";")[0] == disposition
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_film_can_be_asked_for_as_a_file(film, as_alice):
    answer = as_alice(f"/stream/{film.pk}/?download=1", Range="bytes=0-1")
    assert answer["Content-Disposition"] == 'attachment; filename="harbour.mp4"'


@pytest.mark.parametrize("visibility", [Visibility.PRIVATE, Visibility.MEMBERS])
def test_what_is_not_public_is_never_cached_publicly(alice, as_alice, visibility):
    video = stored_video(alice, visibility=visibility)
    url = f"/stream/{video.pk}/"
    tag = f'"{video.piece_cid}"'
    for answer in (
        as_alice(url),
        as_alice(url, Range="bytes=0-1"),
        as_alice(url, Range="bytes=0-1,4-5"),
        as_alice(url, "HEAD"),
        as_alice(url, If_None_Match=tag),
        as_alice(f"/piece/{video.pieces.get().piece_cid}"),
    ):
        assert answer["Cache-Control"] == "private, no-cache"
        assert {"Authorization", "Cookie"} <= set(answer["Vary"].split(", "))


def test_a_public_film_may_be_cached_but_is_asked_for_each_time(alice, anyone):
    video = stored_video(alice, visibility=Visibility.PUBLIC)
    answer = anyone(f"/stream/{video.pk}/")
    assert answer["Cache-Control"] == "public, no-cache"
    assert "Vary" not in answer.headers


def test_nobody_else_may_read_the_answer_from_another_site(alice, anyone):
    video = stored_video(alice, visibility=Visibility.PUBLIC)
    answer = anyone(f"/stream/{video.pk}/", Origin="https://elsewhere.example")
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_seeking_is_never_throttled(ask):
    statuses = {ask(Range=f"bytes={start}-{start + 9}").status for start in range(0, 300_000, 1000)}
    assert statuses == {206}
