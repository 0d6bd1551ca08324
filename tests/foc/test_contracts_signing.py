"""What payers sign is taken as published, and nothing else is."""

import json
import os
from pathlib import Path

import pytest
from eth_abi import encode
from eth_account import Account
from web3 import Web3

from tests.foc.acting import CREATED, Payer, drawn, refused, type_hash
from tests.foc.chain import CHAIN_ID

_VECTORS = Path(__file__).parent.parent / "vectors" / "eip712.json"
_CONSTANTS = {
    "CreateDataSet": "CREATE_DATA_SET_TYPEHASH",
    "AddPieces": "ADD_PIECES_TYPEHASH",
    "SchedulePieceRemovals": "SCHEDULE_PIECE_REMOVALS_TYPEHASH",
    "TerminateService": "TERMINATE_SERVICE_TYPEHASH",
}
_DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"


def _separator(name, contract):
    parts = [Web3.keccak(text=_DOMAIN), Web3.keccak(text=name), Web3.keccak(text="1")]
    types = ["bytes32", "bytes32", "bytes32", "uint256", "address"]
    return Web3.keccak(encode(types, [*parts, CHAIN_ID, contract]))


@pytest.mark.parametrize("operation", _CONSTANTS)
def test_type_hashes_are_those_of_the_vectors(chain, operation):
    published = json.loads(_VECTORS.read_text())["typeHashes"][operation]
    constant = chain.contract("fwss").functions[_CONSTANTS[operation]]().call()
    assert constant.hex() == published.removeprefix("0x") == type_hash(operation).hex()


def test_domains_are_those_of_the_published_contracts(chain):
    usdfc = chain.contract("usdfc").functions.domainSeparator().call()
    assert usdfc == _separator("USD for Filecoin Community", chain.contracts["usdfc"])
    domain = chain.contract("fwss").functions.eip712Domain().call()
    assert domain[:5] == [
        b"\x0f",
        "FilecoinWarmStorageService",
        "1",
        CHAIN_ID,
        chain.contracts["fwss"],
    ]


def test_a_data_set_is_made_with_its_pieces_and_words(chain, provider, payer):
    pieces = [provider.keep(os.urandom(size)) for size in (127, 1000)]
    data_set = provider.create_and_add(payer, 12345, pieces, {"source": "ünd", "withCDN": ""})
    view = chain.contract("view").functions
    assert view.getAllDataSetMetadata(data_set).call() == [["source", "withCDN"], ["ünd", ""]]
    assert view.clientNonces(payer.address, 12345).call() == data_set
    found, ids, more = (
        chain.contract("pdp").functions.getActivePiecesByCursor(data_set, 0, 10).call()
    )
    assert [binary for (binary,) in found] == [piece.binary for piece in pieces]
    assert (ids, more) == ([0, 1], False)
    assert view.clientDataSets(payer.address).call() == [data_set]


def test_a_nonce_of_added_pieces_tells_the_set_and_the_next_piece(chain, provider, payer):
    pieces = [provider.keep(os.urandom(127)) for _ in range(3)]
    data_set, nonce = provider.create(payer, 7), drawn()
    words = [{"a": "1"}, {}, {"b": "2", "c": ""}]
    provider.add(data_set, pieces, payer.add_extra(7, nonce, pieces, words))
    view = chain.contract("view").functions
    assert view.clientNonces(payer.address, nonce).call() == data_set | 3 << 128
    assert view.getAllPieceMetadata(data_set, 2).call() == [["b", "c"], ["2", ""]]
    assert view.clientNonces(payer.address, drawn()).call() == 0
    find = chain.contract("pdp").functions.findPieceIdsByCid
    assert find(data_set, (pieces[1].binary,), 0, 5).call() == [1]


def test_a_nonce_is_used_once_for_creating_and_adding_together(chain, provider, payer):
    pieces = [provider.keep(os.urandom(127))]
    data_set = provider.create(payer, 8)
    with refused(chain, "ClientDataSetAlreadyRegistered", 8):
        provider.create(payer, 8)
    with refused(chain, "ClientDataSetAlreadyRegistered", 8):
        provider.add(data_set, pieces, payer.add_extra(8, 8, pieces))


