// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Every error of the payment contract, as published.
abstract contract PayErrors {
    error CannotModifyTerminatedRailBeyondEndEpoch(uint256 railId, uint256 maxSettlementEpoch, uint256 blockNumber);
    error CannotSettleFutureEpochs(uint256 railId, uint256 maxAllowedEpoch, uint256 attemptedEpoch);
    error CannotSettleTerminatedRailBeforeMaxEpoch(uint256 railId, uint256 requiredBlock, uint256 currentBlock);
    error CommissionRateTooHigh(uint256 maxAllowed, uint256 actual);
    error CurrentLockupLessThanOldLockup(address token, address from, uint256 oldLockup, uint256 currentLockup);
    error InsufficientCurrentLockup(address token, address from, uint256 currentLockup, uint256 lockupReduction);
    error InsufficientFundsForOneTimePayment(address token, address from, uint256 required, uint256 actual);
    error InsufficientFundsForSettlement(address token, address from, uint256 available, uint256 required);
    error InsufficientLockupForSettlement(address token, address from, uint256 available, uint256 required);
    error InsufficientNativeTokenForBurn(uint256 required, uint256 sent);
    error InsufficientUnlockedFunds(uint256 available, uint256 requested);
    error InvalidRateChangeQueueState(uint256 nextRateChangeUntilEpoch, uint256 processedEpoch);
    error InvalidTerminatedRailModification(uint256 actualPeriod, uint256 actualLockupFixed, uint256 attemptedPeriod, uint256 attemptedLockupFixed);
    error LockupExceedsFundsInvariant(address token, address account, uint256 lockupCurrent, uint256 fundsCurrent);
    error LockupFixedIncreaseNotAllowedDueToInsufficientFunds(address token, address from, uint256 actualLockupFixed, uint256 attemptedLockupFixed);
    error LockupInconsistencyDuringRailFinalization(uint256 railId, address token, address from, uint256 expectedLockup, uint256 actualLockup);
    error LockupNotSettledRateChangeNotAllowed(uint256 railId, address from, bool isSettled, uint256 currentRate, uint256 attemptedRate);
    error LockupPeriodChangeNotAllowedDueToInsufficientFunds(address token, address from, uint256 actualLockupPeriod, uint256 attemptedLockupPeriod);
    error LockupPeriodExceedsOperatorMaximum(address token, address operator, uint256 maxAllowedPeriod, uint256 requestedPeriod);
    error LockupRateInconsistent(uint256 railId, address from, uint256 paymentRate, uint256 lockupRate);
    error LockupRateLessThanOldRate(uint256 railId, address from, uint256 lockupRate, uint256 oldRate);
    error MissingServiceFeeRecipient();
    error MustSendExactNativeAmount(uint256 required, uint256 sent);
    error NativeTokenNotAccepted(uint256 sent);
    error NativeTokenNotSupported();
    error NativeTransferFailed(address to, uint256 amount);
    error NoProgressInSettlement(uint256 railId, uint256 expectedSettledUpTo, uint256 actualSettledUpTo);
    error NotAuthorizedToTerminateRail(uint256 railId, address allowedClient, address allowedOperator, address caller);
    error OneTimePaymentExceedsLockup(uint256 railId, uint256 available, uint256 required);
    error OnlyRailClientAllowed(address expected, address caller);
    error OnlyRailOperatorAllowed(address expected, address caller);
    error OperatorLockupAllowanceExceeded(uint256 allowed, uint256 attemptedUsage);
    error OperatorNotApproved(address from, address operator);
    error OperatorRateAllowanceExceeded(uint256 allowed, uint256 attemptedUsage);
    error RailAlreadyTerminated(uint256 railId);
    error RailInactiveOrSettled(uint256 railId);
    error RailNotTerminated(uint256 railId);
    error RateChangeNotAllowedOnTerminatedRail(uint256 railId);
    error RateChangeQueueNotEmpty(uint256 nextUntilEpoch);
    error ReentrancyGuardReentrantCall();
    error SafeERC20FailedOperation(address token);
    error SignerMustBeMsgSender(address expected, address actual);
    error ValidatorModifiedAmountExceedsMaximum(uint256 railId, uint256 maxAllowed, uint256 attempted);
    error ValidatorSettledBeforeSegmentStart(uint256 railId, uint256 allowedStart, uint256 attemptedStart);
    error ValidatorSettledBeyondSegmentEnd(uint256 railId, uint256 allowedEnd, uint256 attemptedEnd);
    error WithdrawAmountExceedsAccumulatedFees(address token, uint256 available, uint256 requested);
    error ZeroAddressNotAllowed(string varName);
}
