// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Cids} from "./Cids.sol";
import {IListener, IValidator} from "./Interfaces.sol";
import {PDPVerifier} from "./PDPVerifier.sol";
import {PriceList} from "./PriceList.sol";
import {ServiceMetadata} from "./ServiceMetadata.sol";
import {ServiceProviderRegistry} from "./ServiceProviderRegistry.sol";
import {ServiceProving} from "./ServiceProving.sol";
import {ServiceRails} from "./ServiceRails.sol";
import {ServiceSignatures} from "./ServiceSignatures.sol";

/// Data sets that are paid for while they are proven: what payers sign, providers bring here.
contract FilecoinWarmStorageService is
    ServiceSignatures, ServiceProving, ServiceMetadata, ServiceRails, IListener, IValidator
{
    string public constant VERSION = "1.3.1";
    uint256 private constant MAX_CREATE_EXTRA = 4096;
    // 41 pieces without metadata fit.
    uint256 private constant MAX_ADD_EXTRA = 5632;
    uint256 private constant MAX_SHORT_EXTRA = 256;
    uint256 private constant ABANDONED_AFTER = 86400;

    address public immutable owner = msg.sender;
    address public immutable pdpVerifierAddress;
    ServiceProviderRegistry public immutable serviceProviderRegistry;
    address public viewContractAddress;

    /// 0: unused. Of a set: its id. Of added pieces: its id, and the next piece's id above bit 128.
    mapping(address => mapping(uint256 => uint256)) public clientNonces;
    mapping(address => uint256[]) private dataSetsOf;
    uint256[] private approvedProviders;

    event DataSetCreated(
        uint256 indexed dataSetId, uint256 indexed providerId, uint256 pdpRailId, uint256 cacheMissRailId,
        uint256 cdnRailId, address payer, address serviceProvider, address payee, string[] metadataKeys,
        string[] metadataValues
    );
    event PieceAdded(
        uint256 indexed dataSetId, uint256 indexed pieceId, Cids.Cid pieceCid, string[] keys, string[] values
    );
    event ServiceTerminated(
        address indexed approver, uint256 indexed dataSetId, uint256 pdpRailId, uint256 cacheMissRailId,
        uint256 cdnRailId
    );
    event DataSetAbandoned(
        uint256 indexed dataSetId, uint256 pdpRailId, uint256 cacheMissRailId, uint256 cdnRailId
    );
    event ProviderApproved(uint256 indexed providerId);
    event ProviderUnapproved(uint256 indexed providerId);
    event ViewContractSet(address indexed viewContract);

    constructor(
        address pdp, address payments, address usdfc, address beneficiary, address registry, address sessions,
        uint64 period, uint256 window
    ) ServiceSignatures(sessions) ServiceProving(period, window) ServiceRails(payments, usdfc, beneficiary) {
        pdpVerifierAddress = pdp;
        serviceProviderRegistry = ServiceProviderRegistry(registry);
    }

    modifier onlyOwner() {
        require(msg.sender == owner, "only the owner");
        _;
    }

    modifier onlyPDPVerifier() {
        if (msg.sender != pdpVerifierAddress) revert OnlyPDPVerifierAllowed(pdpVerifierAddress, msg.sender);
        _;
    }

    // -- The owner -----------------------------------------------------------------

    function setViewContract(address viewContract) external onlyOwner {
        viewContractAddress = viewContract;
        emit ViewContractSet(viewContract);
    }

    function addApprovedProvider(uint256 providerId) external onlyOwner {
        if (_indexOf(providerId) < approvedProviders.length) revert ProviderAlreadyApproved(providerId);
        approvedProviders.push(providerId);
        emit ProviderApproved(providerId);
    }

    function removeApprovedProvider(uint256 providerId, uint256 index) external onlyOwner {
        if (index >= approvedProviders.length || approvedProviders[index] != providerId) {
            revert ProviderIdMismatchAtIndex(index, providerId);
        }
        approvedProviders[index] = approvedProviders[approvedProviders.length - 1];
        approvedProviders.pop();
        emit ProviderUnapproved(providerId);
    }

    // -- What PDPVerifier tells ----------------------------------------------------

    function dataSetCreated(uint256 dataSetId, address creator, bytes calldata extraData) external onlyPDPVerifier {
        _requireExtra(extraData, MAX_CREATE_EXTRA);
        DataSet memory set;
        string[] memory keys;
        string[] memory values;
        bytes memory signature;
        (set.payer, set.clientDataSetId, keys, values, signature) =
            abi.decode(extraData, (address, uint256, string[], string[], bytes));
        set.providerId = serviceProviderRegistry.getProviderIdByAddress(creator);
        if (set.providerId == 0) revert ProviderNotRegistered(creator);
        set.payee = serviceProviderRegistry.getProviderPayee(set.providerId);
        set.serviceProvider = creator;
        set.dataSetId = dataSetId;

        _useNonce(set.payer, set.clientDataSetId, dataSetId);
        _requireCreateSigned(set.payer, set.clientDataSetId, set.payee, keys, values, signature);
        _keepOfDataSet(dataSetId, keys, values);
        dataSetsOf[set.payer].push(dataSetId);
        set = _openRails(set, _has(keys, "withCDN"));
        _announce(set, keys, values);
    }

    function piecesAdded(
        uint256 dataSetId, uint256 firstAdded, Cids.Cid[] calldata pieceData, bytes calldata extraData
    ) external onlyPDPVerifier {
        DataSet storage set = _registered(dataSetId);
        if (set.pdpEndEpoch != 0) revert DataSetPaymentAlreadyTerminated(dataSetId);
        _requireExtra(extraData, MAX_ADD_EXTRA);
        (uint256 nonce, string[][] memory keys, string[][] memory values, bytes memory signature) =
            abi.decode(extraData, (uint256, string[][], string[][], bytes));
        if (keys.length != pieceData.length) revert MetadataArrayCountMismatch(keys.length, pieceData.length);
        if (values.length != pieceData.length) revert MetadataArrayCountMismatch(values.length, pieceData.length);

        _useNonce(set.payer, nonce, dataSetId | ((firstAdded + pieceData.length) << 128));
        _requireAddSigned(set.payer, set.clientDataSetId, nonce, pieceData, keys, values, signature);
        for (uint256 i = 0; i < pieceData.length; i++) {
            _keepOfPiece(dataSetId, firstAdded + i, keys[i], values[i]);
            emit PieceAdded(dataSetId, firstAdded + i, pieceData[i], keys[i], values[i]);
        }
        PriceList.Fees memory fees = PriceList.fees();
        _charge(set, fees.addPiecesBaseFee + fees.addPiecesPerPieceFee * pieceData.length);
        _updateRate(set, PDPVerifier(pdpVerifierAddress).getDataSetLeafCount(dataSetId), true);
    }

    function piecesScheduledRemove(uint256 dataSetId, uint256[] calldata pieceIds, bytes calldata extraData)
        external onlyPDPVerifier
    {
        DataSet storage set = _registered(dataSetId);
        _requireBeforeEnd(set);
        _requireExtra(extraData, MAX_SHORT_EXTRA);
        bytes memory signature = abi.decode(extraData, (bytes));
        _requireRemovalSigned(set.payer, set.clientDataSetId, pieceIds, signature);
        _charge(set, PriceList.fees().schedulePieceRemovalsFee);
    }

    function possessionProven(uint256 dataSetId, uint256, uint256, uint256 challengeCount) external onlyPDPVerifier {
        _requireBeforeEnd(_registered(dataSetId));
        _recordProof(dataSetId, challengeCount);
    }

    function nextProvingPeriod(uint256 dataSetId, uint256 challengeEpoch, uint256 leafCount, bytes calldata)
        external onlyPDPVerifier
    {
        DataSet storage set = _registered(dataSetId);
        _requireBeforeEnd(set);
        _openNextPeriod(dataSetId, challengeEpoch);
        _updateRate(set, leafCount, false);
    }

    function dataSetDeleted(uint256 dataSetId, uint256, bytes calldata) external onlyPDPVerifier {
        DataSet storage set = _registered(dataSetId);
        if (set.pdpEndEpoch == 0 && _abandoned(dataSetId)) {
            _terminateRails(set);
            emit DataSetAbandoned(dataSetId, set.pdpRailId, set.cacheMissRailId, set.cdnRailId);
        } else {
            if (set.pdpEndEpoch == 0 || block.number <= set.pdpEndEpoch) {
                revert PaymentRailsNotFinalized(dataSetId, set.pdpEndEpoch);
            }
            _requireSettled(set);
        }
        uint256[] storage all = dataSetsOf[set.payer];
        for (uint256 i = 0; i < all.length; i++) {
            if (all[i] != dataSetId) continue;
            all[i] = all[all.length - 1];
            all.pop();
            break;
        }
        delete sets[dataSetId];
    }

    // -- Ending and filling up -----------------------------------------------------

    /// By the payer or the provider: it ends after the lockup period.
    function terminateService(uint256 dataSetId) external {
        DataSet storage set = _registered(dataSetId);
        if (msg.sender != set.payer && msg.sender != set.payee && msg.sender != set.serviceProvider) {
            revert CallerNotPayerOrPayee(dataSetId, set.payer, set.payee, msg.sender);
        }
        if (set.pdpEndEpoch != 0) revert DataSetPaymentAlreadyTerminated(dataSetId);
        _terminateRails(set);
        emit ServiceTerminated(msg.sender, dataSetId, set.pdpRailId, set.cacheMissRailId, set.cdnRailId);
    }

    /// By the provider with the payer's signature: it ends at once, for a fee.
    function terminateService(uint256 dataSetId, bytes calldata extraData) external {
        DataSet storage set = _registered(dataSetId);
        if (msg.sender != set.serviceProvider) {
            revert CallerNotServiceProvider(dataSetId, set.serviceProvider, msg.sender);
        }
        if (set.pdpEndEpoch != 0) revert DataSetPaymentAlreadyTerminated(dataSetId);
        _requireExtra(extraData, MAX_SHORT_EXTRA);
        _requireTerminationSigned(set.payer, dataSetId, abi.decode(extraData, (bytes)));
        _charge(set, PriceList.fees().terminateFee);
        _endNow(set);
        _terminateRails(set);
        emit ServiceTerminated(set.payer, dataSetId, set.pdpRailId, set.cacheMissRailId, set.cdnRailId);
    }

    function topUpCDNPaymentRails(uint256 dataSetId, uint256 cdnAmountToAdd, uint256 cacheMissAmountToAdd) external {
        DataSet storage set = _registered(dataSetId);
        if (msg.sender != set.payer) revert CallerNotPayer(dataSetId, set.payer, msg.sender);
        _topUpCdn(set, cdnAmountToAdd, cacheMissAmountToAdd);
    }

    function topUpLifecycleReserve(uint256 dataSetId, uint256 amount) external {
        DataSet storage set = _registered(dataSetId);
        if (msg.sender != set.payer) revert CallerNotPayer(dataSetId, set.payer, msg.sender);
        _topUpReserve(set, amount);
    }

    // -- What the payment contract asks --------------------------------------------

    function validatePayment(uint256 railId, uint256 proposedAmount, uint256 fromEpoch, uint256 toEpoch, uint256)
        external view returns (ValidationResult memory)
    {
        uint256 dataSetId = railToDataSet[railId];
        if (dataSetId == 0) revert DataSetNotFoundForRail(railId);
        if (fromEpoch >= toEpoch) revert InvalidEpochRange(fromEpoch, toEpoch);
        return _earned(dataSetId, proposedAmount, fromEpoch, toEpoch);
    }

    function railTerminated(uint256, address terminator, uint256) external view {
        if (msg.sender != paymentsContractAddress) revert CallerNotPayments(paymentsContractAddress, msg.sender);
        if (terminator != address(this)) revert ServiceContractMustTerminateRail();
    }

    // -- For the view contract -----------------------------------------------------

    function dataSet(uint256 dataSetId) external view returns (DataSet memory) {
        return sets[dataSetId];
    }

    function dataSetIdsOf(address payer) external view returns (uint256[] memory) {
        return dataSetsOf[payer];
    }

    function approvedProviderIds() external view returns (uint256[] memory) {
        return approvedProviders;
    }

    // -- How it is done ------------------------------------------------------------

    function _useNonce(address payer, uint256 nonce, uint256 meaning) private {
        if (clientNonces[payer][nonce] != 0) revert ClientDataSetAlreadyRegistered(nonce);
        clientNonces[payer][nonce] = meaning;
    }

    function _announce(DataSet memory set, string[] memory keys, string[] memory values) private {
        emit DataSetCreated(
            set.dataSetId, set.providerId, set.pdpRailId, set.cacheMissRailId, set.cdnRailId, set.payer,
            set.serviceProvider, set.payee, keys, values
        );
    }

    function _registered(uint256 dataSetId) private view returns (DataSet storage set) {
        set = sets[dataSetId];
        if (set.pdpRailId == 0) revert DataSetNotRegistered(dataSetId);
    }

    function _abandoned(uint256 dataSetId) private view returns (bool) {
        uint256 proven = PDPVerifier(pdpVerifierAddress).getDataSetLastProvenEpoch(dataSetId);
        return block.number > proven + ABANDONED_AFTER;
    }

    function _requireBeforeEnd(DataSet storage set) private view {
        if (set.pdpEndEpoch != 0 && block.number > set.pdpEndEpoch) {
            revert DataSetPaymentBeyondEndEpoch(set.dataSetId, set.pdpEndEpoch, block.number);
        }
    }

    function _requireExtra(bytes calldata extraData, uint256 most) private pure {
        if (extraData.length == 0) revert ExtraDataRequired();
        if (extraData.length > most) revert ExtraDataTooLarge(extraData.length, most);
    }

    function _indexOf(uint256 providerId) private view returns (uint256 index) {
        while (index < approvedProviders.length && approvedProviders[index] != providerId) index++;
    }
}
