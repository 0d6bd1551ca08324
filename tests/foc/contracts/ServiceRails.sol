// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FilecoinPayV1} from "./FilecoinPayV1.sol";
import {PriceList} from "./PriceList.sol";
import {ServiceErrors} from "./ServiceErrors.sol";

/// The rails of a data set: what flows by the epoch, what is charged once, what is kept locked.
abstract contract ServiceRails is ServiceErrors {
    struct DataSet {
        uint256 pdpRailId;
        uint256 cacheMissRailId;
        uint256 cdnRailId;
        address payer;
        address payee;
        address serviceProvider;
        uint256 commissionBps;
        uint256 clientDataSetId;
        uint256 pdpEndEpoch;
        uint256 providerId;
        uint96 pendingOneTimePayments;
        uint96 lifecycleReserveBalance;
        uint256 dataSetId;
    }

    address public immutable paymentsContractAddress;
    address public immutable usdfcTokenAddress;
    address public immutable filBeamBeneficiaryAddress;

    mapping(uint256 => DataSet) internal sets;
    mapping(uint256 => uint256) public railToDataSet;

    event RailRateUpdated(uint256 indexed dataSetId, uint256 railId, uint256 newRate);
    event PDPPaymentTerminated(uint256 indexed dataSetId, uint256 endEpoch, uint256 pdpRailId);
    event CDNPaymentTerminated(
        uint256 indexed dataSetId, uint256 endEpoch, uint256 cacheMissRailId, uint256 cdnRailId
    );
    event CDNPaymentRailsToppedUp(
        uint256 indexed dataSetId, uint256 cdnAmountAdded, uint256 totalCdnLockup, uint256 cacheMissAmountAdded,
        uint256 totalCacheMissLockup
    );

    constructor(address payments, address usdfc, address beneficiary) {
        paymentsContractAddress = payments;
        usdfcTokenAddress = usdfc;
        filBeamBeneficiaryAddress = beneficiary;
    }

    function _pay() private view returns (FilecoinPayV1) {
        return FilecoinPayV1(paymentsContractAddress);
    }

    function _openRails(DataSet memory set, bool withCdn) internal returns (DataSet memory) {
        PriceList.Lockups memory lockups = PriceList.lockups();
        _requireReady(set.payer, lockups, withCdn);
        set.pdpRailId = _open(set, set.payee, address(this));
        _pay().modifyRailLockup(set.pdpRailId, lockups.defaultLockupPeriod, lockups.lifecycleReserveTarget);
        set.lifecycleReserveBalance = uint96(lockups.lifecycleReserveTarget);
        set.pendingOneTimePayments = uint96(PriceList.fees().createDataSetFee);
        if (withCdn) {
            set.cacheMissRailId = _open(set, set.payee, address(0));
            _pay().modifyRailLockup(set.cacheMissRailId, lockups.cdnLockupPeriod, lockups.cacheMissLockupAmount);
            set.cdnRailId = _open(set, filBeamBeneficiaryAddress, address(0));
            _pay().modifyRailLockup(set.cdnRailId, lockups.cdnLockupPeriod, lockups.cdnLockupAmount);
        }
        sets[set.dataSetId] = set;
        return set;
    }

    function _open(DataSet memory set, address payee, address validator) private returns (uint256 railId) {
        railId = _pay().createRail(usdfcTokenAddress, set.payer, payee, validator, 0, address(0));
        railToDataSet[railId] = set.dataSetId;
    }

    /// What a new set asks of its payer: approval, allowances, and funds for the first month.
    function _requireReady(address payer, PriceList.Lockups memory lockups, bool withCdn) private view {
        (bool approved, uint256 rateAllowance, uint256 lockupAllowance, uint256 rate, uint256 locked, uint256 longest) =
            _pay().operatorApprovals(usdfcTokenAddress, payer, address(this));
        uint256 fee = PriceList.rates().datasetFeePerMonth;
        uint256 feePerEpoch = fee / PriceList.EPOCHS_PER_MONTH;
        uint256 required = fee + lockups.lifecycleReserveTarget;
        if (withCdn) required += lockups.cdnLockupAmount + lockups.cacheMissLockupAmount;
        (,, uint256 available,) = _pay().getAccountInfoIfSettled(usdfcTokenAddress, payer);

        if (available < required) revert InsufficientLockupFunds(payer, required, available);
        if (!approved) revert OperatorNotApproved(payer, address(this));
        if (rateAllowance < rate + feePerEpoch) {
            revert InsufficientRateAllowance(payer, address(this), rateAllowance, rate, feePerEpoch);
        }
        if (lockupAllowance < locked + required) {
            revert InsufficientLockupAllowance(payer, address(this), lockupAllowance, locked, required);
        }
        if (longest < lockups.defaultLockupPeriod) {
            revert InsufficientMaxLockupPeriod(payer, address(this), longest, lockups.defaultLockupPeriod);
        }
    }

    /// Fees wait until the rate is updated next.
    function _charge(DataSet storage set, uint256 fee) internal {
        set.pendingOneTimePayments += uint96(fee);
    }

    /// `payerPays`: whether it fails where the payer cannot fill up the reserve. A provider who
    /// only proves goes on then, and is paid what the reserve still has.
    function _updateRate(DataSet storage set, uint256 leafCount, bool payerPays) internal {
        uint256 rate = PriceList.ratePerEpoch(PriceList.sizeInBytes(leafCount));
        uint256 fees = _collect(set, payerPays);
        _pay().modifyRailPayment(set.pdpRailId, rate, fees);
        emit RailRateUpdated(set.dataSetId, set.pdpRailId, rate);
    }

    /// What is pending, taken out of the reserve, which is filled up when it runs low.
    function _collect(DataSet storage set, bool payerPays) private returns (uint256 fees) {
        PriceList.Lockups memory lockups = PriceList.lockups();
        fees = set.pendingOneTimePayments;
        uint256 reserve = set.lifecycleReserveBalance;
        if (fees > 0 && set.pdpEndEpoch == 0 && reserve < fees + lockups.replenishThreshold) {
            uint256 wanted = lockups.lifecycleReserveTarget + fees;
            try _pay().modifyRailLockup(set.pdpRailId, lockups.defaultLockupPeriod, wanted) {
                reserve = wanted;
            } catch (bytes memory reason) {
                if (payerPays) _bubble(reason);
            }
        }
        // After the end nothing fills the reserve up, and what is not there is not paid.
        if (fees > reserve) fees = reserve;
        set.pendingOneTimePayments -= uint96(fees);
        set.lifecycleReserveBalance = uint96(reserve - fees);
    }

    function _bubble(bytes memory reason) private pure {
        assembly {
            revert(add(reason, 32), mload(reason))
        }
    }

    /// Pays what is due, and takes the lockup away, so that the rail ends where it stands.
    function _endNow(DataSet storage set) internal {
        uint256 rate = _pay().getRail(set.pdpRailId).paymentRate;
        _pay().modifyRailPayment(set.pdpRailId, rate, _collect(set, true));
        _pay().modifyRailLockup(set.pdpRailId, 0, 0);
        set.lifecycleReserveBalance = 0;
    }

    function _terminateRails(DataSet storage set) internal {
        _pay().terminateRail(set.pdpRailId);
        set.pdpEndEpoch = _pay().getRail(set.pdpRailId).endEpoch;
        emit PDPPaymentTerminated(set.dataSetId, set.pdpEndEpoch, set.pdpRailId);
        if (set.cdnRailId == 0) return;
        _pay().terminateRail(set.cacheMissRailId);
        _pay().terminateRail(set.cdnRailId);
        uint256 end = _pay().getRail(set.cdnRailId).endEpoch;
        emit CDNPaymentTerminated(set.dataSetId, end, set.cacheMissRailId, set.cdnRailId);
    }

    function _requireSettled(DataSet storage set) internal view {
        try _pay().getRail(set.pdpRailId) returns (FilecoinPayV1.RailView memory rail) {
            if (rail.settledUpTo < rail.endEpoch) {
                revert RailNotFullySettled(set.pdpRailId, rail.settledUpTo, rail.endEpoch);
            }
        } catch {}
    }

    function _topUpCdn(DataSet storage set, uint256 cdnAmount, uint256 cacheMissAmount) internal {
        if (cdnAmount == 0 && cacheMissAmount == 0) revert InvalidTopUpAmount(set.dataSetId);
        if (set.cdnRailId == 0) revert FilBeamServiceNotConfigured(set.dataSetId);
        if (set.pdpEndEpoch != 0) revert DataSetPaymentAlreadyTerminated(set.dataSetId);
        uint256 cdn = _raise(set.cdnRailId, cdnAmount);
        uint256 cacheMiss = _raise(set.cacheMissRailId, cacheMissAmount);
        emit CDNPaymentRailsToppedUp(set.dataSetId, cdnAmount, cdn, cacheMissAmount, cacheMiss);
    }

    function _topUpReserve(DataSet storage set, uint256 amount) internal {
        if (amount == 0) revert InvalidTopUpAmount(set.dataSetId);
        if (set.pdpEndEpoch != 0) revert DataSetPaymentAlreadyTerminated(set.dataSetId);
        _raise(set.pdpRailId, amount);
        set.lifecycleReserveBalance += uint96(amount);
    }

    function _raise(uint256 railId, uint256 amount) private returns (uint256 total) {
        FilecoinPayV1.RailView memory rail = _pay().getRail(railId);
        total = rail.lockupFixed + amount;
        if (amount > 0) _pay().modifyRailLockup(railId, rail.lockupPeriod, total);
    }
}
