"""
Which of the five words is true of a film on a network, from the rows of its copies.

A film has as many copies as its scarcest piece. Once it had all that were wanted, having
fewer puts it at risk; before that it is still on its way.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from filmedia.filecoin.proofs import ProofFacts, ProofStatus, proof_status
from library import events
from library.models import Copy, DataSet, Piece, Reading, Video

State = Video.State

HELD = (Copy.State.STORED, Copy.State.COMMITTING, Copy.State.COMMITTED)
# A provider that is silent for so long, before the chain has what it holds, is not counted on.
SILENT = timedelta(seconds=45)
# Words of a data set's proofs under which what it holds is not safe.
RISKY = ("overdue", "missed", "ending", "ended")


@dataclass(frozen=True)
class Standing:
    """How many copies there are of a film's scarcest piece, and what threatens them."""

    wanted: int
    held: int
    committed: int
    proven: bool
    proven_at: datetime | None
    risks: list[str] = field(default_factory=list)


def is_held(copy: Copy) -> bool:
    """Whether it counts as a copy: it is there as far as anybody can tell."""
    if copy.state == Copy.State.COMMITTED:
        return True
    silent = copy.holder.silent_since if copy.holder else None
    return copy.state in HELD and (silent is None or timezone.now() - silent < SILENT)


def standing(video: Video) -> Standing:
    pieces = set(Piece.objects.filter(video=video).values_list("pk", flat=True))
    held: Counter[int] = Counter(dict.fromkeys(pieces, 0))
    committed: Counter[int] = Counter(dict.fromkeys(pieces, 0))
    sets: dict[int, tuple[DataSet, int]] = {}
    copies = Copy.objects.filter(piece__in=pieces, holder__isnull=False)
    for copy in copies.select_related("data_set__provider", "addition", "holder"):
        if is_held(copy):
            held[copy.piece_id] += 1
        if copy.state == Copy.State.COMMITTED and copy.data_set is not None:
            committed[copy.piece_id] += 1
            since = _since(copy)
            known, earlier = sets.get(copy.data_set.pk, (copy.data_set, 0))
            sets[copy.data_set.pk] = known, max(since, earlier)
    statuses = [(data_set, proofs_of(data_set), since) for data_set, since in sets.values()]
    proven = [
        data_set.last_proven_at
        for data_set, status, since in statuses
        if data_set.activation and data_set.last_proven > since and status.last_proven_epoch
    ]
    return Standing(
        wanted=video.wanted_copies,
        held=min(held.values(), default=0),
        committed=min(committed.values(), default=0),
        proven=bool(statuses) and len(proven) == len(statuses),
        proven_at=min((at for at in proven if at is not None), default=None),
        risks=[
            f"{data_set.provider}: {status.sentence}"
            for data_set, status, _ in statuses
            if status.word in RISKY
        ],
    )


def _since(copy: Copy) -> int:
    """Only a proof after this epoch is one of this copy."""
    if copy.addition is not None and copy.addition.block is not None:
        return copy.addition.block
    return copy.found_epoch or 0


def settle(video: Video) -> str:
    """Write down the word that is true now, and tell of it where it is another one."""
    found = standing(video)
    state, reason = _word(video, found)
    now = timezone.now()
    facts: dict[str, Any] = {}
    counted = {"held_copies": found.held, "committed_copies": found.committed}
    if counted != {name: getattr(video, name) for name in counted}:
        facts |= counted
    if found.committed >= found.wanted and video.committed_at is None:
        facts["committed_at"] = now
    if (state, reason) != (video.state, video.state_reason):
        facts |= {"state": state, "state_reason": reason}
        if state != video.state:
            facts["state_at"] = now
    if facts:
        Video.objects.filter(pk=video.pk).update(**facts, updated_at=now)
    if "state_at" in facts:
        events.record(f"video.{state}", video=video, reason=reason, **counts(found))
    elif "held_copies" in facts or "state" in facts:
        events.record("video.copies", video=video, reason=reason, **counts(found))
    for name, value in facts.items():
        setattr(video, name, value)
    return state


def counts(found: Standing) -> dict[str, Any]:
    return {"copies": found.held, "committed": found.committed, "wanted": found.wanted}


def proofs_of(data_set: DataSet, chain: dict[str, Any] | None = None) -> ProofStatus:
    """
    What the rows say of a data set's proofs, judged at the newest epoch that is known. `chain`
    is the reading of the chain, for whoever has it at hand.
    """
    if chain is None:
        chain = Reading.latest(f"{data_set.provider.network}:chain") or {}
    proving, clock = chain.get("proving", {}), chain.get("clock")
    return proof_status(
        ProofFacts(
            leaf_count=data_set.leaf_count,
            activation=data_set.activation,
            deadline=data_set.deadline,
            proven_this_period=data_set.proven_this_period,
            last_proven_epoch=data_set.last_proven,
            created_epoch=data_set.created_epoch,
            next_challenge=int(data_set.next_challenge),
            pdp_end_epoch=data_set.end_epoch,
            faulted_periods=data_set.missed,
            max_proving_period=int(proving.get("max_period", 2880)),
            challenge_window=int(proving.get("window", 60)),
        ),
        epoch=data_set.read_epoch,
        clock=clock_of(clock),
    )


def clock_of(told: dict[str, Any] | None) -> Any:
    from filmedia.filecoin.chain.networks import Clock

    if told is None:
        return None
    at = datetime.fromisoformat(told["at"])
    return Clock(int(told["epoch"]), at, float(told["seconds"]))


def _word(video: Video, found: Standing) -> tuple[str, str]:
    if video.committed_at is not None and found.committed < found.wanted:
        missing = f"{found.committed} of {found.wanted} copies are committed."
        return State.AT_RISK, " ".join([missing, *found.risks])[:500]
    if found.committed >= found.wanted and found.committed:
        if found.risks:
            return State.AT_RISK, " ".join(found.risks)[:500]
        return (State.PROVEN if found.proven else State.COMMITTED), ""
    if found.held or not video.staging:
        return State.STORED, ""
    return State.RECEIVED, ""
