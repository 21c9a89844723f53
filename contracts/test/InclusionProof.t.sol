// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {Base} from "./Base.sol";
import {ReferenceTree} from "./ReferenceTree.sol";
import {InclusionProof} from "src/InclusionProof.sol";

contract InclusionProofTest is Base {
    string internal constant ROOTS = "../tests/vectors/merkle/rfc6962-roots-8-leaves.json";

    /// @dev External, so that the path is calldata as in the registry.
    function verify(
        bytes32 leaf,
        uint256 index,
        uint256 size,
        bytes32 root,
        bytes32[] calldata path
    ) external view returns (bool) {
        return InclusionProof.verify(leaf, index, size, root, path);
    }

    function test_rfc6962_roots() external view {
        string memory json = vm.readFile(ROOTS);
        bytes32[] memory leaves = vm.parseJsonBytes32Array(json, ".leafHashes");
        bytes32[] memory roots = vm.parseJsonBytes32Array(json, ".rootsBySize1to8");
        assertEq(leaves.length, 8);
        assertEq(roots.length, 8);
        for (uint256 size = 1; size <= 8; ++size) {
            bytes32[] memory part = new bytes32[](size);
            for (uint256 i = 0; i < size; ++i) {
                part[i] = leaves[i];
            }
            assertEq(ReferenceTree.root(part), roots[size - 1]);
            for (uint256 i = 0; i < size; ++i) {
                assertTrue(
                    this.verify(leaves[i], i, size, roots[size - 1], ReferenceTree.path(part, i))
                );
            }
        }
    }

    function test_every_leaf_of_every_small_tree() external view {
        for (uint256 size = 1; size <= 40; ++size) {
            bytes32[] memory leaves = _leaves(size);
            bytes32 root = ReferenceTree.root(leaves);
            for (uint256 i = 0; i < size; ++i) {
                bytes32[] memory path = ReferenceTree.path(leaves, i);
                assertTrue(this.verify(leaves[i], i, size, root, path));
                assertFalse(this.verify(leaves[i], i, size, ~root, path));
                // neither at another place nor in the name of another leaf
                uint256 other = (i + 1) % size;
                if (other != i) {
                    assertFalse(this.verify(leaves[i], other, size, root, path));
                    assertFalse(this.verify(leaves[other], i, size, root, path));
                }
            }
        }
    }

    /// @dev Also shapes that no test can build as a tree: sizes up to 2^32 − 1.
    function testFuzz_accepts_the_exact_length_only(
        bytes32 leaf,
        uint256 index,
        uint256 size,
        bytes32 seed
    ) external view {
        size = bound(size, 1, InclusionProof.MAX_SIZE);
        index = bound(index, 0, size - 1);
        uint256 accepted = 0;
        for (uint256 length = 0; length <= 33; ++length) {
            bytes32[] memory path = _path(seed, length);
            (bool complete, bytes32 root) = ReferenceTree.follow(leaf, index, size, path);
            assertEq(this.verify(leaf, index, size, root, path), complete);
            if (complete) ++accepted;
        }
        assertEq(accepted, 1);
    }

    function testFuzz_one_changed_bit_is_refused(uint256 size, uint256 index, uint256 bit)
        external
        view
    {
        size = bound(size, 2, 70);
        index = bound(index, 0, size - 1);
        bytes32[] memory leaves = _leaves(size);
        bytes32 root = ReferenceTree.root(leaves);
        bytes32[] memory path = ReferenceTree.path(leaves, index);
        bytes32 flip = bytes32(uint256(1) << (bit % 256));

        assertTrue(this.verify(leaves[index], index, size, root, path));
        assertFalse(this.verify(leaves[index] ^ flip, index, size, root, path));
        assertFalse(this.verify(leaves[index], index, size, root ^ flip, path));
        path[bit % path.length] ^= flip;
        assertFalse(this.verify(leaves[index], index, size, root, path));
    }

    function test_the_largest_tree() external view {
        uint256 size = InclusionProof.MAX_SIZE;
        bytes32[] memory path = _path("seed", 32);
        (bool complete, bytes32 root) = ReferenceTree.follow("leaf", 1 << 31, size, path);
        assertTrue(complete);
        assertTrue(this.verify("leaf", 1 << 31, size, root, path));

        // well formed by the RFC, but larger than a batch may be
        (complete, root) = ReferenceTree.follow("leaf", 1 << 31, size + 1, path);
        assertTrue(complete);
        assertFalse(this.verify("leaf", 1 << 31, size + 1, root, path));
    }

    function testFuzz_sizes_and_indexes_out_of_range(uint256 index, uint256 size) external view {
        bytes32[] memory none = new bytes32[](0);
        assertFalse(this.verify("leaf", index, 0, "leaf", none));
        size = bound(size, 0, index);
        assertFalse(this.verify("leaf", index, size, "leaf", none));
        size = bound(size, InclusionProof.MAX_SIZE + 1, type(uint256).max);
        assertFalse(this.verify("leaf", index, size, "leaf", none));
    }

    function _leaves(uint256 size) internal pure returns (bytes32[] memory leaves) {
        return _path("leaves", size);
    }

    function _path(bytes32 seed, uint256 length) internal pure returns (bytes32[] memory path) {
        path = new bytes32[](length);
        for (uint256 i = 0; i < length; ++i) {
            path[i] = keccak256(abi.encode(seed, i));
        }
    }
}
