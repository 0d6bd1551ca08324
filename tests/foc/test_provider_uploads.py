"""Sending pieces to a provider, and what it does not take."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection
from uuid import UUID

import httpx
import pytest

from filmedia.filecoin.piece import MAX_PIECE_SIZE, PieceCid, piece_cid
from tests.foc.provider import cast
from tests.foc.provider.cast import bytes_at_random

first, providers = cast.first, cast.providers

NOWHERE = UUID(int=7)
OTHER = str(PieceCid(b"\x01" * 32, 500))


def test_a_session_is_sent_finalised_and_found(first):
    data = bytes_at_random()
    cid = str(piece_cid([data]))
    session = first.begin()
    assert session.startswith("/pdp/piece/uploads/")
    assert first.send(session, data).status_code == 204
    finalised = first.http.post(session, json={"pieceCid": cid})
    assert (finalised.status_code, finalised.content) == (200, b"")
    found = first.http.get("/pdp/piece", params={"pieceCid": cid})
    assert found.status_code == 404
    first.until(lambda: first.find(PieceCid.parse(cid)) == 200)
    assert first.http.get("/pdp/piece", params={"pieceCid": cid}).json() == {"pieceCid": cid}
    assert first.http.get(f"/piece/{cid}").content == data


def test_a_finalised_session_is_forgotten(first):
    data = bytes_at_random()
    session = first.begin()
    first.send(session, data)
    body = {"pieceCid": str(piece_cid([data]))}
    assert [first.http.post(session, json=body).status_code for _ in range(2)] == [200, 404]
    assert first.send(session, data).status_code == 404


def test_chunked_sendings_are_taken(first):
    data = bytes_at_random(300_000)
    session = first.begin()
    portions = (data[at : at + 7777] for at in range(0, len(data), 7777))
    assert first.send(session, portions).status_code == 204
    body = {"pieceCid": str(piece_cid([data]))}
    assert first.http.post(session, json=body).status_code == 200


def test_the_older_way_begins_with_the_cid(first):
    data = bytes_at_random()
    cid = str(piece_cid([data]))
    answer = first.http.post("/pdp/piece", json={"pieceCid": cid})
    assert answer.status_code == 201
    location = answer.headers["Location"]
    assert first.send(location, data[:-1] + b"x" * 2).status_code == 413
    assert first.send(location, data[:-1]).status_code == 400
    assert [first.send(location, data).status_code for _ in range(2)] == [204, 409]
    first.until(lambda: first.find(PieceCid.parse(cid)) == 200)
    held = first.http.post("/pdp/piece", json={"pieceCid": cid})
    assert (held.status_code, held.json()) == (200, {"pieceCid": cid})


@pytest.mark.parametrize("size", [1, 126])
def test_fewer_bytes_than_127_are_refused(first, size):
    assert first.send(first.begin(), bytes(size)).status_code == 400
    assert first.send(first.begin(), bytes(127)).status_code == 204


def test_more_bytes_than_the_cap_are_refused_by_their_announcement(first):
    connection = HTTPConnection("127.0.0.1", first.provider.config["port"])
    with closing(connection):
        connection.putrequest("PUT", first.begin())
        connection.putheader("Content-Type", "application/octet-stream")
        connection.putheader("Content-Length", str(MAX_PIECE_SIZE + 1))
        connection.endheaders()
        assert connection.getresponse().status == 413


@pytest.mark.parametrize(
    "method, path, options, status",
    [
        ("GET", "/pdp/ping", {}, 200),
        ("PUT", "/pdp/ping", {}, 405),
        ("OPTIONS", "/pdp/piece/uploads", {}, 204),
        ("GET", "/nothing", {}, 404),
        ("PUT", "/pdp/piece/uploads/not-a-uuid", {"content": bytes(127)}, 400),
        ("PUT", f"/pdp/piece/uploads/{NOWHERE}", {"content": bytes(127)}, 404),
        ("POST", f"/pdp/piece/uploads/{NOWHERE}", {"json": {"pieceCid": OTHER}}, 404),
        ("GET", "/pdp/piece?pieceCid=nonsense", {}, 400),
        ("GET", f"/pdp/piece?pieceCid={PieceCid.parse(OTHER).v1}", {}, 400),
        ("GET", f"/pdp/piece?pieceCid={OTHER}", {}, 404),
        ("GET", f"/pdp/piece/{OTHER}/status", {}, 404),
        ("POST", "/pdp/piece", {"json": {"pieceCid": str(PieceCid(bytes(32), 100))}}, 400),
        ("POST", "/pdp/piece", {"json": {"pieceCid": str(PieceCid(bytes(32), 2**30))}}, 413),
        ("POST", "/pdp/data-sets", {"json": {"extraData": "0x00"}}, 400),
        (
            "POST",
            "/pdp/data-sets",
            {"json": {"extraData": "0x00", "recordKeeper": "0x" + "11" * 20}},
            403,
        ),
        ("POST", "/pdp/data-sets/999999/pieces", {"json": {}}, 404),
        ("GET", "/pdp/data-sets/999999", {}, 404),
        ("GET", "/pdp/data-sets/999999/pieces/0", {}, 404),
        ("GET", "/pdp/data-sets/999999/terminate", {}, 404),
        ("GET", f"/pdp/data-sets/created/0x{'0' * 64}", {}, 404),
        ("GET", f"/pdp/data-sets/1/pieces/added/0x{'0' * 64}", {}, 404),
        ("DELETE", "/pdp/data-sets/9/pieces/0", {"json": {"extraData": "0x00"}}, 404),
        ("GET", "/piece/nonsense", {}, 400),
        ("GET", f"/piece/{OTHER}", {}, 404),
    ],
)
def test_what_is_answered(first, method, path, options, status):
    answer = first.http.request(method, path, **options)
    assert answer.status_code == status, answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    if status in (400, 403, 413):
        assert "[eid: " in answer.text
        assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    "headers", [{}, {"Content-Type": "text/plain"}, {"Content-Type": "multipart/form-data"}]
)
def test_a_sending_is_of_plain_bytes(first, headers):
    assert first.http.put(first.begin(), content=bytes(127), headers=headers).status_code == 400


def test_finalising_compares_size_and_root(first):
    data = bytes_at_random()
    session = first.begin()
    unfinished = first.http.post(session, json={"pieceCid": str(piece_cid([data]))})
    assert unfinished.status_code == 500
    first.send(session, data)
    cid = PieceCid.parse(str(piece_cid([data])))
    for wrong in (PieceCid(cid.root, cid.size - 1), PieceCid(b"\x02" * 32, cid.size)):
        assert first.http.post(session, json={"pieceCid": str(wrong)}).status_code == 400
    assert first.http.post(session, json={"pieceCid": cid.v1}).status_code == 400
    assert first.http.post(session, content=b"{", headers=_JSON).status_code == 400
    assert first.http.post(session, json={"pieceCid": str(cid)}).status_code == 200


def test_what_was_parked_and_begun_outlives_a_sudden_end(first):
    data, other = bytes_at_random(), bytes_at_random()
    cid = first.store(data)
    session = first.begin()
    first.send(session, other)
    first.provider.kill()
    first.provider.start()
    assert first.find(cid) == 200
    body = {"pieceCid": str(piece_cid([other]))}
    assert first.http.post(session, json=body).status_code == 200


def test_a_piece_that_nobody_uses_is_let_go(first):
    first.provider.stop()
    first.provider.config["keep_unclaimed"] = 0.5
    first.provider.start()
    try:
        cid = first.store(bytes_at_random())
        first.until(lambda: first.find(cid) == 404)
        assert not list(first.provider.folder.glob(f"piece-{cid}*"))
    finally:
        first.provider.stop()
        del first.provider.config["keep_unclaimed"]


# --- faults -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault, path, status",
    [
        ({"alerts_503": True}, "/pdp/ping", 503),
        ({"busy_429": 7}, "/pdp/ping", 429),
        ({"busy_without_retry_after": True}, "/pdp/ping", 429),
        ({"garbage": True}, "/pdp/ping", 200),
        ({"redirect_to": "http://169.254.169.254/"}, "/pdp/ping", 302),
    ],
)
def test_faults_that_answer(first, fault, path, status):
    first.provider.faults(**fault)
    answer = first.http.get(path)
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("7" if "busy_429" in fault else None)
    assert answer.headers.get("Location") == fault.get("redirect_to")
    assert ("<html>" in answer.text) == ("garbage" in fault)


def test_a_fault_ends_after_its_uses(first):
    first.provider.faults(alerts_503={"times": 2})
    assert [first.http.get("/pdp/ping").status_code for _ in range(3)] == [503, 503, 200]


def test_faults_outlive_a_sudden_end_and_unknown_ones_are_refused(first):
    first.provider.faults(alerts_503=True)
    first.provider.kill()
    first.provider.start()
    assert first.http.get("/pdp/ping").status_code == 503
    assert first.http.put("/faults", json={"nonsense": True}).status_code == 400


def test_a_lost_answer_is_no_answer_at_all(first):
    data = bytes_at_random()
    cid, session = PieceCid.parse(str(piece_cid([data]))), first.begin()
    first.send(session, data)
    first.provider.faults(finalise_lost_answer={"times": 1})
    with pytest.raises(httpx.TransportError):
        first.http.post(session, json={"pieceCid": str(cid)})
    first.until(lambda: first.find(cid) == 200)
    assert first.http.post(session, json={"pieceCid": str(cid)}).status_code == 404


def test_a_broken_sending_leaves_the_session_as_it_was(first):
    data, session = bytes_at_random(500_000), first.begin()
    first.provider.faults(break_upload_at={"value": 100_000, "times": 1})
    with pytest.raises(httpx.TransportError):
        first.send(session, data)
    assert first.send(session, data).status_code == 204
    assert not list(first.provider.folder.glob("draft-*"))


def test_a_stalled_sending_takes_no_more(first):
    first.provider.faults(stall_upload_at={"value": 100_000, "times": 1})
    with pytest.raises(httpx.TimeoutException):
        first.http.put(
            first.begin(),
            content=bytes(100_000_000),
            headers={"Content-Type": "application/octet-stream"},
            timeout=0.5,
        )


def test_faults_of_pieces_are_of_those_that_are_named(first):
    data, other = bytes_at_random(), bytes_at_random()
    cid, kept = first.store(data), first.store(other)
    first.provider.faults(forget_pieces=str(cid), wrong_cid=str(kept))
    assert first.find(cid) == 404
    told = first.http.get("/pdp/piece", params={"pieceCid": str(kept)}).json()
    assert told["pieceCid"] != str(kept)
    first.provider.well()
    assert (first.find(cid), first.find(kept)) == (404, 200)


_JSON = {"Content-Type": "application/json"}
