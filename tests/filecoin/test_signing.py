"""Signed operations, byte for byte, for both chains, as the vectors have them."""

import json
from pathlib import Path

import pytest

from filmedia.filecoin.chain.networks import CALIBRATION, MAINNET
from filmedia.filecoin.cid import PieceCid
from filmedia.filecoin.errors import KeyNotAuthorised, NoKey
from filmedia.filecoin.signing import extra_data, keys, typed_data
from filmedia.filecoin.signing.keys import Access, LocalKey
from filmedia.filecoin.signing.typed_data import Domain

VECTORS = json.loads(Path(__file__).parents[1].joinpath("vectors/eip712.json").read_text())
OWNER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"


def of(operation):
    chosen = [vector for vector in VECTORS["vectors"] if vector["operation"] == operation]
    assert chosen
    return pytest.mark.parametrize("vector", chosen, ids=[vector["name"] for vector in chosen])


def domain(vector):
    network = {314: MAINNET, 314159: CALIBRATION}[vector["chainId"]]
    assert vector["domain"]["verifyingContract"] == network.fwss
    return Domain(network.chain_id, network.fwss)


def metadata(entries):
    return {entry["key"]: entry["value"] for entry in entries}


def as_given(entries):
    """The vectors have metadata in the order of their lists, which is not always sorted."""
    return [entry["key"] for entry in entries] == sorted(entry["key"] for entry in entries)


def digest(typed):
    from eth_account.messages import _hash_eip191_message, encode_typed_data

    return "0x" + _hash_eip191_message(encode_typed_data(full_message=typed.full)).hex()


def pieces(inputs):
    cids = [PieceCid.parse(piece["pieceCid"]) for piece in inputs["pieces"]]
    assert ["0x" + cid.binary.hex() for cid in cids] == [
        piece["pieceCidHex"] for piece in inputs["pieces"]
    ]
    return cids, [metadata(piece["metadata"]) for piece in inputs["pieces"]]


@of("CreateDataSet")
def test_the_creation_of_a_data_set(vector, monkeypatch):
    inputs = vector["inputs"]
    if not as_given(inputs["metadata"]):
        monkeypatch.setattr(typed_data, "sorted", list, raising=False)
    key, where = LocalKey(vector["signerKey"]), domain(vector)
    given = metadata(inputs["metadata"])
    typed = typed_data.create_data_set(
        where, int(inputs["clientDataSetId"]), inputs["payee"], given
    )
    assert digest(typed) == vector["digest"]
    assert "0x" + key.sign(typed).hex() == vector["signature"]
    made = extra_data.for_create(
        key,
        where,
        payer=inputs.get("payer", vector["signer"]),
        client_data_set_id=int(inputs["clientDataSetId"]),
        payee=inputs["payee"],
        metadata=given,
    )
    assert "0x" + made.hex() == vector["extraData"]


@of("AddPieces")
def test_the_addition_of_pieces(vector, monkeypatch):
    inputs = vector["inputs"]
    if not all(as_given(piece["metadata"]) for piece in inputs["pieces"]):
        monkeypatch.setattr(typed_data, "sorted", list, raising=False)
    key, where = LocalKey(vector["signerKey"]), domain(vector)
    cids, own = pieces(inputs)
    id, nonce = int(inputs["clientDataSetId"]), int(inputs["nonce"])
    typed = typed_data.add_pieces(where, id, nonce, cids, own)
    assert digest(typed) == vector["digest"]
    made = extra_data.for_add(
        key, where, client_data_set_id=id, nonce=nonce, cids=cids, metadata=own
    )
    assert "0x" + made.hex() == vector["extraData"]


@of("CreateDataSetAndAddPieces")
def test_both_at_once(vector):
    inputs, key, where = vector["inputs"], LocalKey(vector["signerKey"]), domain(vector)
    cids, own = pieces(inputs)
    id = int(inputs["clientDataSetId"])
    create = extra_data.for_create(
        key,
        where,
        payer=vector["signer"],
        client_data_set_id=id,
        payee=inputs["payee"],
        metadata=metadata(inputs["metadata"]),
    )
    add = extra_data.for_add(
        key, where, client_data_set_id=id, nonce=int(inputs["nonce"]), cids=cids, metadata=own
    )
    assert "0x" + extra_data.for_create_and_add(create, add).hex() == vector["extraData"]


