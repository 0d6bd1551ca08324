// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// What storage costs in USDFC, as of version 1.3.1.
library PriceList {
    struct Rates {
        uint256 storagePerTibPerMonth;
        uint256 datasetFeePerMonth;
        uint256 cdnEgressPerTib;
        uint256 cacheMissEgressPerTib;
    }

    struct Fees {
        uint256 createDataSetFee;
        uint256 addPiecesBaseFee;
        uint256 addPiecesPerPieceFee;
        uint256 schedulePieceRemovalsFee;
        uint256 terminateFee;
    }

    struct Lockups {
        uint256 lifecycleReserveTarget;
        uint256 replenishThreshold;
        uint256 defaultLockupPeriod;
        uint256 cdnLockupAmount;
        uint256 cacheMissLockupAmount;
        uint256 cdnLockupPeriod;
    }

    struct List {
        address token;
        Rates rates;
        Fees fees;
        Lockups lockups;
    }

    uint256 internal constant EPOCHS_PER_MONTH = 86400;

    function rates() internal pure returns (Rates memory) {
        return Rates(2.5 ether, 0.024 ether, 7 ether, 7 ether);
    }

    function fees() internal pure returns (Fees memory) {
        return Fees(0.025 ether, 0.0005 ether, 0.0003 ether, 0.002 ether, 0.00112 ether);
    }

    function lockups() internal pure returns (Lockups memory) {
        return Lockups(0.1 ether, 0.005 ether, EPOCHS_PER_MONTH, 0.7 ether, 0.3 ether, 14400);
    }

    /// Bytes that are billed for leaves of the expanded data.
    function sizeInBytes(uint256 leafCount) internal pure returns (uint256) {
        return (leafCount * 32 * 127) / 128;
    }

    function ratePerEpoch(uint256 size) internal pure returns (uint256) {
        if (size == 0) return 0;
        return (size * rates().storagePerTibPerMonth) / (2 ** 40 * EPOCHS_PER_MONTH)
            + rates().datasetFeePerMonth / EPOCHS_PER_MONTH;
    }
}
