// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ReferenceTree} from "./ReferenceTree.sol";
import {TokenBase, WithCode, WithStorage} from "./TokenBase.sol";

abstract contract TokenVerificationTest is TokenBase {
    /// @dev What `verifyBadge` takes.
    struct Claim {
        uint256 tokenId;
        bytes32 root;
        uint8 rule;
        bytes32 issuer;
        bytes32 digest;
        bytes32 salt;
        bytes32[] path;
    }

    function testFuzz_a_minted_badge_verifies(uint256 size, uint256 index) external {
        size = bound(size, 1, 40);
        (Batch memory batch, Claim memory claim) = _claim(size, bound(index, 0, size - 1));
        assertFalse(_verify(claim));
        _anchor(batch.commitment);
        assertFalse(_verify(claim)); // anchored, not minted
        _mint(batch);
        assertTrue(_verify(claim));

        uint256 leaf = uint32(claim.tokenId);
        vm.prank(revoker);
        registry.revoke(batch.commitment, _one(uint64(leaf)), 1);
        assertTrue(_verify(claim)); // another question
        assertFalse(token.isValid(claim.tokenId));

        vm.prank(batch.owners[leaf]);
        token.burn(claim.tokenId);
        assertFalse(_verify(claim));
    }

    /// @dev One changed bit anywhere, and it is false.
    function testFuzz_every_member_is_bound(uint256 member, uint256 bit) external {
        (Batch memory batch, Claim memory claim) = _claim(11, 4);
        _mint(batch);
        assertTrue(_verify(claim));
        bytes32 flip = bytes32(uint256(1) << (bit % 256));
        member = bound(member, 0, 9);
        if (member == 0) claim.tokenId ^= uint256(flip);
        else if (member == 1) claim.root ^= flip;
        else if (member == 2) claim.rule ^= uint8(1 << (bit % 8));
        else if (member == 3) claim.issuer ^= flip;
        else if (member == 4) claim.digest ^= flip;
        else if (member == 5) claim.salt ^= flip;
        else claim.path[member - 6] ^= flip;
        assertFalse(_verify(claim));
    }

    function test_revoked_tokens_are_not_valid_but_answer() external {
        Batch memory batch = _batch("revoked", _wallets("revoked", 3));
        _mint(batch);
        vm.prank(revoker);
        registry.revoke(batch.commitment, _one(1), 1);
        assertFalse(token.isValid(_id(batch, 1)));
        assertTrue(token.isValid(_id(batch, 0)));
        assertEq(token.ownerOf(_id(batch, 1)), batch.owners[1]);
        assertEq(token.balanceOf(batch.owners[1]), 1);
        assertTrue(token.locked(_id(batch, 1)));

        vm.startPrank(owner);
        registry.reinstate(batch.commitment, _one(1));
        assertTrue(token.isValid(_id(batch, 1)));
        registry.revokeBatch(batch.commitment, 1);
        assertFalse(token.isValid(_id(batch, 0)));
    }

    function _claim(uint256 size, uint256 index)
        internal
        pure
        returns (Batch memory batch, Claim memory claim)
    {
        (claim.rule, claim.issuer) = (1, sha256("https://university.example/issuer"));
        (claim.digest, claim.salt) = (keccak256("digest"), keccak256("salt"));
        bytes32[] memory leaves = new bytes32[](size);
        for (uint256 i = 0; i < size; ++i) {
            leaves[i] = keccak256(abi.encode(i));
        }
        leaves[index] =
            sha256(abi.encodePacked(hex"0001", claim.rule, claim.issuer, claim.digest, claim.salt));
        claim.root = ReferenceTree.root(leaves);
        claim.path = ReferenceTree.path(leaves, index);
        batch.treeSize = uint64(size);
        batch.root = claim.root;
        batch.commitment = _commitment(batch.treeSize, batch.root, 0);
        batch.owners = _wallets("claim", size);
        claim.tokenId = _id(batch, index);
    }

    function _verify(Claim memory c) internal view returns (bool) {
        return token.verifyBadge(c.tokenId, c.root, c.rule, c.issuer, c.digest, c.salt, c.path);
    }
}

contract TokenVerificationAsCodeTest is TokenVerificationTest, WithCode {}

contract TokenVerificationInStorageTest is TokenVerificationTest, WithStorage {}
