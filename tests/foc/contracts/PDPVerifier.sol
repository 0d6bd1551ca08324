// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Cids} from "./Cids.sol";
import {IListener} from "./Interfaces.sol";

/// Data sets, their pieces, and proofs that a provider still has them.
contract PDPVerifier {
    string public constant VERSION = "3.4.0";
    uint256 public constant INACTIVITY_WINDOW = 86400;
    uint256 private constant CHALLENGES = 5;
    uint256 private constant MAX_QUEUED_REMOVALS = 2000;
    uint256 private constant FEE_PER_TIB = 0.00023 ether;
    uint256 private constant MAX_CHALLENGE_DELAY = 86400;

    struct Proof {
        bytes32 leaf;
        bytes32[] proof;
    }

    struct PieceIdAndOffset {
        uint256 pieceId;
        uint256 offset;
    }

    struct DataSet {
        address storageProvider;
        address listener;
        uint256 leafCount;
        uint256 nextPieceId;
        uint256 nextChallengeEpoch;
        uint256 challengeRange;
        uint256 lastProvenEpoch;
        uint256[] removals;
    }

    uint256 private immutable challengeFinality;
    uint256 private nextDataSetId = 1;
    mapping(uint256 => DataSet) private sets;
    mapping(uint256 => mapping(uint256 => bytes)) private cids;
    mapping(uint256 => mapping(uint256 => uint256)) private leafCounts;
    mapping(uint256 => mapping(uint256 => bool)) private scheduled;
    mapping(uint256 => mapping(bytes32 => uint256[])) private idsByCid;

    event DataSetCreated(uint256 indexed setId, address indexed storageProvider);
    event DataSetDeleted(uint256 indexed setId, uint256 deletedLeafCount);
    event DataSetEmpty(uint256 indexed setId);
    event PiecesAdded(uint256 indexed setId, uint256[] pieceIds, Cids.Cid[] pieceCids);
    event PiecesScheduledForRemoval(uint256 indexed setId, uint256[] pieceIds);
    event PiecesRemoved(uint256 indexed setId, uint256[] pieceIds);
    event NextProvingPeriod(uint256 indexed setId, uint256 challengeEpoch, uint256 leafCount);
    event PossessionProven(uint256 indexed setId, PieceIdAndOffset[] challenges);
    event ProofFeePaid(uint256 indexed setId, uint256 fee);

    error CleanupDepositRequired();
    error DataSetNotFound();
    error DataSetNotLive();
    error ExcessiveChallengeDelay(uint256 epochs, uint256 maxDelay);
    error IndexedError(uint256 idx, string msg);
    error InsufficientChallengeDelay(uint256 epochs, uint256 minDelay);
    error OnlyStorageProviderCanDelete();
    error TransferFailed();

    constructor(uint256 finality) {
        challengeFinality = finality;
    }

    modifier live(uint256 setId) {
        if (!dataSetLive(setId)) revert DataSetNotLive();
        _;
    }

    modifier byProvider(uint256 setId) {
        require(sets[setId].storageProvider == msg.sender, "Only the storage provider can do this");
        _;
    }

    // -- What a provider does ------------------------------------------------------

    function createDataSet(address listenerAddr, bytes calldata extraData) external payable returns (uint256) {
        return _create(listenerAddr, extraData);
    }

    /// With set 0 a set is made first; then extraData is abi.encode(bytes create, bytes add).
    function addPieces(
        uint256 setId, address listenerAddr, Cids.Cid[] calldata pieceData, bytes calldata extraData
    ) external payable returns (uint256) {
        if (setId == 0) {
            require(listenerAddr != address(0), "A new data set needs a listener");
            (bytes memory createExtra, bytes memory addExtra) = abi.decode(extraData, (bytes, bytes));
            setId = _create(listenerAddr, createExtra);
            _add(setId, pieceData, addExtra);
            return setId;
        }
        if (!dataSetLive(setId)) revert DataSetNotLive();
        require(sets[setId].storageProvider == msg.sender, "Only the storage provider can add pieces");
        require(
            listenerAddr == address(0) || listenerAddr == sets[setId].listener, "Not the listener of this data set"
        );
        require(msg.value == 0, "No FIL is taken for adding pieces");
        return _add(setId, pieceData, extraData);
    }

    function schedulePieceDeletions(uint256 setId, uint256[] calldata pieceIds, bytes calldata extraData)
        external live(setId) byProvider(setId)
    {
        DataSet storage set = sets[setId];
        require(set.removals.length + pieceIds.length <= MAX_QUEUED_REMOVALS, "Too many removals wanted");
        for (uint256 i = 0; i < pieceIds.length; i++) {
            require(pieceLive(setId, pieceIds[i]), "Can only schedule removal of live pieces");
            require(!scheduled[setId][pieceIds[i]], "Piece ID already scheduled for removal");
            scheduled[setId][pieceIds[i]] = true;
            set.removals.push(pieceIds[i]);
        }
        emit PiecesScheduledForRemoval(setId, pieceIds);
        if (set.listener != address(0)) {
            IListener(set.listener).piecesScheduledRemove(setId, pieceIds, extraData);
        }
    }

    /// Closes a proving period: queued pieces leave, and the next challenge is drawn later.
    function nextProvingPeriod(uint256 setId, uint256 challengeEpoch, bytes calldata extraData)
        external live(setId) byProvider(setId)
    {
        DataSet storage set = sets[setId];
        require(set.leafCount > 0 || set.nextChallengeEpoch != 0, "can only start proving once leaves are added");
        _removeScheduled(setId);
        set.challengeRange = set.leafCount;
        if (set.leafCount == 0) {
            set.nextChallengeEpoch = 0;
            emit DataSetEmpty(setId);
        } else {
            _checkDelay(challengeEpoch);
            set.nextChallengeEpoch = challengeEpoch;
        }
        if (set.listener != address(0)) {
            IListener(set.listener).nextProvingPeriod(setId, set.nextChallengeEpoch, set.leafCount, extraData);
        }
        emit NextProvingPeriod(setId, set.nextChallengeEpoch, set.leafCount);
    }

    function provePossession(uint256 setId, Proof[] calldata proofs) external payable live(setId) byProvider(setId) {
        DataSet storage set = sets[setId];
        require(proofs.length > 0, "empty proof");
        require(set.nextChallengeEpoch != 0, "no challenge scheduled");
        require(block.number >= set.nextChallengeEpoch, "premature proof");
        uint256 fee = calculateProofFee(setId);
        require(msg.value >= fee, "Incorrect fee amount");
        uint256 seed = getRandomness(set.nextChallengeEpoch);
        PieceIdAndOffset[] memory challenges = new PieceIdAndOffset[](proofs.length);
        for (uint64 i = 0; i < proofs.length; i++) {
            uint256 index = uint256(keccak256(abi.encodePacked(seed, setId, i))) % set.challengeRange;
            challenges[i] = _find(setId, index);
            Cids.Piece memory piece = Cids.parse(cids[setId][challenges[i].pieceId]);
            require(
                Cids.proves(piece, proofs[i].leaf, challenges[i].offset, proofs[i].proof), "proof did not verify"
            );
        }
        set.lastProvenEpoch = block.number;
        emit ProofFeePaid(setId, fee);
        _refund(msg.value - fee);
        if (set.listener != address(0)) {
            IListener(set.listener).possessionProven(setId, set.leafCount, seed, proofs.length);
        }
        emit PossessionProven(setId, challenges);
    }

    /// By the provider; after INACTIVITY_WINDOW epochs without a proof by anybody.
    function deleteDataSet(uint256 setId, bytes calldata extraData) external live(setId) {
        DataSet storage set = sets[setId];
        bool abandoned = block.number > set.lastProvenEpoch + INACTIVITY_WINDOW;
        if (msg.sender != set.storageProvider && !abandoned) revert OnlyStorageProviderCanDelete();
        uint256 leaves = set.leafCount;
        if (set.listener != address(0)) IListener(set.listener).dataSetDeleted(setId, leaves, extraData);
        delete sets[setId];
        emit DataSetDeleted(setId, leaves);
        _refund(FIL_CLEANUP_DEPOSIT());
    }

    // -- What anybody reads --------------------------------------------------------

    function FIL_CLEANUP_DEPOSIT() public pure returns (uint256) {
        return 0.1 ether;
    }

    function getChallengeFinality() external view returns (uint256) {
        return challengeFinality;
    }

    function dataSetLive(uint256 setId) public view returns (bool) {
        return sets[setId].storageProvider != address(0);
    }

    function pieceLive(uint256 setId, uint256 pieceId) public view returns (bool) {
        return dataSetLive(setId) && leafCounts[setId][pieceId] > 0;
    }

    function getDataSetListener(uint256 setId) external view live(setId) returns (address) {
        return sets[setId].listener;
    }

    function getDataSetStorageProvider(uint256 setId) external view live(setId) returns (address, address) {
        return (sets[setId].storageProvider, address(0));
    }

    function getDataSetLeafCount(uint256 setId) external view live(setId) returns (uint256) {
        return sets[setId].leafCount;
    }

    function getNextPieceId(uint256 setId) external view live(setId) returns (uint256) {
        return sets[setId].nextPieceId;
    }

    function getNextChallengeEpoch(uint256 setId) external view live(setId) returns (uint256) {
        return sets[setId].nextChallengeEpoch;
    }

    /// The epoch of creation, until there is a proof.
    function getDataSetLastProvenEpoch(uint256 setId) external view live(setId) returns (uint256) {
        return sets[setId].lastProvenEpoch;
    }

    function getChallengeRange(uint256 setId) external view live(setId) returns (uint256) {
        return sets[setId].challengeRange;
    }

    function getScheduledRemovals(uint256 setId) external view live(setId) returns (uint256[] memory) {
        return sets[setId].removals;
    }

    function getPieceCid(uint256 setId, uint256 pieceId) external view live(setId) returns (Cids.Cid memory) {
        return Cids.Cid(cids[setId][pieceId]);
    }

    function getPieceLeafCount(uint256 setId, uint256 pieceId) external view live(setId) returns (uint256) {
        return leafCounts[setId][pieceId];
    }

    function getActivePieceCount(uint256 setId) external view live(setId) returns (uint256 activeCount) {
        for (uint256 id = 0; id < sets[setId].nextPieceId; id++) {
            if (leafCounts[setId][id] > 0) activeCount++;
        }
    }

    function getActivePiecesByCursor(uint256 setId, uint256 startPieceId, uint256 limit)
        external view live(setId)
        returns (Cids.Cid[] memory pieces, uint256[] memory pieceIds, bool hasMore)
    {
        require(limit > 0, "Limit must be greater than 0");
        uint256[] memory found = new uint256[](limit);
        uint256 count;
        for (uint256 id = startPieceId; id < sets[setId].nextPieceId && !hasMore; id++) {
            if (leafCounts[setId][id] == 0) continue;
            if (count == limit) hasMore = true;
            else found[count++] = id;
        }
        pieces = new Cids.Cid[](count);
        pieceIds = new uint256[](count);
        for (uint256 i = 0; i < count; i++) {
            pieceIds[i] = found[i];
            pieces[i] = Cids.Cid(cids[setId][found[i]]);
        }
    }

    function findPieceIdsByCid(uint256 setId, Cids.Cid calldata pieceCid, uint256 startPieceId, uint256 limit)
        external view live(setId) returns (uint256[] memory pieceIds)
    {
        uint256[] storage all = idsByCid[setId][keccak256(pieceCid.data)];
        uint256[] memory found = new uint256[](all.length);
        uint256 count;
        for (uint256 i = 0; i < all.length && count < limit; i++) {
            if (all[i] >= startPieceId && leafCounts[setId][all[i]] > 0) found[count++] = all[i];
        }
        pieceIds = new uint256[](count);
        for (uint256 i = 0; i < count; i++) pieceIds[i] = found[i];
    }

    function findPieceIds(uint256 setId, uint256[] calldata leafIndexs)
        external view live(setId) returns (PieceIdAndOffset[] memory found)
    {
        found = new PieceIdAndOffset[](leafIndexs.length);
        for (uint256 i = 0; i < leafIndexs.length; i++) found[i] = _find(setId, leafIndexs[i]);
    }

    /// In FIL, from the size of the set.
    function calculateProofFee(uint256 setId) public view live(setId) returns (uint256) {
        return (sets[setId].challengeRange * 32 * FEE_PER_TIB) / 2 ** 40;
    }

    /// A stand-in for drand: known from the epoch on, the same whenever it is asked.
    function getRandomness(uint256 epoch) public view returns (uint256) {
        require(epoch <= block.number, "randomness of a future epoch");
        return uint256(keccak256(abi.encode(block.chainid, address(this), epoch)));
    }

    // -- How it is done ------------------------------------------------------------

    function _create(address listener, bytes memory extraData) private returns (uint256 setId) {
        if (msg.value < FIL_CLEANUP_DEPOSIT()) revert CleanupDepositRequired();
        setId = nextDataSetId++;
        DataSet storage set = sets[setId];
        set.storageProvider = msg.sender;
        set.listener = listener;
        set.lastProvenEpoch = block.number;
        emit DataSetCreated(setId, msg.sender);
        if (listener != address(0)) IListener(listener).dataSetCreated(setId, msg.sender, extraData);
        _refund(msg.value - FIL_CLEANUP_DEPOSIT());
    }

    function _add(uint256 setId, Cids.Cid[] calldata pieceData, bytes memory extraData)
        private returns (uint256 firstAdded)
    {
        require(pieceData.length > 0, "Must add at least one piece");
        DataSet storage set = sets[setId];
        firstAdded = set.nextPieceId;
        uint256[] memory pieceIds = new uint256[](pieceData.length);
        for (uint256 i = 0; i < pieceData.length; i++) {
            pieceIds[i] = firstAdded + i;
            _addOne(setId, i, firstAdded + i, pieceData[i].data);
        }
        set.nextPieceId = firstAdded + pieceData.length;
        emit PiecesAdded(setId, pieceIds, pieceData);
        if (set.listener != address(0)) {
            IListener(set.listener).piecesAdded(setId, firstAdded, pieceData, extraData);
        }
    }

    function _addOne(uint256 setId, uint256 index, uint256 pieceId, bytes calldata cid) private {
        Cids.Piece memory piece = Cids.parse(cid);
        if (piece.height < 2 || piece.height > Cids.MAX_HEIGHT) {
            revert IndexedError(index, "Piece size must be less than 2^50");
        }
        if (piece.padding >= uint256(127) << (piece.height - 2)) {
            revert IndexedError(index, "Padding is too large");
        }
        uint256 leaves = Cids.leafCount(piece);
        cids[setId][pieceId] = cid;
        leafCounts[setId][pieceId] = leaves;
        idsByCid[setId][keccak256(cid)].push(pieceId);
        sets[setId].leafCount += leaves;
    }

    function _removeScheduled(uint256 setId) private {
        uint256[] memory leaving = sets[setId].removals;
        if (leaving.length == 0) return;
        for (uint256 i = 0; i < leaving.length; i++) {
            sets[setId].leafCount -= leafCounts[setId][leaving[i]];
            delete leafCounts[setId][leaving[i]];
            delete cids[setId][leaving[i]];
            delete scheduled[setId][leaving[i]];
        }
        delete sets[setId].removals;
        emit PiecesRemoved(setId, leaving);
    }

    function _find(uint256 setId, uint256 leafIndex) private view returns (PieceIdAndOffset memory) {
        uint256 left = leafIndex;
        for (uint256 id = 0; id < sets[setId].nextPieceId; id++) {
            uint256 leaves = leafCounts[setId][id];
            if (left < leaves) return PieceIdAndOffset(id, left);
            left -= leaves;
        }
        revert("Leaf index out of bounds");
    }

    function _checkDelay(uint256 challengeEpoch) private view {
        if (challengeEpoch < block.number + challengeFinality) {
            revert InsufficientChallengeDelay(challengeEpoch, block.number + challengeFinality);
        }
        if (challengeEpoch > block.number + MAX_CHALLENGE_DELAY) {
            revert ExcessiveChallengeDelay(challengeEpoch, block.number + MAX_CHALLENGE_DELAY);
        }
    }

    function _refund(uint256 amount) private {
        if (amount == 0) return;
        (bool sent,) = msg.sender.call{value: amount}("");
        if (!sent) revert TransferFailed();
    }
}
