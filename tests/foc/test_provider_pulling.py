"""Pieces that a provider fetches from another."""

from __future__ import annotations

import pytest
from eth_abi import encode

from filmedia.filecoin.piece import PieceCid
from tests.foc.acting import drawn
from tests.foc.provider import cast
from tests.foc.provider.cast import bytes_at_random

first, second, providers = cast.first, cast.second, cast.providers


@pytest.fixture
def asked(first, second, payer):
    """What makes `second` pull two pieces from `first`."""
    return pull(first, second, payer, [first.store(bytes_at_random()) for _ in range(2)])


def pull(source, taker, payer, cids):
    create = payer.create_extra(1, taker.address, {})
    extra = encode(["bytes", "bytes"], [create, payer.add_extra(1, drawn(), cids)])
    return {
        "extraData": "0x" + extra.hex(),
        "recordKeeper": payer.chain.contracts["fwss"],
        "pieces": [
            {"pieceCid": str(cid), "sourceUrl": f"{source.provider.url}/piece/{cid}"}
            for cid in cids
        ],
    }


def told(client, body):
    answer = client.http.post("/pdp/piece/pull", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ended(client, body):
    client.until(lambda: told(client, body)["status"] in ("complete", "failed"))
    found = told(client, body)
    return found["status"], [one["status"] for one in found["pieces"]]


def cids_of(body):
    return [PieceCid.parse(one["pieceCid"]) for one in body["pieces"]]


def test_pieces_are_pulled_and_can_then_be_added(second, payer, asked):
    assert ended(second, asked) == ("complete", ["complete", "complete"])
    cids = cids_of(asked)
    assert [second.find(cid) for cid in cids] == [200, 200]
    body = {
        "recordKeeper": asked["recordKeeper"],
        "extraData": asked["extraData"],
        "pieces": cast.pieces(cids),
    }
    answer = second.http.post("/pdp/data-sets/create-and-add", json=body)
    assert second.over(answer.headers["Location"], "dataSetCreated")["ok"] is True


def test_the_same_body_is_the_same_pull(second, asked):
    second.provider.faults(pull_fails={"times": 2})
    assert ended(second, asked) == ("failed", ["failed", "failed"])
    assert ended(second, asked) == ("failed", ["failed", "failed"])


def test_a_pull_is_complete_where_any_piece_came(second, asked):
    second.provider.faults(pull_partly_fails={"times": 1})
    assert ended(second, asked) == ("complete", ["complete", "failed"])


@pytest.mark.parametrize(
    "fault", [{"corrupt_piece": True}, {"short_piece": True}, {"garbage": True}]
)
def test_what_is_not_the_piece_is_not_taken(first, second, asked, fault):
    first.provider.faults(**fault)
    assert ended(second, asked) == ("failed", ["failed", "failed"])
    assert not list(second.provider.folder.glob("draft-*"))


def test_a_source_that_fails_once_is_asked_again(first, second, asked):
    first.provider.faults(busy_retrieval={"times": 1})
    assert ended(second, asked)[0] == "complete"


def test_a_pull_goes_on_after_a_sudden_end(second, asked):
    second.provider.faults(pull_slow={"value": 600, "times": 1})
    assert told(second, asked)["status"] == "pending"
    second.provider.kill()
    second.provider.start()
    # Nobody has to ask for it.
    second.until(lambda: all(second.find(cid) == 200 for cid in cids_of(asked)))


def test_no_byte_moves_for_an_addition_that_would_fail(first, second, penniless):
    cid = first.store(bytes_at_random())
    body = pull(first, second, penniless, [cid])
    answer = second.http.post("/pdp/piece/pull", json=body)
    assert answer.status_code == 400 and "vm error=[0x" in answer.text
    assert second.find(cid) == 404


def test_what_pulls_are_refused(second, asked):
    def status(**changed):
        return second.http.post("/pdp/piece/pull", json=asked | changed).status_code

    one = asked["pieces"][0]
    assert status(pieces=[]) == 400
    assert status(pieces=[one, one]) == 400
    assert status(pieces=[one] * 41) == 400
    assert status(pieces=[one | {"sourceUrl": "ftp://127.0.0.1/piece"}]) == 400
    assert status(pieces=[one | {"sourceUrl": "/piece"}]) == 400
    assert status(recordKeeper=None) == 400
    assert status(recordKeeper="0x" + "11" * 20) == 403
    assert status(dataSetId=10**6) == 404
    second.provider.faults(pull_busy={"value": 60, "times": 1})
    answer = second.http.post("/pdp/piece/pull", json=asked)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")


def test_only_https_and_public_addresses_where_nothing_else_is_allowed(second, asked):
    second.provider.stop()
    second.provider.config["allow_insecure"] = False
    second.provider.start()
    try:
        assert second.http.post("/pdp/piece/pull", json=asked).status_code == 400
        one = asked["pieces"][0] | {"sourceUrl": "https://127.0.0.1/piece/x"}
        answer = second.http.post("/pdp/piece/pull", json=asked | {"pieces": [one]})
        assert (answer.status_code, "private" in answer.text) == (400, True)
    finally:
        second.provider.stop()
        del second.provider.config["allow_insecure"]
