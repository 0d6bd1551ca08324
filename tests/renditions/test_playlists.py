"""The playlists of renditions: read by a parser of our own, and by FFmpeg from a server."""

import re

import pytest
from asgiref.sync import async_to_sync

from library.models import DeviceToken, Visibility
from library.renditions.fragments import Fragments, NotFragments
from library.storing.original import Original
from streaming.renditions import playlists
from streaming.renditions.playlists import Variant
from tests.making import stored_video

pytestmark = pytest.mark.django_db(transaction=True)


def parse(text):
    """The head's range, and of each fragment its range and seconds; every address once."""
    lines = text.splitlines()
    assert lines[0] == "#EXTM3U"
    assert lines[-1] == "#EXT-X-ENDLIST"
    found = re.search(r'#EXT-X-MAP:URI="([^"]+)",BYTERANGE="(\d+)@(\d+)"', text)
    urls, head = {found[1]}, (int(found[3]), int(found[2]))
    fragments = []
    for number, line in enumerate(lines):
        if line.startswith("#EXTINF:"):
            seconds = float(line[8:].rstrip(","))
            size, offset = lines[number + 1].removeprefix("#EXT-X-BYTERANGE:").split("@")
            urls.add(lines[number + 2])
            fragments.append((int(offset), int(size), seconds))
    target = int(re.search(r"#EXT-X-TARGETDURATION:(\d+)", text)[1])
    assert all(round(seconds) <= target for _, _, seconds in fragments)
    return urls, head, fragments


async def read(answer):
    return b"".join([part async for part in answer])


def boxes(data):
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4])
        yield data[at + 4 : at + 8]
        at += size
    assert at == len(data)


def variants(text):
    lines = text.splitlines()
    return {
        lines[number + 1]: line
        for number, line in enumerate(lines)
        if line.startswith("#EXT-X-STREAM-INF")
    }


@pytest.fixture
def two(video, made):
    video.refresh_from_db()
    # As if it were large enough for both.
    type(video).objects.filter(pk=video.pk).update(width=1280, height=720)
    video.refresh_from_db()
    return made(video, "240p"), made(video, "480p")


def test_the_master_names_each_quality_with_what_it_needs(two, video, client, alice):
    client.force_login(alice)
    answer = client.get(f"/stream/{video.pk}/hls/master.m3u8")
    assert answer["Content-Type"] == "application/vnd.apple.mpegurl"
    found = variants(answer.content.decode())
    assert list(found) == [f"/stream/{video.pk}/hls/{q}.m3u8" for q in ("480p", "240p")]
    small = found[f"/stream/{video.pk}/hls/240p.m3u8"]
    assert "RESOLUTION=426x240" in small
    assert re.search(r'CODECS="avc1\.[0-9a-f]{6},mp4a\.40\.2"', small)
    rate = int(re.search(r"[:,]BANDWIDTH=(\d+)", small)[1])
    assert 8 * two[0].film.size / 11 < rate


def test_every_range_is_whole_fragments_and_they_add_up_to_the_film(two, video, client, alice):
    client.force_login(alice)
    urls, head, fragments = parse(client.get(f"/stream/{video.pk}/hls/240p.m3u8").content.decode())
    film = two[0].film
    assert urls == {f"/stream/{film.pk}/"}
    with Original(film) as original:
        data = original.read(0, film.size)
    assert list(boxes(data[: head[1]])) == [b"ftyp", b"moov"]
    position = head[1]
    for offset, size, _ in fragments:
        assert offset == position
        assert list(boxes(data[offset : offset + size])) == [b"moof", b"mdat"]
        position += size
    assert position == film.size
    assert sum(seconds for _, _, seconds in fragments) == pytest.approx(10, abs=0.1)
    assert max(seconds for _, _, seconds in fragments) == pytest.approx(4, abs=0.1)


def test_a_device_is_given_ranges_that_need_no_header(made, video, client, alice):
    film = made(video).film
    token = DeviceToken.objects.create(user=alice, device="phone")[1]
    headers = {"Authorization": f"Bearer {token}"}
    text = client.get(f"/stream/{video.pk}/hls/240p.m3u8", headers=headers).content.decode()
    (url,) = parse(text)[0]
    assert url.startswith("/media/")
    answer = client.get(url, headers={"Range": "bytes=4-7"})
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes 4-7/{film.size}"
    assert async_to_sync(read)(answer) == b"ftyp"


def test_a_stranger_gets_neither_playlist_nor_bytes(made, video, client, mallory):
    film = made(video).film
    client.force_login(mallory)
    for address in ("hls/master.m3u8", "hls/240p.m3u8"):
        assert client.get(f"/stream/{video.pk}/{address}").status_code == 404
    assert client.get(f"/stream/{film.pk}/").status_code == 404
    assert client.get(f"/api/v1/videos/{film.pk}/").status_code == 404


def test_a_film_without_renditions_has_no_playlist(alice, client):
    video = stored_video(alice, visibility=Visibility.PUBLIC)
    assert client.get(f"/stream/{video.pk}/hls/master.m3u8").status_code == 404


def test_a_quality_that_is_not_there_is_not_found(made, video, client, alice):
    made(video)
    client.force_login(alice)
    assert client.get(f"/stream/{video.pk}/hls/1080p.m3u8").status_code == 404


def test_a_player_plans_with_the_worst_fragment():
    index = {"head": 1, "codecs": ["avc1.640015"], "fragments": [[1, 100, 4.0], [101, 50, 0.5]]}
    one = Variant("u", "240p", 426, 240, index)
    assert (one.bandwidth, one.average) == (800, 267)
    assert "#EXT-X-TARGETDURATION:4" in playlists.media(index, "u")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\0\x08ftyp",
        b"\0\0\0\x0cevil....",
        b"\0\0\0\x10moof" + bytes(8),
        b"\xff\xff\xff\xffmoov",
        b"\0\0\0\x18moov\0\0\0\xfftrak" + bytes(8),
        b"\0\0\0\x10ftyp1234",
    ],
)
def test_what_is_no_fragmented_film_is_refused(data):
    fragments = Fragments()
    with pytest.raises(NotFragments):
        fragments.add(data)
        fragments.index()
