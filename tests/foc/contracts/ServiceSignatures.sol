// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Cids} from "./Cids.sol";
import {ServiceErrors} from "./ServiceErrors.sol";
import {SessionKeyRegistry} from "./SessionKeyRegistry.sol";

/// What payers sign (EIP-712), and who may sign for them.
abstract contract ServiceSignatures is ServiceErrors {
    string private constant ENTRY = "MetadataEntry(string key,string value)";
    string private constant CID = "Cid(bytes data)";
    string private constant PIECE = "PieceMetadata(uint256 pieceIndex,MetadataEntry[] metadata)";

    bytes32 private constant DOMAIN =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant ENTRY_TYPE = keccak256(bytes(ENTRY));
    bytes32 private constant CID_TYPE = keccak256(bytes(CID));
    bytes32 private constant PIECE_TYPE = keccak256(abi.encodePacked(PIECE, ENTRY));
    bytes32 public constant CREATE_DATA_SET_TYPEHASH = keccak256(
        abi.encodePacked("CreateDataSet(uint256 clientDataSetId,address payee,MetadataEntry[] metadata)", ENTRY)
    );
    bytes32 public constant ADD_PIECES_TYPEHASH = keccak256(
        abi.encodePacked(
            "AddPieces(uint256 clientDataSetId,uint256 nonce,Cid[] pieceData,PieceMetadata[] pieceMetadata)",
            CID, ENTRY, PIECE
        )
    );
    bytes32 public constant SCHEDULE_PIECE_REMOVALS_TYPEHASH =
        keccak256("SchedulePieceRemovals(uint256 clientDataSetId,uint256[] pieceIds)");
    bytes32 public constant TERMINATE_SERVICE_TYPEHASH = keccak256("TerminateService(uint256 dataSetId)");

    SessionKeyRegistry public immutable sessionKeyRegistry;

    constructor(address sessions) {
        sessionKeyRegistry = SessionKeyRegistry(sessions);
    }

    function eip712Domain()
        external view
        returns (
            bytes1 fields, string memory name, string memory version, uint256 chainId, address verifyingContract,
            bytes32 salt, uint256[] memory extensions
        )
    {
        return (hex"0f", "FilecoinWarmStorageService", "1", block.chainid, address(this), 0, new uint256[](0));
    }

    function _domainSeparator() internal view returns (bytes32) {
        return keccak256(
            abi.encode(DOMAIN, keccak256("FilecoinWarmStorageService"), keccak256("1"), block.chainid, address(this))
        );
    }

    function _requireCreateSigned(
        address payer, uint256 clientDataSetId, address payee, string[] memory keys, string[] memory values,
        bytes memory signature
    ) internal view {
        bytes32 content = keccak256(abi.encode(CREATE_DATA_SET_TYPEHASH, clientDataSetId, payee, _hash(keys, values)));
        _requireSigned(payer, CREATE_DATA_SET_TYPEHASH, content, signature);
    }

    function _requireAddSigned(
        address payer, uint256 clientDataSetId, uint256 nonce, Cids.Cid[] calldata pieces, string[][] memory keys,
        string[][] memory values, bytes memory signature
    ) internal view {
        bytes32[] memory cids = new bytes32[](pieces.length);
        bytes32[] memory metadata = new bytes32[](pieces.length);
        for (uint256 i = 0; i < pieces.length; i++) {
            cids[i] = keccak256(abi.encode(CID_TYPE, keccak256(pieces[i].data)));
            metadata[i] = keccak256(abi.encode(PIECE_TYPE, i, _hash(keys[i], values[i])));
        }
        bytes32 content = keccak256(
            abi.encode(
                ADD_PIECES_TYPEHASH, clientDataSetId, nonce, keccak256(abi.encodePacked(cids)),
                keccak256(abi.encodePacked(metadata))
            )
        );
        _requireSigned(payer, ADD_PIECES_TYPEHASH, content, signature);
    }

    function _requireRemovalSigned(
        address payer, uint256 clientDataSetId, uint256[] calldata pieceIds, bytes memory signature
    ) internal view {
        bytes32 ids = keccak256(abi.encodePacked(pieceIds));
        bytes32 content = keccak256(abi.encode(SCHEDULE_PIECE_REMOVALS_TYPEHASH, clientDataSetId, ids));
        _requireSigned(payer, SCHEDULE_PIECE_REMOVALS_TYPEHASH, content, signature);
    }

    function _requireTerminationSigned(address payer, uint256 dataSetId, bytes memory signature) internal view {
        bytes32 content = keccak256(abi.encode(TERMINATE_SERVICE_TYPEHASH, dataSetId));
        _requireSigned(payer, TERMINATE_SERVICE_TYPEHASH, content, signature);
    }

    /// By the payer, or by a key that the payer's session allows this operation now.
    function _requireSigned(address payer, bytes32 permission, bytes32 content, bytes memory signature) private view {
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", _domainSeparator(), content));
        address signer = _recover(digest, signature);
        if (signer == payer) return;
        if (sessionKeyRegistry.authorizationExpiry(payer, signer, permission) >= block.timestamp) return;
        revert InvalidSignature(payer, signer);
    }

    function _recover(bytes32 digest, bytes memory signature) private pure returns (address) {
        if (signature.length != 65) revert InvalidSignatureLength(65, signature.length);
        bytes32 r;
        bytes32 s;
        uint8 v;
        assembly {
            r := mload(add(signature, 32))
            s := mload(add(signature, 64))
            v := byte(0, mload(add(signature, 96)))
        }
        if (v < 27) v += 27;
        if (v != 27 && v != 28) revert UnsupportedSignatureV(v);
        return ecrecover(digest, v, r, s);
    }

    function _hash(string[] memory keys, string[] memory values) private pure returns (bytes32) {
        if (keys.length != values.length) revert MetadataKeyAndValueLengthMismatch(keys.length, values.length);
        bytes32[] memory entries = new bytes32[](keys.length);
        for (uint256 i = 0; i < keys.length; i++) {
            entries[i] = keccak256(abi.encode(ENTRY_TYPE, keccak256(bytes(keys[i])), keccak256(bytes(values[i]))));
        }
        return keccak256(abi.encodePacked(entries));
    }
}
