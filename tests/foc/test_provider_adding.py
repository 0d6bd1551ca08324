"""What a provider sends to the chain for a client, and how it tells of it."""

from __future__ import annotations

import httpx
import pytest

from tests.foc.acting import drawn
from tests.foc.provider import cast
from tests.foc.provider.cast import bytes_at_random, pieces

first, second, providers = cast.first, cast.second, cast.providers


@pytest.fixture
def stored(first):
    return [first.store(bytes_at_random()) for _ in range(2)]


@pytest.fixture
def data_set(first, payer, stored):
    return first.data_set(payer, 1, stored[:1])


def test_pieces_are_added_to_a_new_data_set_and_then_to_it(first, payer, chain, stored):
    location = first.create_and_add(payer, 1, stored[:1])
    made = first.over(location, "dataSetCreated")
    data_set, hash = made["dataSetId"], location.rpartition("/")[2]
    assert made == {
        "createMessageHash": hash,
        "dataSetCreated": True,
        "service": "public",
        "txStatus": "confirmed",
        "ok": True,
        "dataSetId": data_set,
    }
    added = first.over(f"/pdp/data-sets/{data_set}/pieces/added/{hash}", "piecesAdded")
    assert (added["pieceCount"], added["confirmedPieceIds"]) == (1, [0])

    answer = first.add(data_set, stored[1:], payer.add_extra(1, drawn(), stored[1:]))
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"].startswith(f"/pdp/data-sets/{data_set}/pieces/added/0x")
    told = first.over(answer.headers["Location"], "piecesAdded")
    assert told["confirmedPieceIds"] == [1]
    assert (told["txStatus"], told["addMessageOk"]) == ("confirmed", True)

    shown = first.http.get(f"/pdp/data-sets/{data_set}").json()
    assert [(one["pieceId"], one["pieceCid"]) for one in shown["pieces"]] == [
        (id, str(cid)) for id, cid in enumerate(stored)
    ]
    piece = first.http.get(f"/pdp/data-sets/{data_set}/pieces/1").json()
    assert piece["pieceCid"] == stored[1].v1
    held = chain.contract("pdp").functions.getActivePiecesByCursor(data_set, 0, 10).call()
    assert [bytes(binary) for (binary,) in held[0]] == [cid.binary for cid in stored]
    assert first.provider.adds_by_piece()[str(stored[0])] == {"sent": 1, "well": 1}
    assert [[str(cid)] for cid in stored] == first.provider.adds()[-2:]


def test_a_refusal_of_the_contract_is_told_at_once(first, payer, data_set, stored):
    nonce = drawn()
    extra = payer.add_extra(1, nonce, stored[1:])
    first.over(first.add(data_set, stored[1:], extra).headers["Location"], "piecesAdded")
    again = first.add(data_set, stored[1:], extra)
    assert again.status_code == 500
    assert "vm error=[0xdb94c961" in again.text and "[eid: " in again.text
    assert first.provider.adds_by_piece()[str(stored[1])] == {"sent": 1, "well": 1}


def test_a_revert_in_its_block_is_confirmed_and_not_ok_for_ever(first, payer, data_set, stored):
    first.provider.faults(add_reverts={"times": 1})
    extra = payer.add_extra(1, drawn(), stored[1:])
    location = first.add(data_set, stored[1:], extra).headers["Location"]
    first.until(lambda: first.http.get(location).json()["txStatus"] == "confirmed")
    told = first.http.get(location).json()
    assert (told["addMessageOk"], told["piecesAdded"]) == (False, False)
    assert "confirmedPieceIds" not in told
    # The nonce is still unused: the same is taken once the provider gets to it.
    first.until(lambda: first.add(data_set, stored[1:], extra).status_code == 201)


def test_a_lost_answer_leaves_the_addition_done(first, payer, data_set, stored):
    first.provider.faults(add_lost_answer={"times": 1})
    extra = payer.add_extra(1, drawn(), stored[1:])
    with pytest.raises(httpx.TransportError):
        first.add(data_set, stored[1:], extra)
    first.until(lambda: first.provider.adds_by_piece()[str(stored[1])]["well"] == 1)
    assert first.add(data_set, stored[1:], extra).status_code == 500


def test_what_is_never_submitted_is_not_on_chain(first, payer, data_set, stored):
    first.provider.faults(add_never_submitted={"times": 1})
    extra = payer.add_extra(1, drawn(), stored[1:])
    with pytest.raises(httpx.TransportError):
        first.add(data_set, stored[1:], extra)
    assert str(stored[1]) not in first.provider.adds_by_piece()
    assert first.add(data_set, stored[1:], extra).status_code == 201


def test_a_transaction_can_be_pending_long_and_be_replaced(first, payer, chain, data_set, stored):
    first.provider.faults(tx_pending_for=1, tx_replaced={"times": 1})
    extra = payer.add_extra(1, drawn(), stored[1:])
    location = first.add(data_set, stored[1:], extra).headers["Location"]
    told = first.http.get(location).json()
    assert (told["txStatus"], told["addMessageOk"], told["piecesAdded"]) == ("pending", None, False)
    told = first.over(location, "piecesAdded")
    assert told["txHash"] == location.rpartition("/")[2] != told["confirmedTxHash"]
    assert chain.web3.eth.get_transaction_receipt(told["confirmedTxHash"])["status"] == 1


