"""
`extraData`: the signed operations as providers hand them to the chain. Pure.

Parameters are encoded beside each other, not as one tuple.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..chain.abi import encode
from ..cid import PieceCid
from .keys import Signer
from .typed_data import (
    SET_KEYS,
    Domain,
    Metadata,
    add_pieces,
    create_data_set,
    each_metadata,
    metadata_entries,
    schedule_removals,
    terminate_service,
)


def for_create(
    signer: Signer,
    domain: Domain,
    *,
    payer: str,
    client_data_set_id: int,
    payee: str,
    metadata: Metadata,
) -> bytes:
    """`payer` is whose account pays; a session key signs for it."""
    signature = signer.sign(create_data_set(domain, client_data_set_id, payee, metadata))
    entries = metadata_entries(metadata, SET_KEYS)
    return encode(
        ["address", "uint256", "string[]", "string[]", "bytes"],
        [
            payer,
            client_data_set_id,
            [entry["key"] for entry in entries],
            [entry["value"] for entry in entries],
            signature,
        ],
    )


def for_add(
    signer: Signer,
    domain: Domain,
    *,
    client_data_set_id: int,
    nonce: int,
    cids: Sequence[PieceCid],
    metadata: Sequence[Metadata] = (),
) -> bytes:
    signature = signer.sign(add_pieces(domain, client_data_set_id, nonce, cids, metadata))
    entries = each_metadata(cids, metadata)
    return encode(
        ["uint256", "string[][]", "string[][]", "bytes"],
        [
            nonce,
            [[entry["key"] for entry in own] for own in entries],
            [[entry["value"] for entry in own] for own in entries],
            signature,
        ],
    )


def for_create_and_add(create: bytes, add: bytes) -> bytes:
    """Both made with one `client_data_set_id`."""
    return encode(["bytes", "bytes"], [create, add])


def for_removal(
    signer: Signer, domain: Domain, *, client_data_set_id: int, piece_ids: Sequence[int]
) -> bytes:
    signature = signer.sign(schedule_removals(domain, client_data_set_id, piece_ids))
    return encode(["bytes"], [signature])


def for_termination(signer: Signer, domain: Domain, *, data_set_id: int) -> bytes:
    return encode(["bytes"], [signer.sign(terminate_service(domain, data_set_id))])
