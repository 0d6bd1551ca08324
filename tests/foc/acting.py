"""
A payer and a provider who know the contracts only, without the client of this project:
what they sign is made by eth_account, and what they send by web3.
"""

from __future__ import annotations

import secrets
from base64 import b32encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_abi import decode, encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from web3 import Web3
from web3.exceptions import ContractLogicError
from web3.logs import DISCARD

from filmedia.filecoin.piece import PieceCid, piece_cid
from tests.foc import merkle
from tests.foc.chain import CHAIN_ID, Chain

_ENTRY = [{"name": "key", "type": "string"}, {"name": "value", "type": "string"}]
TYPES = {
    "CreateDataSet": [
        {"name": "clientDataSetId", "type": "uint256"},
        {"name": "payee", "type": "address"},
        {"name": "metadata", "type": "MetadataEntry[]"},
    ],
    "AddPieces": [
        {"name": "clientDataSetId", "type": "uint256"},
        {"name": "nonce", "type": "uint256"},
        {"name": "pieceData", "type": "Cid[]"},
        {"name": "pieceMetadata", "type": "PieceMetadata[]"},
    ],
    "SchedulePieceRemovals": [
        {"name": "clientDataSetId", "type": "uint256"},
        {"name": "pieceIds", "type": "uint256[]"},
    ],
    "TerminateService": [{"name": "dataSetId", "type": "uint256"}],
}
_PARTS = {
    "CreateDataSet": {"MetadataEntry": _ENTRY},
    "AddPieces": {
        "Cid": [{"name": "data", "type": "bytes"}],
        "MetadataEntry": _ENTRY,
        "PieceMetadata": [
            {"name": "pieceIndex", "type": "uint256"},
            {"name": "metadata", "type": "MetadataEntry[]"},
        ],
    },
    "SchedulePieceRemovals": {},
    "TerminateService": {},
}
MAX = 2**256 - 1
CREATED = 10**17
Metadata = dict[str, str]


def drawn() -> int:
    """A nonce that nobody has used."""
    return secrets.randbits(256)


@dataclass
class Payer:
    """Signs with `key`; for whoever `address` is, which another key may do by a session."""

    chain: Chain
    key: str
    address: str = ""

    def __post_init__(self) -> None:
        self.address = self.address or Account.from_key(self.key).address

    def funded(self, amount: int) -> Payer:
        """With that much USDFC in the account, and everything approved."""
        chain = self.chain
        chain.give_fil(self.address, 10**19)
        chain.mint(self.address, amount)
        pay, token = chain.contract("pay").functions, chain.contracts["usdfc"]
        approve = chain.contract("usdfc").functions.approve(chain.contracts["pay"], amount)
        chain.send(approve, key=self.key)
        chain.send(pay.deposit(token, self.address, amount), key=self.key)
        self.approve()
        return self

    def approve(
        self, *, approved: bool = True, rate: int = MAX, lockup: int = MAX, period: int = 86400
    ) -> None:
        fwss = self.chain.contracts["fwss"]
        call = self.chain.contract("pay").functions.setOperatorApproval(
            self.chain.contracts["usdfc"], fwss, approved, rate, lockup, period
        )
        self.chain.send(call, key=self.key)

    def account(self) -> tuple[int, int, int, int]:
        """funds, lockupCurrent, lockupRate, lockupLastSettledAt"""
        pay = self.chain.contract("pay").functions
        return tuple(pay.accounts(self.chain.contracts["usdfc"], self.address).call())

    def login(self, signer: str, expiry: int, *operations: str) -> None:
        """Let another key sign for this payer until `expiry`."""
        permissions = [type_hash(operation) for operation in operations]
        call = self.chain.contract("sessions").functions.login(signer, expiry, permissions, "tests")
        self.chain.send(call, key=self.key)

    def sign(self, operation: str, message: dict[str, Any]) -> bytes:
        domain = {
            "name": "FilecoinWarmStorageService",
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": self.chain.contracts["fwss"],
        }
        types = {operation: TYPES[operation], **_PARTS[operation]}
        typed = encode_typed_data(domain, types, message)
        return bytes(Account.sign_message(typed, self.key).signature)

    def create_extra(self, client_data_set: int, payee: str, metadata: Metadata) -> bytes:
        message = {
            "clientDataSetId": client_data_set,
            "payee": payee,
            "metadata": _entries(metadata),
        }
        return encode(
            ["address", "uint256", "string[]", "string[]", "bytes"],
            [
                self.address,
                client_data_set,
                list(metadata),
                list(metadata.values()),
                self.sign("CreateDataSet", message),
            ],
        )

    def add_extra(
        self,
        client_data_set: int,
        nonce: int,
        pieces: list[PieceCid],
        metadata: list[Metadata] | None = None,
    ) -> bytes:
        metadata = metadata or [{} for _ in pieces]
        message = {
            "clientDataSetId": client_data_set,
            "nonce": nonce,
            "pieceData": [{"data": piece.binary} for piece in pieces],
            "pieceMetadata": [
                {"pieceIndex": index, "metadata": _entries(words)}
                for index, words in enumerate(metadata)
            ],
        }
        return encode(
            ["uint256", "string[][]", "string[][]", "bytes"],
            [
                nonce,
                [list(words) for words in metadata],
                [list(words.values()) for words in metadata],
                self.sign("AddPieces", message),
            ],
        )

    def removal_extra(self, client_data_set: int, piece_ids: list[int]) -> bytes:
        message = {"clientDataSetId": client_data_set, "pieceIds": piece_ids}
        return encode(["bytes"], [self.sign("SchedulePieceRemovals", message)])

    def termination_extra(self, data_set: int) -> bytes:
        return encode(["bytes"], [self.sign("TerminateService", {"dataSetId": data_set})])


