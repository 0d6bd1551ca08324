"""Reading pieces from a provider: ranges, conditions, compression, and what is wrong then."""

from __future__ import annotations

import gzip

import httpx
import pytest

from filmedia.filecoin.piece import PieceCid
from tests.foc.provider import cast
from tests.foc.provider.cast import bytes_at_random

first, providers = cast.first, cast.providers
DATA = bytes_at_random(3_000_000)
SIZE = len(DATA)


@pytest.fixture
def cid(first):
    found = PieceCid.parse(str(cast.piece_cid([DATA])))
    return found if first.find(found) == 200 else first.store(DATA)


@pytest.mark.parametrize(
    "asked, start, stop",
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-1999", 100, 2000),
        ("bytes=2000000-", 2_000_000, SIZE),
        ("bytes=-500", SIZE - 500, SIZE),
        ("bytes=2999990-9999999", 2_999_990, SIZE),
        ("bytes=-99999999", 0, SIZE),
    ],
)
def test_a_range_is_given_to_those_who_take_plain_bytes(first, cid, asked, start, stop):
    answer = first.http.get(f"/piece/{cid}", headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == DATA[start:stop]
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"


@pytest.mark.parametrize("asked", ["bytes=3000000-", "bytes=5-4", "bytes=-", "pieces=0-1"])
def test_a_range_that_is_none_is_refused(first, cid, asked):
    assert first.http.get(f"/piece/{cid}", headers={"Range": asked}).status_code == 416


def test_several_ranges_come_in_parts(first, cid):
    answer = first.http.get(f"/piece/{cid}", headers={"Range": "bytes=0-9,50-59"})
    assert answer.status_code == 206
    assert answer.headers["Content-Type"].startswith("multipart/byteranges; boundary=")
    assert len(answer.content) == int(answer.headers["Content-Length"])
    assert DATA[:10] in answer.content and DATA[50:60] in answer.content


@pytest.mark.parametrize("encoding", ["gzip", "gzip, deflate", "br;q=0, gzip;q=0.5", "deflate"])
def test_compression_beats_the_range(first, cid, encoding):
    headers = {"Range": "bytes=0-9", "Accept-Encoding": encoding}
    answer = first.http.get(f"/piece/{cid}", headers=headers)
    assert answer.status_code == 200
    assert answer.content == DATA
    assert answer.headers["Content-Encoding"] in ("gzip", "deflate")
    assert not {"content-length", "accept-ranges", "content-range"} & set(answer.headers)


def test_compressed_bytes_are_those_of_the_piece(first, cid):
    with first.http.stream("GET", f"/piece/{cid}", headers={"Accept-Encoding": "gzip"}) as answer:
        assert gzip.decompress(b"".join(answer.iter_raw())) == DATA


@pytest.mark.parametrize("encoding", ["identity", "gzip;q=0", ""])
def test_those_who_take_no_compression_get_none(first, cid, encoding):
    headers = {"Range": "bytes=0-9", "Accept-Encoding": encoding}
    assert first.http.get(f"/piece/{cid}", headers=headers).content == DATA[:10]


def test_the_head_tells_of_a_piece_by_either_cid(first, cid):
    for text in (str(cid), cid.v1):
        answer = first.http.head(f"/piece/{text}")
        assert answer.status_code == 200
        assert answer.headers["Content-Length"] == str(SIZE)
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert answer.headers["ETag"] == f'"{text}"'
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Access-Control-Expose-Headers"] == "Location"


def test_conditions_are_heard(first, cid):
    tag = f'"{cid}"'
    known = first.http.get(f"/piece/{cid}", headers={"If-None-Match": f'"x", W/{tag}'})
    assert (known.status_code, known.content) == (304, b"")
    same = {"Range": "bytes=0-9", "If-Range": tag}
    assert first.http.get(f"/piece/{cid}", headers=same).status_code == 206
    other = {"Range": "bytes=0-9", "If-Range": '"other"'}
    assert first.http.get(f"/piece/{cid}", headers=other).content == DATA


def test_the_type_is_seen_from_the_first_bytes(first):
    film = bytes.fromhex("00000018667479706d703432") + bytes_at_random(500)
    answer = first.http.head(f"/piece/{first.store(film)}")
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Content-Disposition"].endswith('.mp4"')
    plain = first.http.head(f"/piece/{first.store(bytes_at_random(500))}")
    assert plain.headers["Content-Type"] == "application/octet-stream"
    assert "Content-Disposition" not in plain.headers


def test_that_there_was_no_piece_is_remembered_for_a_while(first):
    first.provider.stop()
    first.provider.config["missing_seconds"] = 600
    first.provider.start()
    try:
        data = bytes_at_random()
        cid = PieceCid.parse(str(cast.piece_cid([data])))
        assert first.http.get(f"/piece/{cid}").status_code == 404
        assert first.store(data) == cid
        assert first.http.get(f"/piece/{cid}").status_code == 404
    finally:
        first.provider.stop()
        first.provider.config["missing_seconds"] = 0


@pytest.mark.parametrize(
    "fault, status",
    [({"lose_piece": True}, 404), ({"busy_retrieval": True}, 429), ({"denylist_451": True}, 451)],
)
def test_faults_that_keep_a_piece_back(first, cid, fault, status):
    first.provider.faults(**fault)
    answer = first.http.get(f"/piece/{cid}")
    assert answer.status_code == status
    assert "Retry-After" not in answer.headers
    first.provider.well()
    assert first.http.get(f"/piece/{cid}").content == DATA


def test_faults_that_spoil_a_piece(first, cid):
    first.provider.faults(corrupt_piece=str(cid))
    spoilt = first.http.get(f"/piece/{cid}").content
    differing = int.from_bytes(spoilt) ^ int.from_bytes(DATA)
    assert differing.bit_count() == 1
    first.provider.faults(corrupt_piece=None, short_piece=7)
    assert first.http.get(f"/piece/{cid}").content == DATA[:-7]
    first.provider.faults(short_piece=None, drop_range={"times": 1})
    whole = first.http.get(f"/piece/{cid}", headers={"Range": "bytes=0-9"})
    assert (whole.status_code, whole.content) == (200, DATA)


def test_a_reading_breaks_where_it_is_told_to(first, cid):
    first.provider.faults(break_read_at={"value": 1_500_000, "times": 1})
    with pytest.raises(httpx.TransportError):
        first.http.get(f"/piece/{cid}")
    assert first.http.get(f"/piece/{cid}").content == DATA
