// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @notice RFC 9162 section 2.1 word for word, slow and obvious: what `InclusionProof` is held to.
library ReferenceTree {
    function node(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(hex"01", left, right));
    }

    /// @dev Section 2.1.1: the hash of the tree over `leaves` (leaf hashes, at least one).
    function root(bytes32[] memory leaves) internal pure returns (bytes32) {
        if (leaves.length == 1) return leaves[0];
        uint256 k = split(leaves.length);
        return node(root(slice(leaves, 0, k)), root(slice(leaves, k, leaves.length)));
    }

    /// @dev Section 2.1.3.1: the path of the leaf at `index`.
    function path(bytes32[] memory leaves, uint256 index) internal pure returns (bytes32[] memory) {
        if (leaves.length == 1) return new bytes32[](0);
        uint256 k = split(leaves.length);
        bytes32[] memory left = slice(leaves, 0, k);
        bytes32[] memory right = slice(leaves, k, leaves.length);
        return index < k
            ? append(path(left, index), root(right))
            : append(path(right, index - k), root(left));
    }

    /// @dev Section 2.1.3.2: the root to which a proof leads, and whether the proof is well formed.
    /// Where it is not, this is the root that a verifier without the length check would reach.
    function follow(bytes32 leaf, uint256 index, uint256 size, bytes32[] memory proof)
        internal
        pure
        returns (bool complete, bytes32 r)
    {
        if (index >= size) return (false, 0);
        uint256 fn = index;
        uint256 sn = size - 1;
        r = leaf;
        bool overlong = false;
        for (uint256 i = 0; i < proof.length; ++i) {
            overlong = overlong || sn == 0;
            if (fn & 1 == 1 || fn == sn) {
                r = node(proof[i], r);
                while (fn & 1 == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                r = node(r, proof[i]);
            }
            fn >>= 1;
            sn >>= 1;
        }
        complete = sn == 0 && !overlong;
    }

    /// @dev The largest power of two below `n`, for `n` of 2 or more.
    function split(uint256 n) private pure returns (uint256 k) {
        for (k = 1; k * 2 < n; k *= 2) {}
    }

    function slice(bytes32[] memory list, uint256 from, uint256 to)
        private
        pure
        returns (bytes32[] memory part)
    {
        part = new bytes32[](to - from);
        for (uint256 i = from; i < to; ++i) {
            part[i - from] = list[i];
        }
    }

    function append(bytes32[] memory list, bytes32 last)
        private
        pure
        returns (bytes32[] memory longer)
    {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) {
            longer[i] = list[i];
        }
        longer[list.length] = last;
    }
}