@dataclass
class Provider:
    """Holds pieces as files in `folder`, and speaks with PDPVerifier."""

    chain: Chain
    key: str
    folder: Path

    @property
    def address(self) -> str:
        return Account.from_key(self.key).address

    @property
    def _pdp(self) -> Any:
        return self.chain.contract("pdp").functions

    def keep(self, data: bytes) -> PieceCid:
        cid = PieceCid.parse(piece_cid([data]))
        (self.folder / str(cid)).write_bytes(data)
        return cid

    def create(self, payer: Payer, client_data_set: int, metadata: Metadata | None = None) -> int:
        """The id of a new, empty data set."""
        extra = payer.create_extra(client_data_set, self.address, metadata or {})
        call = self._pdp.createDataSet(self.chain.contracts["fwss"], extra)
        return self._created(self.chain.send(call, key=self.key, value=CREATED))

    def create_and_add(
        self,
        payer: Payer,
        client_data_set: int,
        pieces: list[PieceCid],
        metadata: Metadata | None = None,
    ) -> int:
        """The id of a new data set that has these pieces."""
        create = payer.create_extra(client_data_set, self.address, metadata or {})
        add = payer.add_extra(client_data_set, drawn(), pieces)
        extra = encode(["bytes", "bytes"], [create, add])
        call = self._pdp.addPieces(0, self.chain.contracts["fwss"], _cids(pieces), extra)
        return self._created(self.chain.send(call, key=self.key, value=CREATED))

    def add(self, data_set: int, pieces: list[PieceCid], extra: bytes) -> dict[str, Any]:
        call = self._pdp.addPieces(data_set, _NOBODY, _cids(pieces), extra)
        return self.chain.send(call, key=self.key)

    def remove(self, data_set: int, piece_ids: list[int], extra: bytes) -> None:
        call = self._pdp.schedulePieceDeletions(data_set, piece_ids, extra)
        self.chain.send(call, key=self.key)

    def next_period(self, data_set: int) -> int:
        """Begin proving, or go to the next period; the epoch of its challenge."""
        view = self.chain.contract("view").functions
        _period, window, _, first = view.getPDPConfig().call()
        started = view.provingDeadline(data_set).call()
        start = view.nextPDPChallengeWindowStart(data_set).call() if started else first
        # The transaction runs an epoch later at least, so not at the very start.
        epoch = start + window // 2
        self.chain.send(self._pdp.nextProvingPeriod(data_set, epoch, b""), key=self.key)
        return epoch

    def proofs(self, data_set: int) -> list[tuple[bytes, list[bytes]]]:
        """The answers to the challenges that are drawn by now."""
        epoch = self._pdp.getNextChallengeEpoch(data_set).call()
        seed = self._pdp.getRandomness(epoch).call()
        leaves = self._pdp.getChallengeRange(data_set).call()
        indexes = [
            int.from_bytes(
                Web3.solidity_keccak(["uint256", "uint256", "uint64"], [seed, data_set, number])
            )
            % leaves
            for number in range(5)
        ]
        answers = []
        for piece_id, offset in self._pdp.findPieceIds(data_set, indexes).call():
            (binary,) = self._pdp.getPieceCid(data_set, piece_id).call()
            answers.append(merkle.proof(self.folder / str(_spelled(binary)), offset))
        return answers

    def prove(self, data_set: int) -> dict[str, Any]:
        """Once the challenge epoch is there."""
        call = self._pdp.provePossession(data_set, self.proofs(data_set))
        fee = self._pdp.calculateProofFee(data_set).call()
        return self.chain.send(call, key=self.key, value=fee)

    def _created(self, receipt: dict[str, Any]) -> int:
        made = self.chain.contract("pdp").events.DataSetCreated()
        (event,) = made.process_receipt(receipt, errors=DISCARD)
        return event["args"]["setId"]


