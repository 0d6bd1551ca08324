"""
What may be said of a data set's proofs. Pure.

It is the data set that is proven, not a film: the challenges fall on random leaves of all it
holds. A fault is recorded only when the provider next calls in, and nodes forget records, so
being overdue and what was missed just now are found out from the epochs alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .chain.networks import Clock

# What the verifier gives as the next challenge of a data set that is being deleted.
DELETING = 2**256 - 1


@dataclass(frozen=True)
class ProofFacts:
    """
    As the contracts have them, in epochs; 0 where there is none.

    `last_proven_epoch` begins as the epoch of creation, so it is evidence of a proof only
    where it is later than that (`created_epoch`, 0 where nobody knows it) and than the
    activation of proving. `faulted_periods` are those recorded lately.
    """

    leaf_count: int
    activation: int
    deadline: int
    proven_this_period: bool
    last_proven_epoch: int
    created_epoch: int
    next_challenge: int
    pdp_end_epoch: int
    faulted_periods: int
    max_proving_period: int
    challenge_window: int


@dataclass(frozen=True)
class ProofStatus:
    """
    `word` is one of: empty, waiting, proven, due, overdue, missed, ending, ended. Epochs and
    moments are None where there are none, moments also where no clock is known.
    """

    word: str
    sentence: str
    last_proven_epoch: int | None
    last_proven_at: datetime | None
    due_epoch: int | None
    due_at: datetime | None


def proof_status(facts: ProofFacts, epoch: int, clock: Clock | None) -> ProofStatus:
    """Judged at `epoch`. `clock` says when epochs are."""
    proven = facts.last_proven_epoch if _was_proven(facts) else None
    due = _due(facts)
    word = _word(facts, epoch)
    return ProofStatus(
        word=word,
        sentence=_sentence(word, facts, clock, proven, due),
        last_proven_epoch=proven,
        last_proven_at=_moment(proven, clock),
        due_epoch=due,
        due_at=_moment(due, clock),
    )


def period_of(epoch: int, activation: int, max_period: int) -> int | None:
    """The proving period that an epoch lies in, counted from 0; None before the first."""
    if not activation or epoch <= activation:
        return None
    return (epoch - activation - 1) // max_period


def _was_proven(facts: ProofFacts) -> bool:
    # Activated after it was created, so this holds where the epoch of creation is unknown.
    began = max(facts.created_epoch, facts.activation)
    return facts.activation > 0 and facts.last_proven_epoch > began


def _due(facts: ProofFacts) -> int | None:
    if not facts.activation or not facts.deadline:
        return None
    return facts.deadline + (facts.max_proving_period if facts.proven_this_period else 0)


def _missed(facts: ProofFacts) -> int:
    """
    Periods without a proof: as recorded, or as the epochs tell, whichever is more. The open
    one is not among them.
    """
    if not facts.max_proving_period:
        return facts.faulted_periods
    opened = facts.deadline - facts.max_proving_period
    last = facts.last_proven_epoch if _was_proven(facts) else facts.activation
    return max(facts.faulted_periods, (opened - last) // facts.max_proving_period, 0)


def _word(facts: ProofFacts, epoch: int) -> str:
    if facts.next_challenge == DELETING:
        return "ended"
    if facts.pdp_end_epoch:
        return "ended" if epoch >= facts.pdp_end_epoch else "ending"
    if facts.leaf_count == 0:
        return "empty"
    if not facts.activation or not facts.deadline:
        return "waiting"
    if epoch > facts.deadline and not facts.proven_this_period:
        return "overdue"
    if epoch > facts.deadline + facts.max_proving_period:
        # Proven in its last period, but the provider has not begun the next one since.
        return "overdue"
    if _missed(facts):
        return "missed"
    if facts.proven_this_period:
        return "proven"
    # A new period has begun. What was proven in the one before is still the news.
    return "proven" if _was_proven(facts) else "due"


def _sentence(
    word: str,
    facts: ProofFacts,
    clock: Clock | None,
    proven: int | None,
    due: int | None,
) -> str:
    last = (
        f"The data set was last proven {_at(proven, clock)}."
        if proven is not None
        else "The data set has not been proven yet."
    )
    match word:
        case "empty":
            return "The data set holds nothing yet."
        case "waiting":
            return "The data set waits for its first proof."
        case "due":
            return f"{last} The first proof is due {_at(due, clock)}."
        case "proven":
            return f"{last} The next proof is due {_at(due, clock)}."
        case "overdue":
            since = _at(due, clock).removeprefix("on ").removeprefix("at ")
            return f"{last} A proof has been due since {since}."
        case "missed":
            count = _missed(facts)
            missed = "One proof was" if count == 1 else f"{count} proofs were"
            return f"{last} {missed} missed lately."
        case "ending":
            return f"{last} The data set ends {_at(facts.pdp_end_epoch, clock)}."
    if facts.next_challenge == DELETING:
        return f"{last} The data set is being deleted."
    return f"{last} The data set ended {_at(facts.pdp_end_epoch, clock)}."


def _moment(epoch: int | None, clock: Clock | None) -> datetime | None:
    if epoch is None or clock is None:
        return None
    try:
        return clock.time(epoch)
    except OverflowError:
        # No date is that late: the number is wrong, or means "never".
        return None


def _at(epoch: int | None, clock: Clock | None) -> str:
    if epoch is None:
        return "soon"
    at = _moment(epoch, clock)
    if at is None:
        return f"at epoch {epoch}"
    return f"on {at.day} {at:%B %Y} at {at:%H:%M} UTC (epoch {epoch})"
