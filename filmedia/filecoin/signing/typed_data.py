"""
The operations that are signed, as EIP-712 typed data. Pure.

Metadata is sorted by key before it is signed, as the platform's own SDK does, and held to
the contract's limits first: a signature over something the contract refuses costs a round
trip and says less. The source of every form is the warm storage service, version 1.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..cid import PieceCid
from ..errors import FilecoinError

# What a session key can be allowed to do: the type hash of each operation.
PERMISSIONS = {
    "CreateDataSet": "0x25ebf20299107c91b4624d5bac3a16d32cabf0db23b450ee09ab7732983b1dc9",
    "AddPieces": "0x954bdc254591a7eab1b73f03842464d9283a08352772737094d710a4428fd183",
    "SchedulePieceRemovals": "0x5415701e313bb627e755b16924727217bb356574fe20e7061442c200b0822b22",
    "TerminateService": "0x522bd88a11de1cdc6574394dde7a21ae488ff13e16e7408d0ea721dd8479dffc",
}

MAX_KEY, MAX_VALUE = 32, 96  # bytes of UTF-8
SET_KEYS, PIECE_KEYS = 10, 3
MAX_PIECES = 40

Metadata = Mapping[str, str]

_ENTRY = [("key", "string"), ("value", "string")]
_TYPES: dict[str, list[tuple[str, str]]] = {
    "MetadataEntry": _ENTRY,
    "CreateDataSet": [
        ("clientDataSetId", "uint256"),
        ("payee", "address"),
        ("metadata", "MetadataEntry[]"),
    ],
    "Cid": [("data", "bytes")],
    "PieceMetadata": [("pieceIndex", "uint256"), ("metadata", "MetadataEntry[]")],
    "AddPieces": [
        ("clientDataSetId", "uint256"),
        ("nonce", "uint256"),
        ("pieceData", "Cid[]"),
        ("pieceMetadata", "PieceMetadata[]"),
    ],
    "SchedulePieceRemovals": [("clientDataSetId", "uint256"), ("pieceIds", "uint256[]")],
    "TerminateService": [("dataSetId", "uint256")],
    "Permit": [
        ("owner", "address"),
        ("spender", "address"),
        ("value", "uint256"),
        ("nonce", "uint256"),
        ("deadline", "uint256"),
    ],
}
_DOMAIN = [
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
]
_USED = {
    "CreateDataSet": ["MetadataEntry"],
    "AddPieces": ["Cid", "MetadataEntry", "PieceMetadata"],
}


class InvalidMetadata(FilecoinError):
    """The contract would refuse it."""


@dataclass(frozen=True)
class Domain:
    """Which contract on which chain a signature is for."""

    chain_id: int
    contract: str
    name: str = "FilecoinWarmStorageService"
    version: str = "1"


@dataclass(frozen=True)
class TypedData:
    """`operation` is the primary type; its type hash is the permission that it needs."""

    domain: Domain
    operation: str
    message: Mapping[str, Any]

    @property
    def full(self) -> dict[str, Any]:
        """As wallets take it (eth_signTypedData_v4)."""
        names = [self.operation, *_USED.get(self.operation, [])]
        return {
            "types": {
                "EIP712Domain": _fields(_DOMAIN),
                **{name: _fields(_TYPES[name]) for name in names},
            },
            "primaryType": self.operation,
            "domain": {
                "name": self.domain.name,
                "version": self.domain.version,
                "chainId": self.domain.chain_id,
                "verifyingContract": self.domain.contract,
            },
            "message": dict(self.message),
        }


def create_data_set(
    domain: Domain, client_data_set_id: int, payee: str, metadata: Metadata
) -> TypedData:
    """`payee` is the provider's payee in the registry, not the address it sends from."""
    entries = metadata_entries(metadata, SET_KEYS)
    return TypedData(
        domain,
        "CreateDataSet",
        {"clientDataSetId": client_data_set_id, "payee": payee, "metadata": entries},
    )


def add_pieces(
    domain: Domain,
    client_data_set_id: int,
    nonce: int,
    cids: Sequence[PieceCid],
    metadata: Sequence[Metadata] = (),
) -> TypedData:
    """`metadata` has one mapping for each piece, or is empty where no piece has any."""
    if not 0 < len(cids) <= MAX_PIECES:
        raise InvalidMetadata(f"From 1 to {MAX_PIECES} pieces are added at once: {len(cids)}.")
    entries = each_metadata(cids, metadata)
    return TypedData(
        domain,
        "AddPieces",
        {
            "clientDataSetId": client_data_set_id,
            "nonce": nonce,
            "pieceData": [{"data": cid.binary} for cid in cids],
            "pieceMetadata": [
                {"pieceIndex": index, "metadata": own} for index, own in enumerate(entries)
            ],
        },
    )


def schedule_removals(
    domain: Domain, client_data_set_id: int, piece_ids: Sequence[int]
) -> TypedData:
    message = {"clientDataSetId": client_data_set_id, "pieceIds": list(piece_ids)}
    return TypedData(domain, "SchedulePieceRemovals", message)


def terminate_service(domain: Domain, data_set_id: int) -> TypedData:
    return TypedData(domain, "TerminateService", {"dataSetId": data_set_id})


def permit(
    domain: Domain, owner: str, spender: str, amount: int, nonce: int, deadline: int
) -> TypedData:
    """`deadline` in unix seconds. The domain is the token's own: its name, version, address."""
    message = {
        "owner": owner,
        "spender": spender,
        "value": amount,
        "nonce": nonce,
        "deadline": deadline,
    }
    return TypedData(domain, "Permit", message)


def metadata_entries(metadata: Metadata, most: int) -> list[dict[str, str]]:
    """Sorted by key. Raises InvalidMetadata over the contract's limits, in bytes."""
    if len(metadata) > most:
        raise InvalidMetadata(f"At most {most} words of metadata are taken, not {len(metadata)}.")
    for key, value in metadata.items():
        if not 0 < len(key.encode()) <= MAX_KEY:
            raise InvalidMetadata(f"The key {key!r} is not of 1 to {MAX_KEY} bytes.")
        if len(value.encode()) > MAX_VALUE:
            raise InvalidMetadata(f"The value of {key!r} has more than {MAX_VALUE} bytes.")
    return [{"key": key, "value": metadata[key]} for key in sorted(metadata)]


def each_metadata(
    cids: Sequence[PieceCid], metadata: Sequence[Metadata]
) -> list[list[dict[str, str]]]:
    own = list(metadata) or [{} for _ in cids]
    if len(own) != len(cids):
        raise InvalidMetadata(f"{len(cids)} pieces cannot have {len(own)} sets of metadata.")
    return [metadata_entries(one, PIECE_KEYS) for one in own]


def _fields(fields: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "type": type} for name, type in fields]
