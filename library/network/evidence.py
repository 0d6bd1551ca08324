"""What the state of a film on a network rests on: who holds it, on chain where, proven when."""

from __future__ import annotations

from typing import Any

from filmedia.filecoin.chain.networks import Network
from library.models import Copy, DataSet, Removal, Video
from library.moments import moment
from library.network import connection, states


def of(video: Video) -> dict[str, Any]:
    """
    For the film's page and the API: each provider that holds pieces of it, with its data
    set and what is known of its proofs. Ask for rows with `Video.objects.for_details()`.
    """
    network = _network()
    by_provider: dict[str, list[Copy]] = {}
    pieces = list(video.pieces.all())
    for piece in pieces:
        for copy in piece.copies.all():
            if copy.holder is not None:
                by_provider.setdefault(copy.provider, []).append(copy)
    return {
        "explorer": network.explorer if network else "",
        "read_at": _read_at(by_provider),
        "providers": [_provider(copies, len(pieces), network) for copies in by_provider.values()],
        "certificate_ready": video.committed_copies > 0,
    }


def _network() -> Network | None:
    return None if connection.is_local() else connection.network()


def _read_at(by_provider: dict[str, list[Copy]]) -> str | None:
    """How old the oldest of what is said of proofs is."""
    sets = [copy.data_set for copies in by_provider.values() for copy in copies if copy.data_set]
    read = [data_set.read_at for data_set in sets if data_set.read_at]
    return moment(min(read)) if read else None


def _provider(copies: list[Copy], pieces: int, network: Network | None) -> dict[str, Any]:
    holder = copies[0].holder
    assert holder is not None
    data_set = next((copy.data_set for copy in copies if copy.data_set), None)
    held = [copy for copy in copies if copy.state in states.HELD]
    additions = {copy.addition.pk: copy.addition for copy in copies if copy.addition}
    return {
        "id": holder.number,
        "name": holder.name,
        "title": holder.title,
        "pieces": pieces,
        "held": len(held),
        "committed": sum(copy.state == Copy.State.COMMITTED for copy in copies),
        "coming": sum(copy.state == Copy.State.WANTED for copy in copies),
        "doubted": sum(copy.state == Copy.State.DOUBTED for copy in copies),
        "read_back_at": _oldest(held),
        "faults": sorted({copy.fault for copy in copies if copy.fault}),
        "data_set": _data_set(data_set, network) if data_set else None,
        "transactions": [
            {
                "hash": one.shown_transaction,
                "url": network.transaction_url(one.shown_transaction) if network else "",
                "block": one.block,
                "state": one.state,
                "error": one.error,
            }
            for one in additions.values()
            if one.shown_transaction or one.error
        ],
    }


def _oldest(copies: list[Copy]) -> str | None:
    """When the copy that was looked at longest ago was; None where one never was."""
    read = [copy.verified_at for copy in copies]
    return moment(min(at for at in read if at)) if read and all(read) else None


def _data_set(data_set: DataSet, network: Network | None) -> dict[str, Any]:
    status = states.proofs_of(data_set)
    return {
        "id": data_set.number,
        "word": status.word,
        "sentence": status.sentence,
        "last_proven_at": moment(data_set.last_proven_at),
        "last_proven_epoch": data_set.last_proven if data_set.last_proven_at else None,
        "due_at": moment(status.due_at),
        "read_at": moment(data_set.read_at),
        "beam": data_set.beam,
    }


def leaving() -> list[Removal]:
    """What was erased and is still out there, because it leaves at a proving period only."""
    return list(
        Removal.objects.exclude(state=Removal.State.GONE).select_related("data_set__provider")
    )
