// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ServiceErrors} from "./ServiceErrors.sol";

/// Short public words on data sets and pieces. Lengths are in bytes of UTF-8.
abstract contract ServiceMetadata is ServiceErrors {
    uint256 private constant MAX_KEYS_PER_DATA_SET = 10;
    uint256 private constant MAX_KEYS_PER_PIECE = 3;
    uint256 private constant MAX_KEY_LENGTH = 32;
    uint256 private constant MAX_VALUE_LENGTH = 96;

    struct Metadata {
        string[] keys;
        mapping(string => string) values;
    }

    mapping(uint256 => Metadata) private ofDataSet;
    mapping(uint256 => mapping(uint256 => Metadata)) private ofPiece;

    function getAllDataSetMetadata(uint256 dataSetId) external view returns (string[] memory, string[] memory) {
        return _all(ofDataSet[dataSetId]);
    }

    function getDataSetMetadata(uint256 dataSetId, string calldata key) external view returns (bool, string memory) {
        return _one(ofDataSet[dataSetId], key);
    }

    function getAllPieceMetadata(uint256 dataSetId, uint256 pieceId)
        external view returns (string[] memory, string[] memory)
    {
        return _all(ofPiece[dataSetId][pieceId]);
    }

    function getPieceMetadata(uint256 dataSetId, uint256 pieceId, string calldata key)
        external view returns (bool, string memory)
    {
        return _one(ofPiece[dataSetId][pieceId], key);
    }

    function _keepOfDataSet(uint256 dataSetId, string[] memory keys, string[] memory values) internal {
        _keep(ofDataSet[dataSetId], dataSetId, keys, values, MAX_KEYS_PER_DATA_SET);
    }

    function _keepOfPiece(uint256 dataSetId, uint256 pieceId, string[] memory keys, string[] memory values) internal {
        _keep(ofPiece[dataSetId][pieceId], dataSetId, keys, values, MAX_KEYS_PER_PIECE);
    }

    function _keep(
        Metadata storage kept, uint256 dataSetId, string[] memory keys, string[] memory values, uint256 most
    ) private {
        if (keys.length != values.length) revert MetadataKeyAndValueLengthMismatch(keys.length, values.length);
        if (keys.length > most) revert TooManyMetadataKeys(most, keys.length);
        for (uint256 i = 0; i < keys.length; i++) {
            (uint256 keyLength, uint256 valueLength) = (bytes(keys[i]).length, bytes(values[i]).length);
            if (keyLength > MAX_KEY_LENGTH) revert MetadataKeyExceedsMaxLength(i, MAX_KEY_LENGTH, keyLength);
            if (valueLength > MAX_VALUE_LENGTH) {
                revert MetadataValueExceedsMaxLength(i, MAX_VALUE_LENGTH, valueLength);
            }
            if (_has(kept.keys, keys[i])) revert DuplicateMetadataKey(dataSetId, keys[i]);
            kept.keys.push(keys[i]);
            kept.values[keys[i]] = values[i];
        }
    }

    function _all(Metadata storage kept) private view returns (string[] memory keys, string[] memory values) {
        keys = kept.keys;
        values = new string[](keys.length);
        for (uint256 i = 0; i < keys.length; i++) values[i] = kept.values[keys[i]];
    }

    function _one(Metadata storage kept, string calldata key) private view returns (bool, string memory) {
        return (_has(kept.keys, key), kept.values[key]);
    }

    function _has(string[] memory keys, string memory key) internal pure returns (bool) {
        for (uint256 i = 0; i < keys.length; i++) {
            if (keccak256(bytes(keys[i])) == keccak256(bytes(key))) return true;
        }
        return false;
    }
}
