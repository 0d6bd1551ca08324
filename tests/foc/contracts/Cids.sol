// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// PieceCIDs of version 2, and proofs that a leaf is in the tree under one.
library Cids {
    struct Cid {
        bytes data;
    }

    struct Piece {
        bytes32 root;
        uint256 padding;
        uint256 height;
    }

    uint256 internal constant MAX_HEIGHT = 50;

    /// 01 55 91 20, the digest's length, then padding (varint), height and root.
    function parse(bytes memory cid) internal pure returns (Piece memory piece) {
        require(cid.length >= 39 && _starts(cid), "Cid must be CommPv2");
        uint256 position = 5;
        uint256 shift;
        while (true) {
            uint256 next = uint8(cid[position++]);
            piece.padding |= (next & 0x7f) << shift;
            if (next < 0x80) break;
            shift += 7;
            require(shift <= 56 && position < cid.length, "Cid must be CommPv2");
        }
        require(cid.length == position + 33 && uint8(cid[4]) == cid.length - 5, "Cid must be CommPv2");
        piece.height = uint8(cid[position]);
        bytes32 root;
        assembly {
            root := mload(add(cid, mload(cid)))
        }
        piece.root = root;
    }

    function _starts(bytes memory cid) private pure returns (bool) {
        return cid[0] == 0x01 && cid[1] == 0x55 && cid[2] == 0x91 && cid[3] == 0x20;
    }

    /// Whole leaves of 32 bytes, without those that are nothing but padding.
    function leafCount(Piece memory piece) internal pure returns (uint256) {
        return (uint256(1) << piece.height) - (piece.padding * 128) / 127 / 32;
    }

    /// Whether `path` leads from the leaf at `index` to the root, sibling by sibling.
    function proves(Piece memory piece, bytes32 leaf, uint256 index, bytes32[] calldata path)
        internal pure returns (bool)
    {
        if (path.length != piece.height) return false;
        bytes32 node = leaf;
        for (uint256 level = 0; level < path.length; level++) {
            node = index & 1 == 0 ? parent(node, path[level]) : parent(path[level], node);
            index >>= 1;
        }
        return node == piece.root;
    }

    /// SHA-256 with the two top bits of the last byte cleared.
    function parent(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(left, right)) & ~bytes32(uint256(0xc0));
    }
}