_NOBODY = "0x" + 40 * "0"


def type_hash(operation: str) -> bytes:
    """As EIP-712 defines it: the parts follow in the order of their names."""
    structs = {operation: TYPES[operation]} | dict(sorted(_PARTS[operation].items()))
    return bytes(Web3.keccak(text="".join(_struct(*each) for each in structs.items())))


def _struct(name: str, fields: list[dict[str, str]]) -> str:
    return f"{name}({','.join(' '.join([one['type'], one['name']]) for one in fields)})"


def _entries(metadata: Metadata) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in metadata.items()]


def _cids(pieces: list[PieceCid]) -> list[tuple[bytes]]:
    return [(piece.binary,) for piece in pieces]


def _spelled(binary: bytes) -> PieceCid:
    return PieceCid.parse("b" + b32encode(binary).decode().lower().rstrip("="))


@contextmanager
def refused(chain: Chain, name: str, *arguments: Any) -> Iterator[None]:
    """What happens inside reverts with that error; an argument of None may be anything."""
    with pytest.raises(ContractLogicError) as caught:
        yield
    found, values = decoded(chain, caught.value)
    assert found == name, (found, values)
    for wanted, value in zip(arguments, values, strict=bool(arguments)):
        assert wanted is None or _plain(wanted) == _plain(value), values


def decoded(chain: Chain, error: ContractLogicError) -> tuple[str, tuple[Any, ...]]:
    """The name and the arguments of an error of our contracts; "Error" is a plain string."""
    data = bytes.fromhex(str(error.data).removeprefix("0x"))
    known = {"08c379a0": ("Error", ["string"])}
    for contract in ("usdfc", "pay", "fwss", "pdp", "registry"):
        for entry in chain.contract(contract).abi:
            if entry["type"] == "error":
                types = [field["type"] for field in entry["inputs"]]
                signature = f"{entry['name']}({','.join(types)})"
                known[Web3.keccak(text=signature)[:4].hex()] = (entry["name"], types)
    name, types = known[data[:4].hex()]
    return name, decode(types, data[4:])


def _plain(value: Any) -> Any:
    """Addresses have two spellings."""
    return value.lower() if isinstance(value, str) else value
