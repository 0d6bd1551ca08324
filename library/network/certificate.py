"""
The certificate of a film: what anybody needs to check, without this library, that the film
has this name and that the chain has its pieces. `docs/check_certificate.py` does so.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from filmedia.filecoin.chain.networks import Network
from library.models import Copy, Piece, Video
from library.moments import moment
from library.network import connection, states

FORMAT = "filmedia-certificate/1"


def certificate(video: Video) -> dict[str, Any]:
    """For a film on a network. Says nothing of its title, its owner or its key."""
    network = connection.network()
    found = states.standing(video)
    return {
        "format": FORMAT,
        "made_at": moment(timezone.now()),
        "film": {
            "size": video.size,
            "sha256": video.sha256,
            "piece_cid": video.piece_cid,
            "encrypted": video.is_encrypted,
            "note": (
                "piece_cid is of the bytes as stored, which are encrypted; sha256 of the film's."
                if video.is_encrypted
                else "piece_cid and sha256 are both of the film's own bytes."
            ),
        },
        "state": {
            "word": video.get_state_display(),
            "since": moment(video.state_at),
            "copies": found.committed,
            "wanted": found.wanted,
        },
        "network": _network(network),
        "pieces": [_piece(piece, network) for piece in _pieces(video)],
    }


def _network(network: Network) -> dict[str, Any]:
    return {
        "name": network.name,
        "chain_id": network.chain_id,
        "rpc": network.rpc_urls[0],
        "warm_storage_service": network.fwss,
        "pdp_verifier": network.known.get("pdp", ""),
        "explorer": network.explorer,
    }


def _pieces(video: Video) -> list[Piece]:
    copies = "copies__data_set", "copies__holder", "copies__addition"
    return list(Piece.objects.filter(video=video).prefetch_related(*copies))


def _piece(piece: Piece, network: Network) -> dict[str, Any]:
    return {
        "index": piece.index,
        "offset": piece.offset,
        "size": piece.size,
        "piece_cid": piece.piece_cid,
        "copies": [
            _copy(copy, network)
            for copy in piece.copies.all()
            if copy.state == Copy.State.COMMITTED and copy.holder is not None
        ],
    }


def _copy(copy: Copy, network: Network) -> dict[str, Any]:
    assert copy.holder is not None and copy.data_set is not None
    addition, data_set = copy.addition, copy.data_set
    transaction = addition.shown_transaction if addition else ""
    return {
        "provider": {"id": copy.holder.number, "name": copy.holder.name},
        "url": f"{copy.holder.service_url}/piece/{copy.piece.piece_cid}",
        "data_set_id": data_set.number,
        "piece_id": copy.number,
        "transaction": transaction,
        "transaction_url": network.transaction_url(transaction),
        "block": addition.block if addition else None,
        "read_back_at": moment(copy.verified_at),
        "last_proven": {
            "epoch": data_set.last_proven if data_set.last_proven_at else None,
            "at": moment(data_set.last_proven_at),
        },
    }