@of("SchedulePieceRemovals")
def test_the_removal_of_pieces(vector):
    made = extra_data.for_removal(
        LocalKey(vector["signerKey"]),
        domain(vector),
        client_data_set_id=int(vector["inputs"]["clientDataSetId"]),
        piece_ids=[int(id) for id in vector["inputs"]["pieceIds"]],
    )
    assert "0x" + made.hex() == vector["extraData"]


@of("TerminateService")
def test_the_end_of_a_data_set(vector):
    made = extra_data.for_termination(
        LocalKey(vector["signerKey"]),
        domain(vector),
        data_set_id=int(vector["inputs"]["dataSetId"]),
    )
    assert "0x" + made.hex() == vector["extraData"]


@of("Permit")
def test_a_permit_of_the_token(vector):
    known = VECTORS["contracts"][str(vector["chainId"])]
    inputs = vector["inputs"]
    where = Domain(vector["chainId"], known["usdfc"], inputs["name"], inputs["version"])
    typed = typed_data.permit(
        where,
        vector["signer"],
        known["filecoinPay"],
        int(inputs["amount"]),
        int(inputs["nonce"]),
        int(inputs["deadline"]),
    )
    assert digest(typed) == vector["digest"]
    signature = LocalKey(vector["signerKey"]).sign(typed)
    assert "0x" + signature.hex() == vector["signature"]
    assert signature[64] == vector["v"]


def test_permissions_are_the_type_hashes():
    assert VECTORS["typeHashes"] == typed_data.PERMISSIONS


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        pytest.param({"k" * 33: ""}, "32 bytes", id="key too long"),
        pytest.param({"": "x"}, "1 to 32", id="no key"),
        pytest.param({"k": "日" * 33}, "96 bytes", id="bytes are counted, not letters"),
        pytest.param({str(n): "" for n in range(11)}, "At most 10", id="too many"),
    ],
)
def test_metadata_that_the_contract_refuses_is_never_signed(metadata, why):
    where = Domain(314159, CALIBRATION.fwss)
    with pytest.raises(typed_data.InvalidMetadata, match=why):
        typed_data.create_data_set(where, 1, OWNER, metadata)


def test_metadata_is_signed_in_the_order_of_its_keys():
    where = Domain(314159, CALIBRATION.fwss)
    one = typed_data.create_data_set(where, 1, OWNER, {"withCDN": "", "source": "filmedia"})
    other = typed_data.create_data_set(where, 1, OWNER, {"source": "filmedia", "withCDN": ""})
    assert one == other
    assert [entry["key"] for entry in one.message["metadata"]] == ["source", "withCDN"]


def test_a_key_is_never_shown():
    key = LocalKey(KEY)
    assert KEY[2:] not in repr(key) + str(key) + repr(vars(key)["_account"])
    with pytest.raises(NoKey) as refused:
        LocalKey(KEY + "0")
    assert KEY[2:] not in str(refused.value)


@pytest.mark.parametrize("text", ["", "0x", "0x" + "0" * 64, "f" * 64, KEY[:-1]])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(NoKey):
        LocalKey(text)


def test_new_keys_are_keys_and_nonces_are_large():
    assert LocalKey(keys.new_private_key()).address != LocalKey(keys.new_private_key()).address
    assert len({keys.new_nonce() for _ in range(100)}) == 100


def test_access_must_last_an_hour_more():
    access = Access(OWNER, "0xsession", {"AddPieces": 10_000})
    assert access.may("AddPieces", 10_000 - 3600)
    assert not access.may("AddPieces", 10_001 - 3600)
    with pytest.raises(KeyNotAuthorised, match="never allowed"):
        access.check("CreateDataSet", 0)
    with pytest.raises(KeyNotAuthorised, match="expired"):
        access.check("AddPieces", 10_000)
    Access(OWNER, OWNER, {}).check("CreateDataSet", 0)
