"""What the chain was found to say at some block. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Addresses:
    """The contracts in use, as the service names them."""

    fwss: str
    view: str
    pay: str
    pdp: str
    usdfc: str
    registry: str
    sessions: str
    beam: str


@dataclass(frozen=True)
class ProvingConfig:
    max_period: int  # epochs
    window: int  # epochs


@dataclass(frozen=True)
class DataSetInfo:
    """A data set of the service. `pdp_end_epoch` is 0 while it is not ending."""

    data_set_id: int
    client_data_set_id: int
    provider_id: int
    payer: str
    payee: str
    service_provider: str
    pdp_rail: int
    cdn_rail: int
    pdp_end_epoch: int

    @classmethod
    def of(cls, told: dict[str, Any]) -> DataSetInfo | None:
        """None for the zeros with which an unknown id is answered."""
        if not told["pdpRailId"]:
            return None
        return cls(
            told["dataSetId"],
            told["clientDataSetId"],
            told["providerId"],
            told["payer"],
            told["payee"],
            told["serviceProvider"],
            told["pdpRailId"],
            told["cdnRailId"],
            told["pdpEndEpoch"],
        )


@dataclass(frozen=True)
class ProofReading:
    """
    Where the proofs of one data set stand. `last_proven` begins as the epoch of creation,
    so it tells of a proof only where `activation` is not 0 and it is later than that.
    """

    data_set_id: int
    live: bool
    pdp_end_epoch: int
    leaf_count: int
    activation: int
    deadline: int
    proven_this_period: bool
    last_proven: int
    next_challenge: int


@dataclass(frozen=True)
class AccountReading:
    """Amounts in 1e-18 USDFC, rates per epoch; `wallet` and `fil` are outside the account."""

    epoch: int
    funds: int
    lockup_current: int
    lockup_rate: int
    lockup_last_settled_at: int
    approved: bool
    rate_allowance: int
    lockup_allowance: int
    rate_usage: int
    lockup_usage: int
    max_lockup_period: int
    wallet: int
    fil: int


@dataclass(frozen=True)
class Receipt:
    """A transaction as a block has it."""

    transaction: str
    ok: bool
    block: int
    block_hash: str
