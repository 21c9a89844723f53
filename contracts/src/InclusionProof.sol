// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @title Inclusion proofs in RFC 9162 trees with SHA-256
/// @notice A node is `SHA-256(0x01 ‖ left ‖ right)`; a lone node is promoted, never duplicated.
/// Strict: the path must be exactly as long as (index, size) demand, and that is looked at first.
library InclusionProof {
    /// @notice Number of leaves of the largest tree. It fits in 32 bits, a path in 32 hashes.
    uint256 internal constant MAX_SIZE = 2 ** 32 - 1;

    /// @notice Whether `leaf` (a leaf's hash) stands at `index` of the tree of `size` leaves with
    /// this `root`. False for a size of 0 or above `MAX_SIZE`.
    function verify(
        bytes32 leaf,
        uint256 index,
        uint256 size,
        bytes32 root,
        bytes32[] calldata path
    ) internal view returns (bool) {
        if (index >= size || size > MAX_SIZE) return false;
        uint256 inner = bitLength(index ^ (size - 1));
        if (path.length != inner + popCount(index >> inner)) return false;
        return climb(leaf, index, inner, path) == root;
    }

    /// @dev The root that follows from `leaf` and `path`. On the first `inner` levels the bits of
    /// `index` tell on which side the sibling stands. Above them the way runs along the right edge
    /// of the tree: a level without a sibling has no hash in `path`, on every other one the
    /// sibling stands left, as if the bit were 1.
    function climb(bytes32 leaf, uint256 index, uint256 inner, bytes32[] calldata path)
        private
        view
        returns (bytes32 node)
    {
        assembly ("memory-safe") {
            // in free memory: the prefix 0x01, then left, then right
            let left := add(mload(0x40), 0x20)
            let right := add(left, 0x20)
            let input := sub(left, 1)
            mstore8(input, 0x01)

            let sides := or(index, shl(inner, not(0)))
            let sibling := path.offset
            let end := add(sibling, shl(5, path.length))
            node := leaf
            for {} lt(sibling, end) { sibling := add(sibling, 0x20) } {
                let side := shl(5, and(sides, 1)) // 0x00: the node stands left, 0x20: right
                mstore(add(left, side), node)
                mstore(sub(right, side), calldataload(sibling))
                // fails only when the gas runs out: the registry's constructor tried it
                if iszero(staticcall(gas(), 0x02, input, 65, 0x00, 0x20)) {
                    revert(0x00, 0x00)
                }
                node := mload(0x00)
                sides := shr(1, sides)
            }
        }
    }

    /// @dev Number of bits of `x` without leading zeros, for `x` below 2^32.
    function bitLength(uint256 x) private pure returns (uint256 n) {
        assembly ("memory-safe") {
            n := shl(4, lt(0xffff, x))
            n := or(n, shl(3, lt(0xff, shr(n, x))))
            n := or(n, shl(2, lt(0x0f, shr(n, x))))
            n := or(n, shl(1, lt(0x03, shr(n, x))))
            // two bits are left; as numbers 0, 1, 2, 3 they are 0, 1, 2, 2 bits long
            x := shr(n, x)
            n := add(n, sub(x, eq(x, 3)))
        }
    }

    /// @dev Number of ones in `x`.
    function popCount(uint256 x) private pure returns (uint256 n) {
        unchecked {
            for (; x != 0; ++n) {
                x &= x - 1; // clears the lowest one
            }
        }
    }
}
