// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Cids} from "./Cids.sol";

/// What PDPVerifier tells the contract that a data set belongs to.
interface IListener {
    function dataSetCreated(uint256 dataSetId, address creator, bytes calldata extraData) external;
    function dataSetDeleted(uint256 dataSetId, uint256 deletedLeafCount, bytes calldata extraData) external;
    function piecesAdded(
        uint256 dataSetId, uint256 firstAdded, Cids.Cid[] calldata pieceData, bytes calldata extraData
    ) external;
    function piecesScheduledRemove(uint256 dataSetId, uint256[] calldata pieceIds, bytes calldata extraData) external;
    function possessionProven(
        uint256 dataSetId, uint256 challengedLeafCount, uint256 seed, uint256 challengeCount
    ) external;
    function nextProvingPeriod(
        uint256 dataSetId, uint256 challengeEpoch, uint256 leafCount, bytes calldata extraData
    ) external;
}

interface IERC20 {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function permit(
        address owner, address spender, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s
    ) external;
}

/// Says how much of a rail's money was earned.
interface IValidator {
    struct ValidationResult {
        uint256 modifiedAmount;
        uint256 settleUpto;
        string note;
    }

    function validatePayment(
        uint256 railId, uint256 proposedAmount, uint256 fromEpoch, uint256 toEpoch, uint256 rate
    ) external returns (ValidationResult memory result);
    function railTerminated(uint256 railId, address terminator, uint256 endEpoch) external;
}