def test_a_session_key_signs_until_it_expires(chain, provider, payer):
    session = Payer(chain, Account.create().key.hex(), payer.address)
    signer = Account.from_key(session.key).address
    with refused(chain, "InvalidSignature", payer.address, signer):
        provider.create(session, drawn())
    payer.login(signer, chain.now() + 1000, "CreateDataSet", "AddPieces")
    number = drawn()
    data_set = provider.create(session, number)
    with refused(chain, "InvalidSignature", payer.address, signer):
        provider.remove(data_set, [], session.removal_extra(number, []))
    payer.login(signer, chain.now() + 1, "CreateDataSet")
    chain.mine(2)
    with refused(chain, "InvalidSignature", payer.address, signer):
        provider.create(session, drawn())


def test_a_session_key_that_is_revoked_signs_no_more(chain, provider, payer):
    session = Payer(chain, Account.create().key.hex(), payer.address)
    signer = Account.from_key(session.key).address
    payer.login(signer, chain.now() + 1000, "CreateDataSet")
    permission = [type_hash("CreateDataSet")]
    revoke = chain.contract("sessions").functions.revoke(signer, permission, "tests")
    chain.send(revoke, key=payer.key)
    with refused(chain, "InvalidSignature", payer.address, signer):
        provider.create(session, drawn())


def test_words_signed_in_another_order_are_not_the_same(chain, provider, payer):
    good = payer.create_extra(9, provider.address, {"a": "1", "b": "2"})
    other = payer.create_extra(9, provider.address, {"b": "2", "a": "1"})
    mixed = good.replace(good[-96:], other[-96:])
    create = chain.contract("pdp").functions.createDataSet
    with refused(chain, "InvalidSignature", payer.address, None):
        chain.send(create(chain.contracts["fwss"], mixed), key=provider.key, value=CREATED)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ({str(number): "" for number in range(11)}, "TooManyMetadataKeys"),
        ({"ü" * 17: ""}, "MetadataKeyExceedsMaxLength"),
        ({"a": "€" * 33}, "MetadataValueExceedsMaxLength"),
        ({"a" * 4096: ""}, "ExtraDataTooLarge"),
    ],
)
def test_words_are_few_and_short(chain, provider, payer, words, error):
    with refused(chain, error):
        provider.create(payer, drawn(), words)


def test_forty_one_pieces_fit_into_one_addition(chain, provider, payer):
    pieces = [provider.keep(os.urandom(127)) for _ in range(42)]
    data_set = provider.create(payer, 10)
    with refused(chain, "ExtraDataTooLarge"):
        provider.add(data_set, pieces, payer.add_extra(10, drawn(), pieces))
    provider.add(data_set, pieces[:41], payer.add_extra(10, drawn(), pieces[:41]))


def test_a_provider_posts_a_bond_and_is_registered(chain, provider, payer):
    create = chain.contract("pdp").functions.createDataSet
    extra = payer.create_extra(11, provider.address, {})
    with refused(chain, "CleanupDepositRequired"):
        chain.send(create(chain.contracts["fwss"], extra), key=provider.key, value=CREATED - 1)
    stranger = Account.create()
    chain.give_fil(stranger.address, 10**19)
    with refused(chain, "ProviderNotRegistered", stranger.address):
        chain.send(create(chain.contracts["fwss"], extra), key=stranger.key.hex(), value=CREATED)


def test_only_commitments_of_the_second_version_are_pieces(chain, provider, payer):
    data_set = provider.create(payer, 12)
    piece = provider.keep(os.urandom(127))
    add = chain.contract("pdp").functions.addPieces
    for wrong in (b"", piece.binary[:-1], b"\x01\x70" + piece.binary[2:]):
        call = add(data_set, "0x" + 40 * "0", [(wrong,)], b"\x01")
        with refused(chain, "Error", "Cid must be CommPv2"):
            chain.send(call, key=provider.key)
