// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IValidator} from "./Interfaces.sol";
import {ServiceErrors} from "./ServiceErrors.sol";

/// Proving periods: which one is open, which were proven, and so how much was earned.
abstract contract ServiceProving is ServiceErrors {
    uint256 internal constant CHALLENGES_PER_PROOF = 5;

    uint64 internal immutable maxProvingPeriod;
    uint256 internal immutable challengeWindowSize;

    /// 0 until proving has started.
    mapping(uint256 => uint256) public provingActivationEpoch;
    /// The last epoch of the open period; 0 before proving starts and for an empty set.
    mapping(uint256 => uint256) public provingDeadline;
    mapping(uint256 => bool) public provenThisPeriod;
    mapping(uint256 => mapping(uint256 => bool)) public provenPeriods;

    event FaultRecord(uint256 indexed dataSetId, uint256 periodsFaulted, uint256 deadline);

    constructor(uint64 period, uint256 window) {
        if (period == 0) revert MaxProvingPeriodZero();
        if (window == 0 || window >= period) revert InvalidChallengeWindowSize(period, window);
        maxProvingPeriod = period;
        challengeWindowSize = window;
    }

    function getPDPConfig() external view returns (uint64, uint256, uint256, uint256) {
        return (
            maxProvingPeriod, challengeWindowSize, CHALLENGES_PER_PROOF,
            block.number + maxProvingPeriod - challengeWindowSize
        );
    }

    /// The greatest number, for epochs before proving started.
    function getProvingPeriodForEpoch(uint256 dataSetId, uint256 epoch) public view returns (uint256) {
        uint256 activation = provingActivationEpoch[dataSetId];
        if (activation == 0 || epoch <= activation) return type(uint256).max;
        return (epoch - activation - 1) / maxProvingPeriod;
    }

    function nextPDPChallengeWindowStart(uint256 dataSetId) external view returns (uint256) {
        uint256 deadline = provingDeadline[dataSetId];
        if (deadline == 0) revert ProvingPeriodNotInitialized(dataSetId);
        return deadline + maxProvingPeriod * (_periodsSkipped(deadline) + 1) - challengeWindowSize;
    }

    function _recordProof(uint256 dataSetId, uint256 challengeCount) internal {
        uint256 deadline = provingDeadline[dataSetId];
        if (provenThisPeriod[dataSetId]) revert ProofAlreadySubmitted(dataSetId);
        if (challengeCount < CHALLENGES_PER_PROOF) {
            revert InvalidChallengeCount(dataSetId, CHALLENGES_PER_PROOF, challengeCount);
        }
        if (deadline == 0) revert ProvingNotStarted(dataSetId);
        if (block.number > deadline) revert ProvingPeriodPassed(dataSetId, deadline, block.number);
        uint256 windowStart = deadline - challengeWindowSize;
        if (block.number < windowStart) revert ChallengeWindowTooEarly(dataSetId, windowStart, block.number);
        provenThisPeriod[dataSetId] = true;
        provenPeriods[dataSetId][getProvingPeriodForEpoch(dataSetId, block.number)] = true;
    }

    /// A challenge epoch of 0 says that the set is empty.
    function _openNextPeriod(uint256 dataSetId, uint256 challengeEpoch) internal {
        uint256 deadline = provingDeadline[dataSetId];
        if (deadline == 0) {
            _requireInWindow(dataSetId, challengeEpoch, block.number + maxProvingPeriod);
            provingDeadline[dataSetId] = block.number + maxProvingPeriod;
            provenThisPeriod[dataSetId] = false;
            provingActivationEpoch[dataSetId] = block.number;
            return;
        }
        uint256 opened = deadline - maxProvingPeriod;
        if (block.number <= opened) revert NextProvingPeriodAlreadyCalled(dataSetId, opened, block.number);
        uint256 skipped = _periodsSkipped(deadline);
        uint256 next;
        if (challengeEpoch != 0) {
            next = deadline + maxProvingPeriod * (skipped + 1);
            _requireInWindow(dataSetId, challengeEpoch, next);
        }
        uint256 faulted = provenThisPeriod[dataSetId] ? skipped : skipped + 1;
        if (faulted > 0) emit FaultRecord(dataSetId, faulted, deadline);
        provingDeadline[dataSetId] = next;
        provenThisPeriod[dataSetId] = false;
    }

    /// Only epochs of proven periods are paid. The open period is settled when it is proven.
    function _earned(uint256 dataSetId, uint256 amount, uint256 from, uint256 to)
        internal view returns (IValidator.ValidationResult memory result)
    {
        uint256 activation = provingActivationEpoch[dataSetId];
        if (activation == 0) return IValidator.ValidationResult(0, to, "Proving never activated");
        uint256 proven;
        uint256 epoch = from < activation ? (to < activation ? to : activation) : from;
        while (epoch < to) {
            uint256 period = (epoch - activation) / maxProvingPeriod;
            uint256 end = activation + (period + 1) * maxProvingPeriod;
            uint256 last = end < to ? end : to;
            if (provenPeriods[dataSetId][period]) proven += last - epoch;
            else if (end >= block.number) break;
            epoch = last;
        }
        result.modifiedAmount = (amount * proven) / (to - from);
        result.settleUpto = epoch;
        if (proven == 0) result.note = "No proven epochs in the requested range";
    }

    function _requireInWindow(uint256 dataSetId, uint256 challengeEpoch, uint256 deadline) private view {
        uint256 start = deadline - challengeWindowSize;
        if (challengeEpoch < start || challengeEpoch > deadline) {
            revert InvalidChallengeEpoch(dataSetId, start, deadline, challengeEpoch);
        }
    }

    function _periodsSkipped(uint256 deadline) private view returns (uint256) {
        return block.number <= deadline ? 0 : (block.number - deadline - 1) / maxProvingPeriod;
    }
}