def test_additions_are_held_to_their_form(first, payer, data_set, stored):
    one = pieces(stored[:1])[0]
    unknown = pieces([cast.PieceCid(b"\x07" * 32, 1000)])
    for wrong in (
        [],
        [one] * 2,
        pieces(stored[:1]) * 41,
        [{"pieceCid": one["pieceCid"]}],
        [{"pieceCid": one["pieceCid"], "subPieces": []}],
        [{"pieceCid": stored[0].v1, "subPieces": [{"subPieceCid": stored[0].v1}]}],
        [one | {"subPieces": pieces(stored[1:])[0]["subPieces"]}],
        unknown,
        "pieces",
    ):
        body = {"pieces": wrong, "extraData": "0x00"}
        answer = first.http.post(f"/pdp/data-sets/{data_set}/pieces", json=body)
        assert answer.status_code == 400, (wrong, answer.text)
    for extra in (None, "", "00", "0x0", "0xzz"):
        body = {"pieces": [one], "extraData": extra}
        answer = first.http.post(f"/pdp/data-sets/{data_set}/pieces", json=body)
        assert answer.status_code == 400
    large = {"recordKeeper": payer.chain.contracts["fwss"], "extraData": "0x" + "00" * 4097}
    assert first.http.post("/pdp/data-sets", json=large).status_code == 400


def test_an_empty_data_set_can_be_made(first, payer):
    extra = payer.create_extra(5, first.address, {"source": "filmedia"})
    body = {"recordKeeper": payer.chain.contracts["fwss"], "extraData": "0x" + extra.hex()}
    answer = first.http.post("/pdp/data-sets", json=body)
    assert answer.status_code == 201
    made = first.over(answer.headers["Location"], "dataSetCreated")
    shown = first.http.get(f"/pdp/data-sets/{made['dataSetId']}").json()
    assert shown == {"id": made["dataSetId"], "nextChallengeEpoch": 0, "pieces": []}


def test_an_addition_outlives_a_sudden_end(first, payer, chain, data_set, stored):
    chain.set_mining(False)
    try:
        extra = payer.add_extra(1, drawn(), stored[1:])
        location = first.add(data_set, stored[1:], extra).headers["Location"]
        assert first.http.get(location).json()["txStatus"] == "pending"
        first.provider.kill()
        first.provider.start()
        assert first.http.get(location).json()["txStatus"] == "pending"
    finally:
        chain.set_mining(True)
    chain.mine()
    assert first.over(location, "piecesAdded")["confirmedPieceIds"] == [1]


def test_who_adds_to_missing_data_sets_is_kept_out_for_a_while(first, stored):
    statuses = [first.add(10**6, stored, b"\x00").status_code for _ in range(5)]
    assert statuses == [404] * 5
    kept_out = first.http.get("/pdp/ping")
    assert kept_out.status_code == 429 and int(kept_out.headers["Retry-After"]) > 0
    assert first.http.get(f"/piece/{stored[0]}").status_code == 200
    first.until(lambda: first.http.get("/pdp/ping").status_code == 200)


def test_pieces_leave_with_the_next_period_and_their_place_is_free(first, payer, chain, data_set):
    deadline = chain.contract("view").functions.provingDeadline(data_set).call
    first.until(deadline)
    body = {"extraData": "0x" + payer.removal_extra(1, [0]).hex(), "pieceIds": [0]}
    where = f"/pdp/data-sets/{data_set}/pieces/0"
    for wrong in ([0, 0], [0.0], [1], ["0"]):
        answer = first.http.request("DELETE", where, json=body | {"pieceIds": wrong})
        assert answer.status_code == 400, wrong
    first.provider.faults(removal_queue_full={"times": 1})
    assert first.http.request("DELETE", where, json=body).status_code == 429
    answer = first.http.request("DELETE", where, json=body)
    assert answer.status_code == 200
    # A moment may pass before the node has mined what it was sent.
    sent = chain.web3.eth.wait_for_transaction_receipt(answer.json()["txHash"], poll_latency=0.02)
    assert sent["status"] == 1
    assert first.http.get(where).status_code == 200
    chain.set_mining(True, 0.1)
    try:
        first.until(lambda: first.http.get(where).status_code == 404, 60)
    finally:
        chain.set_mining(True)
    assert first.http.get(f"/pdp/data-sets/{data_set}").json()["pieces"] == []
    assert deadline() == 0


def test_a_data_set_ends_with_consent(first, payer, chain, data_set, stored):
    where = f"/pdp/data-sets/{data_set}/terminate"
    assert first.http.get(where).status_code == 404
    body = {"extraData": "0x" + payer.termination_extra(data_set).hex()}
    first.provider.faults(contract_too_old={"times": 1})
    assert first.http.post(where, json=body).status_code == 503
    answer = first.http.post(where, json=body)
    assert (answer.status_code, answer.content) == (202, b"")
    first.until(lambda: first.http.get(where).json()["fwssTerminated"])
    told = first.http.get(where).json()
    end = chain.contract("view").functions.getDataSet(data_set).call()[8]
    assert told["serviceTerminationEpoch"] == end
    assert told["terminationTxHash"].startswith("0x")
    again = first.http.post(where, json=body)
    assert (again.status_code, again.json()["code"]) == (409, 0)
    extra = payer.add_extra(1, drawn(), stored[1:])
    assert first.add(data_set, stored[1:], extra).status_code == 409


def test_consent_that_is_no_consent_ends_nothing(first, payer, chain, data_set):
    where = f"/pdp/data-sets/{data_set}/terminate"
    body = {"extraData": "0x" + payer.termination_extra(data_set + 1).hex()}
    assert first.http.post(where, json=body).status_code == 202
    first.until(lambda: first.http.get(where).status_code == 404)
    assert chain.contract("view").functions.getDataSet(data_set).call()[8] == 0
