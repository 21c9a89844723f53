// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {Base} from "./Base.sol";
import {ReferenceTree} from "./ReferenceTree.sol";

contract VerificationTest is Base {
    /// @dev Everything `verifyEntry` takes.
    struct Claim {
        bytes32 commitment;
        uint64 treeSize;
        bytes32 root;
        bytes32 blockcertsRoot;
        uint8 rule;
        bytes32 issuer;
        bytes32 digest;
        bytes32 salt;
        uint64 index;
        bytes32[] path;
    }

    function testFuzz_an_anchored_badge_verifies(uint256 size, uint256 index, bytes32 blockcerts)
        external
    {
        size = bound(size, 1, 70);
        Claim memory claim = _claim(size, bound(index, 0, size - 1), blockcerts);
        assertFalse(_verifyEntry(claim)); // not yet anchored
        assertFalse(_verifyLeaf(claim, _leaf(claim)));
        _anchor(claim.commitment);
        assertTrue(_verifyEntry(claim));
        assertTrue(_verifyLeaf(claim, _leaf(claim)));
        _pause();
        assertTrue(_verifyEntry(claim)); // a pause never stops reading
    }

    /// @dev By hand from proof.md's formulas: one leaf, so root = leaf.
    function test_the_hashed_bytes() external {
        bytes memory entry =
            bytes.concat(hex"01", hex"03", bytes32("issuer"), bytes32("digest"), bytes32("salt"));
        assertEq(entry.length, 98);
        bytes32 leaf = sha256(bytes.concat(hex"00", entry));
        bytes32 commitment =
            sha256(bytes.concat(hex"02", hex"0000000000000001", leaf, bytes32("blockcerts")));
        _anchor(commitment);
        assertTrue(
            registry.verifyEntry(
                commitment,
                1,
                leaf,
                "blockcerts",
                3,
                "issuer",
                "digest",
                "salt",
                0,
                new bytes32[](0)
            )
        );
    }

    /// @dev Each member of the claim is bound: one changed bit anywhere, and it is false.
    function testFuzz_every_member_is_bound(uint256 member, uint256 bit) external {
        Claim memory claim = _claim(11, 4, keccak256("blockcerts"));
        _anchor(claim.commitment);
        assertTrue(_verifyEntry(claim));

        bytes32 flip = bytes32(uint256(1) << (bit % 256));
        member = bound(member, 0, 13);
        if (member == 0) claim.commitment ^= flip;
        else if (member == 1) claim.treeSize ^= uint64(1) << uint64(bit % 64);
        else if (member == 2) claim.root ^= flip;
        else if (member == 3) claim.blockcertsRoot ^= flip;
        else if (member == 4) claim.rule ^= uint8(1 << (bit % 8));
        else if (member == 5) claim.issuer ^= flip;
        else if (member == 6) claim.digest ^= flip;
        else if (member == 7) claim.salt ^= flip;
        else if (member == 8) claim.index ^= uint64(1) << uint64(bit % 64);
        else claim.path[member - 9 < 4 ? member - 9 : 0] ^= flip;
        assertFalse(_verifyEntry(claim));
    }

    /// @dev An inner node hashed as if it were a leaf stands nowhere; an inner node *given* as a
    /// leaf is refused by the path's length.
    function test_an_inner_node_is_no_leaf() external {
        bytes32[] memory leaves = new bytes32[](4);
        for (uint256 i = 0; i < 4; ++i) {
            leaves[i] = keccak256(abi.encode(i));
        }
        bytes32 root = ReferenceTree.root(leaves);
        bytes32 commitment = _commitment(4, root, 0);
        _anchor(commitment);
        bytes32 inner = ReferenceTree.node(leaves[0], leaves[1]);
        bytes32[] memory path = new bytes32[](1);
        path[0] = ReferenceTree.node(leaves[2], leaves[3]);
        assertFalse(registry.verifyLeaf(commitment, 4, root, 0, inner, 0, path));
        // the same path would do in a tree of two, which is what the commitment rules out
        assertFalse(registry.verifyLeaf(commitment, 2, root, 0, inner, 0, path));
    }

    function test_revocation_is_another_question() external {
        Claim memory claim = _claim(3, 1, 0);
        _anchor(claim.commitment);
        vm.prank(revoker);
        registry.revoke(claim.commitment, _one(1), 0);
        assertTrue(_verifyEntry(claim));
        assertTrue(registry.revoked(claim.commitment, claim.index));
    }

    function _claim(uint256 size, uint256 index, bytes32 blockcertsRoot)
        internal
        pure
        returns (Claim memory claim)
    {
        claim.treeSize = uint64(size);
        claim.index = uint64(index);
        claim.blockcertsRoot = blockcertsRoot;
        claim.rule = 1;
        claim.issuer = sha256("https://university.example/issuer");
        claim.digest = keccak256("digest");
        claim.salt = keccak256("salt");
        bytes32[] memory leaves = new bytes32[](size);
        for (uint256 i = 0; i < size; ++i) {
            leaves[i] = i == index ? _leaf(claim) : keccak256(abi.encode(i));
        }
        claim.root = ReferenceTree.root(leaves);
        claim.path = ReferenceTree.path(leaves, index);
        claim.commitment = _commitment(claim.treeSize, claim.root, blockcertsRoot);
    }

    function _leaf(Claim memory c) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(hex"0001", c.rule, c.issuer, c.digest, c.salt));
    }

    function _verifyEntry(Claim memory c) internal view returns (bool) {
        return registry.verifyEntry(
            c.commitment,
            c.treeSize,
            c.root,
            c.blockcertsRoot,
            c.rule,
            c.issuer,
            c.digest,
            c.salt,
            c.index,
            c.path
        );
    }

    function _verifyLeaf(Claim memory c, bytes32 leaf) internal view returns (bool) {
        return registry.verifyLeaf(
            c.commitment, c.treeSize, c.root, c.blockcertsRoot, leaf, c.index, c.path
        );
    }
}
