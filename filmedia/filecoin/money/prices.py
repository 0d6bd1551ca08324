"""
The storage service's price list, and what bytes cost by it.

An epoch is 30 seconds, a month always 86,400 of them. The rate is computed as the contract
does: two separate floors, then their sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TIB = 2**40
MONTH = 86400  # epochs
DAY = 2880  # epochs
PIECES_AT_ONCE = 40


@dataclass(frozen=True)
class PriceList:
    """Amounts in 1e-18 USDFC, periods in epochs; named as the contract's `getPriceList`."""

    storage_per_tib_per_month: int
    dataset_fee_per_month: int
    cdn_egress_per_tib: int
    cache_miss_egress_per_tib: int
    create_data_set_fee: int
    add_pieces_base_fee: int
    add_pieces_per_piece_fee: int
    schedule_piece_removals_fee: int
    terminate_fee: int
    lifecycle_reserve_target: int
    replenish_threshold: int
    default_lockup_period: int
    cdn_lockup_amount: int
    cache_miss_lockup_amount: int
    cdn_lockup_period: int

    @classmethod
    def from_abi(cls, told: Mapping[str, Any]) -> PriceList:
        """From the answer of `getPriceList`, its tuples as dictionaries."""
        rates, fees, lockups = told["rates"], told["fees"], told["lockups"]
        return cls(
            rates["storagePerTibPerMonth"],
            rates["datasetFeePerMonth"],
            rates["cdnEgressPerTib"],
            rates["cacheMissEgressPerTib"],
            fees["createDataSetFee"],
            fees["addPiecesBaseFee"],
            fees["addPiecesPerPieceFee"],
            fees["schedulePieceRemovalsFee"],
            fees["terminateFee"],
            lockups["lifecycleReserveTarget"],
            lockups["replenishThreshold"],
            lockups["defaultLockupPeriod"],
            lockups["cdnLockupAmount"],
            lockups["cacheMissLockupAmount"],
            lockups["cdnLockupPeriod"],
        )

    def rate_per_epoch(self, size: int) -> int:
        """Of a data set of `size` bytes; an empty one costs nothing."""
        if size == 0:
            return 0
        storage = size * self.storage_per_tib_per_month // (TIB * MONTH)
        return storage + self.dataset_fee_per_month // MONTH

    def rate_per_month(self, size: int) -> int:
        """The same for a month, to be shown."""
        if size == 0:
            return 0
        return size * self.storage_per_tib_per_month // TIB + self.dataset_fee_per_month

    def add_fee(self, pieces: int) -> int:
        """One-time, of adding so many pieces in as few transactions as there can be."""
        transactions = -(-pieces // PIECES_AT_ONCE)
        return self.add_pieces_base_fee * transactions + self.add_pieces_per_piece_fee * pieces

    def egress(self, size: int, *, hit: bool) -> int:
        """Of `size` bytes through Beam: from its cache, or fetched from a provider for it."""
        miss = 0 if hit else size * self.cache_miss_egress_per_tib // TIB
        return size * self.cdn_egress_per_tib // TIB + miss


def size_on_chain(size: int) -> int:
    """
    Bytes of a piece as the verifier counts them: whole leaves of 32 bytes after expansion.
    Up to 31 bytes more than there are.
    """
    return size_of_leaves(-(-size * 128 // (127 * 32)))


def size_of_leaves(leaf_count: int) -> int:
    """Bytes that a data set of so many leaves is charged for."""
    return leaf_count * 32 * 127 // 128
