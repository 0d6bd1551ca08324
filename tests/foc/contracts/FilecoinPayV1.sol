// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20, IValidator} from "./Interfaces.sol";
import {PayErrors} from "./PayErrors.sol";

/// Accounts that pay by the epoch: what is locked, what is spent, and to whom it goes.
contract FilecoinPayV1 is PayErrors {
    uint256 public constant NETWORK_FEE_NUMERATOR = 1;
    uint256 public constant NETWORK_FEE_DENOMINATOR = 200;

    struct Account {
        uint256 funds;
        uint256 lockupCurrent;
        uint256 lockupRate;
        uint256 lockupLastSettledAt;
    }

    struct OperatorApproval {
        bool isApproved;
        uint256 rateAllowance;
        uint256 lockupAllowance;
        uint256 rateUsage;
        uint256 lockupUsage;
        uint256 maxLockupPeriod;
    }

    struct RailView {
        address token;
        address from;
        address to;
        address operator;
        address validator;
        uint256 paymentRate;
        uint256 lockupPeriod;
        uint256 lockupFixed;
        uint256 settledUpTo;
        uint256 endEpoch;
        uint256 commissionRateBps;
        address serviceFeeRecipient;
    }

    /// What a rail paid up to and including `untilEpoch`, while its rate was another one.
    struct RateChange {
        uint256 rate;
        uint256 untilEpoch;
    }

    struct RailInfo {
        uint256 railId;
        bool isTerminated;
        uint256 endEpoch;
    }

    struct Settlement {
        uint256 amount;
        uint256 net;
        uint256 fee;
        uint256 upTo;
        string note;
    }

    mapping(address => mapping(address => Account)) public accounts;
    mapping(address => mapping(address => mapping(address => OperatorApproval))) public operatorApprovals;
    mapping(uint256 => RailView) private rails;
    mapping(uint256 => RateChange[]) private pastRates;
    mapping(uint256 => uint256) private firstPastRate;
    mapping(address => mapping(address => uint256[])) private railsOf;
    uint256 private nextRailId = 1;
    bool private entered;

    event DepositRecorded(address indexed token, address indexed from, address indexed to, uint256 amount);
    event WithdrawRecorded(address indexed token, address indexed from, address indexed to, uint256 amount);
    event OperatorApprovalUpdated(
        address indexed token, address indexed client, address indexed operator, bool approved,
        uint256 rateAllowance, uint256 lockupAllowance, uint256 maxLockupPeriod
    );
    event AccountLockupSettled(
        address indexed token, address indexed owner, uint256 lockupCurrent, uint256 lockupRate,
        uint256 lockupLastSettledAt
    );
    event RailCreated(
        uint256 indexed railId, address indexed payer, address indexed payee, address token, address operator,
        address validator, address serviceFeeRecipient, uint256 commissionRateBps
    );
    event RailRateModified(uint256 indexed railId, uint256 oldRate, uint256 newRate);
    event RailLockupModified(
        uint256 indexed railId, uint256 oldLockupPeriod, uint256 newLockupPeriod, uint256 oldLockupFixed,
        uint256 newLockupFixed
    );
    event RailOneTimePaymentProcessed(
        uint256 indexed railId, uint256 netPayeeAmount, uint256 operatorCommission, uint256 networkFee
    );
    event RailSettled(
        uint256 indexed railId, uint256 totalSettledAmount, uint256 totalNetPayeeAmount,
        uint256 operatorCommission, uint256 networkFee, uint256 settledUpTo
    );
    event RailTerminated(uint256 indexed railId, address indexed by, uint256 endEpoch);
    event RailFinalized(uint256 indexed railId);

    modifier nonReentrant() {
        if (entered) revert ReentrancyGuardReentrantCall();
        entered = true;
        _;
        entered = false;
    }

    /// Settles the payer's lockup, and afterwards looks that the funds still cover it.
    modifier settlesPayerOf(uint256 railId) {
        if (rails[railId].from == address(0)) revert RailInactiveOrSettled(railId);
        (address token, address payer) = (rails[railId].token, rails[railId].from);
        _settleLockup(token, payer);
        _;
        _requireCovered(token, payer);
    }

    // -- Deposits and withdrawals --------------------------------------------------

    function deposit(address token, address to, uint256 amount) external payable nonReentrant {
        _deposit(token, to, amount, msg.sender);
    }

    /// Anybody may bring the permit of `to`.
    function depositWithPermit(
        address token, address to, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s
    ) external nonReentrant {
        _depositWithPermit(token, to, amount, deadline, v, r, s);
    }

    function depositWithPermitAndApproveOperator(
        address token, address to, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s,
        address operator, uint256 rateAllowance, uint256 lockupAllowance, uint256 maxLockupPeriod
    ) external nonReentrant {
        if (to != msg.sender) revert SignerMustBeMsgSender(msg.sender, to);
        _approve(token, operator, true, rateAllowance, lockupAllowance, maxLockupPeriod);
        _depositWithPermit(token, to, amount, deadline, v, r, s);
    }

    function depositWithPermitAndIncreaseOperatorApproval(
        address token, address to, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s,
        address operator, uint256 rateAllowanceIncrease, uint256 lockupAllowanceIncrease
    ) external nonReentrant {
        if (to != msg.sender) revert SignerMustBeMsgSender(msg.sender, to);
        increaseOperatorApproval(token, operator, rateAllowanceIncrease, lockupAllowanceIncrease);
        _depositWithPermit(token, to, amount, deadline, v, r, s);
    }

    function withdraw(address token, uint256 amount) external nonReentrant {
        _withdraw(token, msg.sender, amount);
    }

    function withdrawTo(address token, address to, uint256 amount) external nonReentrant {
        if (to == address(0)) revert ZeroAddressNotAllowed("to");
        _withdraw(token, to, amount);
    }

    // -- Operators -----------------------------------------------------------------

    /// Sets, and does not add.
    function setOperatorApproval(
        address token, address operator, bool approved, uint256 rateAllowance, uint256 lockupAllowance,
        uint256 maxLockupPeriod
    ) external nonReentrant {
        _approve(token, operator, approved, rateAllowance, lockupAllowance, maxLockupPeriod);
    }

    function increaseOperatorApproval(
        address token, address operator, uint256 rateAllowanceIncrease, uint256 lockupAllowanceIncrease
    ) public {
        OperatorApproval storage approval = operatorApprovals[token][msg.sender][operator];
        if (!approval.isApproved) revert OperatorNotApproved(msg.sender, operator);
        _approve(
            token, operator, true, approval.rateAllowance + rateAllowanceIncrease,
            approval.lockupAllowance + lockupAllowanceIncrease, approval.maxLockupPeriod
        );
    }

    // -- Rails: what operators do --------------------------------------------------

    function createRail(
        address token, address from, address to, address validator, uint256 commissionRateBps,
        address serviceFeeRecipient
    ) external nonReentrant returns (uint256 railId) {
        if (to == address(0)) revert ZeroAddressNotAllowed("to");
        if (commissionRateBps > 10000) revert CommissionRateTooHigh(10000, commissionRateBps);
        if (!operatorApprovals[token][from][msg.sender].isApproved) revert OperatorNotApproved(from, msg.sender);
        railId = nextRailId++;
        RailView storage rail = rails[railId];
        (rail.token, rail.from, rail.to) = (token, from, to);
        (rail.operator, rail.validator) = (msg.sender, validator);
        (rail.commissionRateBps, rail.serviceFeeRecipient) = (commissionRateBps, serviceFeeRecipient);
        rail.settledUpTo = block.number;
        railsOf[token][from].push(railId);
        emit RailCreated(railId, from, to, token, msg.sender, validator, serviceFeeRecipient, commissionRateBps);
    }

    function modifyRailLockup(uint256 railId, uint256 period, uint256 lockupFixed)
        external nonReentrant settlesPayerOf(railId)
    {
        RailView storage rail = rails[railId];
        _requireOperator(rail);
        emit RailLockupModified(railId, rail.lockupPeriod, period, rail.lockupFixed, lockupFixed);
        if (rail.endEpoch != 0) {
            if (period != rail.lockupPeriod || lockupFixed > rail.lockupFixed) {
                revert InvalidTerminatedRailModification(rail.lockupPeriod, rail.lockupFixed, period, lockupFixed);
            }
            _changeLockup(rail, rail.lockupFixed, lockupFixed);
            rail.lockupFixed = lockupFixed;
            return;
        }
        _requireMayChangeLockup(rail, period, lockupFixed);
        uint256 oldLocked = rail.lockupFixed + rail.paymentRate * rail.lockupPeriod;
        uint256 newLocked = lockupFixed + rail.paymentRate * period;
        _changeLockup(rail, oldLocked, newLocked);
        (rail.lockupPeriod, rail.lockupFixed) = (period, lockupFixed);
    }

    /// A one-time payment comes out of the fixed lockup, and out of the operator's allowance.
    function modifyRailPayment(uint256 railId, uint256 newRate, uint256 oneTimePayment)
        external nonReentrant settlesPayerOf(railId)
    {
        RailView storage rail = rails[railId];
        _requireOperator(rail);
        if (newRate != rail.paymentRate) _changeRate(railId, rail, newRate);
        if (oneTimePayment > 0) _payOnce(railId, rail, oneTimePayment);
    }

    /// By the operator, or by a payer whose lockup is settled.
    function terminateRail(uint256 railId) external nonReentrant settlesPayerOf(railId) {
        RailView storage rail = rails[railId];
        if (rail.endEpoch != 0) revert RailAlreadyTerminated(railId);
        Account storage payer = accounts[rail.token][rail.from];
        bool byPayer = msg.sender == rail.from && payer.lockupLastSettledAt == block.number;
        if (msg.sender != rail.operator && !byPayer) {
            revert NotAuthorizedToTerminateRail(railId, rail.from, rail.operator, msg.sender);
        }
        rail.endEpoch = payer.lockupLastSettledAt + rail.lockupPeriod;
        payer.lockupRate -= rail.paymentRate;
        operatorApprovals[rail.token][rail.from][rail.operator].rateUsage -= rail.paymentRate;
        emit RailTerminated(railId, msg.sender, rail.endEpoch);
        if (rail.validator != address(0)) {
            IValidator(rail.validator).railTerminated(railId, msg.sender, rail.endEpoch);
        }
    }

    // -- Settlement ----------------------------------------------------------------

    function settleRail(uint256 railId, uint256 untilEpoch)
        external nonReentrant settlesPayerOf(railId)
        returns (uint256, uint256, uint256, uint256, uint256, string memory)
    {
        if (untilEpoch > block.number) revert CannotSettleFutureEpochs(railId, block.number, untilEpoch);
        return _settle(railId, untilEpoch, true);
    }

    /// The payer's way out when the validator does not answer.
    function settleTerminatedRailWithoutValidation(uint256 railId)
        external nonReentrant settlesPayerOf(railId)
        returns (uint256, uint256, uint256, uint256, uint256, string memory)
    {
        RailView storage rail = rails[railId];
        if (msg.sender != rail.from) revert OnlyRailClientAllowed(rail.from, msg.sender);
        if (rail.endEpoch == 0) revert RailNotTerminated(railId);
        if (block.number <= rail.endEpoch + rail.lockupPeriod) {
            revert CannotSettleTerminatedRailBeforeMaxEpoch(railId, rail.endEpoch + rail.lockupPeriod + 1, block.number);
        }
        return _settle(railId, rail.endEpoch, false);
    }

    // -- What anybody reads --------------------------------------------------------

    function getAccountInfoIfSettled(address token, address owner)
        external view
        returns (uint256 fundedUntilEpoch, uint256 currentFunds, uint256 availableFunds, uint256 currentLockupRate)
    {
        Account memory account = accounts[token][owner];
        uint256 free = account.funds - account.lockupCurrent;
        currentFunds = account.funds;
        currentLockupRate = account.lockupRate;
        fundedUntilEpoch = account.lockupRate == 0
            ? type(uint256).max
            : account.lockupLastSettledAt + free / account.lockupRate;
        uint256 settledAt = _min(fundedUntilEpoch, block.number);
        uint256 elapsed = settledAt > account.lockupLastSettledAt ? settledAt - account.lockupLastSettledAt : 0;
        availableFunds = free - account.lockupRate * elapsed;
    }

    function getRail(uint256 railId) external view returns (RailView memory) {
        if (rails[railId].from == address(0)) revert RailInactiveOrSettled(railId);
        return rails[railId];
    }

    function getRailsForPayerAndToken(address payer, address token, uint256 offset, uint256 limit)
        external view returns (RailInfo[] memory results, uint256 nextOffset, uint256 total)
    {
        uint256[] storage all = railsOf[token][payer];
        total = all.length;
        uint256 end = limit == 0 || limit > total ? total : _min(offset + limit, total);
        if (offset >= end) return (results, total, total);
        RailInfo[] memory found = new RailInfo[](end - offset);
        uint256 count;
        for (uint256 i = offset; i < end; i++) {
            RailView storage rail = rails[all[i]];
            if (rail.from == address(0)) continue;
            found[count++] = RailInfo(all[i], rail.endEpoch > 0, rail.endEpoch);
        }
        results = new RailInfo[](count);
        for (uint256 i = 0; i < count; i++) results[i] = found[i];
        nextOffset = end;
    }

    // -- How it is done ------------------------------------------------------------

    function _deposit(address token, address to, uint256 amount, address from) private {
        if (to == address(0)) revert ZeroAddressNotAllowed("to");
        if (msg.value != 0) revert NativeTokenNotAccepted(msg.value);
        _settleLockup(token, to);
        IERC20(token).transferFrom(from, address(this), amount);
        accounts[token][to].funds += amount;
        emit DepositRecorded(token, from, to, amount);
        _settleLockup(token, to);
    }

    function _depositWithPermit(
        address token, address to, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s
    ) private {
        IERC20(token).permit(to, address(this), amount, deadline, v, r, s);
        _deposit(token, to, amount, to);
    }

    function _withdraw(address token, address to, uint256 amount) private {
        _settleLockup(token, msg.sender);
        Account storage account = accounts[token][msg.sender];
        require(
            account.lockupLastSettledAt == block.number,
            "payers's full account lockup was not met as a precondition of the function execution"
        );
        uint256 available = account.funds - account.lockupCurrent;
        if (amount > available) revert InsufficientUnlockedFunds(available, amount);
        account.funds -= amount;
        IERC20(token).transfer(to, amount);
        emit WithdrawRecorded(token, msg.sender, to, amount);
    }

    function _approve(
        address token, address operator, bool approved, uint256 rateAllowance, uint256 lockupAllowance,
        uint256 maxLockupPeriod
    ) private {
        if (operator == address(0)) revert ZeroAddressNotAllowed("operator");
        OperatorApproval storage approval = operatorApprovals[token][msg.sender][operator];
        approval.isApproved = approved;
        (approval.rateAllowance, approval.lockupAllowance) = (rateAllowance, lockupAllowance);
        approval.maxLockupPeriod = maxLockupPeriod;
        emit OperatorApprovalUpdated(
            token, msg.sender, operator, approved, rateAllowance, lockupAllowance, maxLockupPeriod
        );
    }

    /// Locks what the epochs since the last time cost, as far as the funds reach.
    function _settleLockup(address token, address owner) private {
        Account storage account = accounts[token][owner];
        uint256 elapsed = block.number - account.lockupLastSettledAt;
        if (elapsed == 0) return;
        if (account.lockupRate > 0) {
            elapsed = _min(elapsed, (account.funds - account.lockupCurrent) / account.lockupRate);
            account.lockupCurrent += account.lockupRate * elapsed;
        }
        account.lockupLastSettledAt += elapsed;
        emit AccountLockupSettled(
            token, owner, account.lockupCurrent, account.lockupRate, account.lockupLastSettledAt
        );
    }

    function _requireCovered(address token, address owner) private {
        _settleLockup(token, owner);
        require(
            accounts[token][owner].funds >= accounts[token][owner].lockupCurrent,
            "invariant failure: insufficient funds to cover lockup after function execution"
        );
    }

    function _requireOperator(RailView storage rail) private view {
        if (rail.operator != msg.sender) revert OnlyRailOperatorAllowed(rail.operator, msg.sender);
    }

    function _requireMayChangeLockup(RailView storage rail, uint256 period, uint256 lockupFixed) private view {
        uint256 longest = operatorApprovals[rail.token][rail.from][msg.sender].maxLockupPeriod;
        if (period > rail.lockupPeriod && period > longest) {
            revert LockupPeriodExceedsOperatorMaximum(rail.token, msg.sender, longest, period);
        }
        if (accounts[rail.token][rail.from].lockupLastSettledAt == block.number) return;
        if (period != rail.lockupPeriod) {
            revert LockupPeriodChangeNotAllowedDueToInsufficientFunds(
                rail.token, rail.from, rail.lockupPeriod, period
            );
        }
        if (lockupFixed > rail.lockupFixed) {
            revert LockupFixedIncreaseNotAllowedDueToInsufficientFunds(
                rail.token, rail.from, rail.lockupFixed, lockupFixed
            );
        }
    }

    function _changeRate(uint256 railId, RailView storage rail, uint256 newRate) private {
        Account storage payer = accounts[rail.token][rail.from];
        uint256 oldRate = rail.paymentRate;
        uint256 ahead;
        if (rail.endEpoch != 0) {
            if (block.number >= rail.endEpoch) {
                revert CannotModifyTerminatedRailBeyondEndEpoch(railId, rail.endEpoch, block.number);
            }
            if (newRate > oldRate) revert RateChangeNotAllowedOnTerminatedRail(railId);
            ahead = rail.endEpoch - block.number;
        } else {
            if (payer.lockupLastSettledAt != block.number) {
                revert LockupNotSettledRateChangeNotAllowed(railId, rail.from, false, oldRate, newRate);
            }
            ahead = rail.lockupPeriod;
            payer.lockupRate = payer.lockupRate - oldRate + newRate;
            _changeRateUsage(rail, oldRate, newRate);
        }
        _changeLockup(rail, oldRate * ahead, newRate * ahead);
        if (rail.settledUpTo < block.number) pastRates[railId].push(RateChange(oldRate, block.number));
        rail.paymentRate = newRate;
        emit RailRateModified(railId, oldRate, newRate);
    }

    function _changeRateUsage(RailView storage rail, uint256 oldRate, uint256 newRate) private {
        OperatorApproval storage approval = operatorApprovals[rail.token][rail.from][rail.operator];
        uint256 usage = approval.rateUsage - oldRate + newRate;
        if (newRate > oldRate && usage > approval.rateAllowance) {
            revert OperatorRateAllowanceExceeded(approval.rateAllowance, usage);
        }
        approval.rateUsage = usage;
    }

    /// Of the account, and of what its operator may lock.
    function _changeLockup(RailView storage rail, uint256 oldLocked, uint256 newLocked) private {
        Account storage payer = accounts[rail.token][rail.from];
        payer.lockupCurrent = payer.lockupCurrent - oldLocked + newLocked;
        OperatorApproval storage approval = operatorApprovals[rail.token][rail.from][rail.operator];
        uint256 usage = approval.lockupUsage + newLocked;
        usage = usage > oldLocked ? usage - oldLocked : 0;
        if (newLocked > oldLocked && usage > approval.lockupAllowance) {
            revert OperatorLockupAllowanceExceeded(approval.lockupAllowance, usage);
        }
        approval.lockupUsage = usage;
    }

    function _payOnce(uint256 railId, RailView storage rail, uint256 amount) private {
        if (amount > rail.lockupFixed) revert OneTimePaymentExceedsLockup(railId, rail.lockupFixed, amount);
        _changeLockup(rail, amount, 0);
        rail.lockupFixed -= amount;
        OperatorApproval storage approval = operatorApprovals[rail.token][rail.from][rail.operator];
        approval.lockupAllowance = approval.lockupAllowance > amount ? approval.lockupAllowance - amount : 0;
        (uint256 net, uint256 fee) = _pay(rail, amount);
        emit RailOneTimePaymentProcessed(railId, net, 0, fee);
    }

    /// The network's share is rounded up, and taken from what the payee gets.
    function _pay(RailView storage rail, uint256 amount) private returns (uint256 net, uint256 fee) {
        fee = (amount * NETWORK_FEE_NUMERATOR + NETWORK_FEE_DENOMINATOR - 1) / NETWORK_FEE_DENOMINATOR;
        net = amount - fee;
        accounts[rail.token][rail.from].funds -= amount;
        accounts[rail.token][rail.to].funds += net;
        accounts[rail.token][address(this)].funds += fee;
    }

    function _settle(uint256 railId, uint256 untilEpoch, bool validate)
        private returns (uint256, uint256, uint256, uint256, uint256, string memory)
    {
        RailView storage rail = rails[railId];
        uint256 end = rail.endEpoch != 0 ? rail.endEpoch : accounts[rail.token][rail.from].lockupLastSettledAt;
        end = _min(untilEpoch, end);
        Settlement memory done;
        done.upTo = rail.settledUpTo;
        while (done.upTo < end && _settleSegment(railId, rail, done, end, validate)) {}
        if (done.upTo == rail.settledUpTo) {
            if (rail.endEpoch == 0 || rail.settledUpTo < rail.endEpoch) {
                revert NoProgressInSettlement(railId, end, done.upTo);
            }
        }
        rail.settledUpTo = done.upTo;
        emit RailSettled(railId, done.amount, done.net, 0, done.fee, done.upTo);
        if (rail.endEpoch != 0 && done.upTo >= rail.endEpoch) _finalize(railId, rail);
        return (done.amount, done.net, 0, done.fee, done.upTo, done.note);
    }

    /// One stretch of one rate. Says whether it was settled to its end.
    function _settleSegment(
        uint256 railId, RailView storage rail, Settlement memory done, uint256 end, bool validate
    ) private returns (bool whole) {
        uint256 rate = rail.paymentRate;
        uint256 index = firstPastRate[railId];
        uint256 until = end;
        bool past = index < pastRates[railId].length;
        if (past) (rate, until) = (pastRates[railId][index].rate, _min(end, pastRates[railId][index].untilEpoch));
        uint256 amount = rate * (until - done.upTo);
        uint256 upTo = until;
        if (validate && rail.validator != address(0) && rate > 0) {
            (amount, upTo) = _validated(railId, rail, done, until, rate);
        }
        accounts[rail.token][rail.from].lockupCurrent -= rate * (upTo - done.upTo);
        (uint256 net, uint256 fee) = _pay(rail, amount);
        (done.amount, done.net, done.fee) = (done.amount + amount, done.net + net, done.fee + fee);
        done.upTo = upTo;
        whole = upTo == until;
        if (past && upTo == pastRates[railId][index].untilEpoch) firstPastRate[railId] = index + 1;
    }

    function _validated(
        uint256 railId, RailView storage rail, Settlement memory done, uint256 until, uint256 rate
    ) private returns (uint256, uint256) {
        uint256 most = rate * (until - done.upTo);
        IValidator.ValidationResult memory result =
            IValidator(rail.validator).validatePayment(railId, most, done.upTo, until, rate);
        if (result.settleUpto < done.upTo) {
            revert ValidatorSettledBeforeSegmentStart(railId, done.upTo, result.settleUpto);
        }
        if (result.settleUpto > until) revert ValidatorSettledBeyondSegmentEnd(railId, until, result.settleUpto);
        uint256 allowed = rate * (result.settleUpto - done.upTo);
        if (result.modifiedAmount > allowed) {
            revert ValidatorModifiedAmountExceedsMaximum(railId, allowed, result.modifiedAmount);
        }
        done.note = result.note;
        return (result.modifiedAmount, result.settleUpto);
    }

    function _finalize(uint256 railId, RailView storage rail) private {
        Account storage payer = accounts[rail.token][rail.from];
        OperatorApproval storage approval = operatorApprovals[rail.token][rail.from][rail.operator];
        payer.lockupCurrent -= rail.lockupFixed;
        uint256 used = rail.lockupFixed + rail.paymentRate * rail.lockupPeriod;
        approval.lockupUsage -= _min(used, approval.lockupUsage);
        emit RailFinalized(railId);
        delete rails[railId];
        delete pastRates[railId];
        delete firstPastRate[railId];
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
