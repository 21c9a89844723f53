// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {Base} from "./Base.sol";
import {IAnchorRegistry} from "src/IAnchorRegistry.sol";

contract RevocationTest is Base {
    uint8 internal constant KEY_COMPROMISE = 1; // RFC 5280 section 5.3.1
    uint64 internal constant LAST_INDEX = 2 ** 32 - 2;

    function setUp() public override {
        super.setUp();
        _anchor(COMMITMENT);
    }

    function test_revoke_marks_exactly_the_named_badges() external {
        uint64[] memory indexes = new uint64[](5);
        (indexes[0], indexes[1], indexes[2], indexes[3], indexes[4]) = (7, 0, 255, 256, LAST_INDEX);
        vm.expectEmit(address(registry));
        emit IAnchorRegistry.Revoked(COMMITMENT, revoker, KEY_COMPROMISE, indexes);
        vm.prank(revoker);
        registry.revoke(COMMITMENT, indexes, KEY_COMPROMISE);

        for (uint256 i = 0; i < indexes.length; ++i) {
            assertTrue(registry.revoked(COMMITMENT, indexes[i]));
        }
        assertFalse(registry.revoked(COMMITMENT, 1));
        assertFalse(registry.revoked(COMMITMENT, 254));
        assertFalse(registry.revoked(COMMITMENT, 257));
        assertFalse(registry.revoked(COMMITMENT, LAST_INDEX - 1));
        assertFalse(registry.revoked(keccak256("another"), 7));
    }

    /// @dev In any order, with repetitions, over several slots: as if one by one.
    function testFuzz_revoke_and_reinstate(uint16[] calldata some, uint16[] calldata back)
        external
    {
        vm.prank(revoker);
        registry.revoke(COMMITMENT, _widened(some), 0);
        vm.prank(owner);
        registry.reinstate(COMMITMENT, _widened(back));

        for (uint256 i = 0; i < some.length; ++i) {
            assertEq(registry.revoked(COMMITMENT, some[i]), !_contains(back, some[i]));
        }
        for (uint256 i = 0; i < back.length; ++i) {
            assertFalse(registry.revoked(COMMITMENT, back[i]));
        }
    }

    function test_repeating_a_revocation_changes_no_bit() external {
        bytes32 slot = keccak256(abi.encode(0, keccak256(abi.encode(COMMITMENT, 7))));
        vm.startPrank(revoker);
        registry.revoke(COMMITMENT, _one(9), 0);
        assertEq(uint256(vm.load(address(registry), slot)), 1 << 9);

        vm.expectEmit(address(registry)); // heard of all the same, with its reason
        emit IAnchorRegistry.Revoked(COMMITMENT, revoker, KEY_COMPROMISE, _one(9));
        registry.revoke(COMMITMENT, _one(9), KEY_COMPROMISE);
        assertEq(uint256(vm.load(address(registry), slot)), 1 << 9);
    }

    function test_revoke_refuses_what_is_not_anchored() external {
        bytes32 unknown = keccak256("unknown");
        bytes memory notAnchored =
            abi.encodeWithSelector(IAnchorRegistry.NotAnchored.selector, unknown);
        vm.expectRevert(notAnchored);
        vm.prank(revoker);
        registry.revoke(unknown, _one(1), 0);

        vm.startPrank(owner);
        vm.expectRevert(notAnchored);
        registry.reinstate(unknown, _one(1));
        vm.expectRevert(notAnchored);
        registry.revokeBatch(unknown, 0);
        vm.expectRevert(notAnchored);
        registry.reinstateBatch(unknown);
    }

    function testFuzz_revoke_refuses_impossible_indexes(uint64 index) external {
        index = uint64(bound(index, uint256(LAST_INDEX) + 1, type(uint64).max));
        bytes memory outOfRange =
            abi.encodeWithSelector(IAnchorRegistry.IndexOutOfRange.selector, index);
        uint64[] memory indexes = new uint64[](2);
        (indexes[0], indexes[1]) = (3, index);

        vm.expectRevert(outOfRange);
        vm.prank(revoker);
        registry.revoke(COMMITMENT, indexes, 0);
        assertFalse(registry.revoked(COMMITMENT, 3)); // all or nothing

        vm.expectRevert(outOfRange);
        vm.prank(owner);
        registry.reinstate(COMMITMENT, indexes);
        assertFalse(registry.revoked(COMMITMENT, index));
    }

    function test_a_batch_is_revoked_as_a_whole() external {
        vm.prank(revoker);
        registry.revoke(COMMITMENT, _one(9), 0);

        vm.startPrank(owner);
        vm.expectEmit(address(registry));
        emit IAnchorRegistry.BatchRevoked(COMMITMENT, KEY_COMPROMISE);
        registry.revokeBatch(COMMITMENT, KEY_COMPROMISE);
        assertTrue(registry.revoked(COMMITMENT, 9));
        assertTrue(registry.revoked(COMMITMENT, 10));
        assertFalse(registry.revoked(keccak256("another"), 10));

        vm.expectEmit(address(registry));
        emit IAnchorRegistry.Reinstated(COMMITMENT, _one(10));
        registry.reinstate(COMMITMENT, _one(10));
        assertTrue(registry.revoked(COMMITMENT, 10)); // with its batch

        vm.expectEmit(address(registry));
        emit IAnchorRegistry.BatchReinstated(COMMITMENT);
        registry.reinstateBatch(COMMITMENT);
        assertTrue(registry.revoked(COMMITMENT, 9)); // singly
        assertFalse(registry.revoked(COMMITMENT, 10));
    }

    function testFuzz_only_revokers_revoke(address by) external {
        vm.assume(by != revoker);
        vm.expectRevert(abi.encodeWithSelector(IAnchorRegistry.NotRevoker.selector, by));
        vm.prank(by);
        registry.revoke(COMMITMENT, _one(1), 0);
    }

    function testFuzz_only_the_owner_reinstates_and_revokes_batches(address by) external {
        vm.assume(by != owner);
        bytes memory notOwner = abi.encodeWithSelector(IAnchorRegistry.NotOwner.selector, by);
        vm.startPrank(by);
        vm.expectRevert(notOwner);
        registry.reinstate(COMMITMENT, _one(1));
        vm.expectRevert(notOwner);
        registry.revokeBatch(COMMITMENT, 0);
        vm.expectRevert(notOwner);
        registry.reinstateBatch(COMMITMENT);
    }

    function test_a_pause_stops_revokers_but_not_the_owner() external {
        vm.prank(revoker);
        registry.revoke(COMMITMENT, _one(1), 0);
        _pause();

        vm.expectRevert(IAnchorRegistry.WritingPaused.selector);
        vm.prank(revoker);
        registry.revoke(COMMITMENT, _one(2), 0);

        vm.startPrank(owner);
        registry.reinstate(COMMITMENT, _one(1));
        assertFalse(registry.revoked(COMMITMENT, 1));
        registry.revokeBatch(COMMITMENT, 0);
        assertTrue(registry.revoked(COMMITMENT, 2));
        registry.reinstateBatch(COMMITMENT);
        assertFalse(registry.revoked(COMMITMENT, 2));
    }

    function _widened(uint16[] calldata list) internal pure returns (uint64[] memory wide) {
        wide = new uint64[](list.length);
        for (uint256 i = 0; i < list.length; ++i) {
            wide[i] = list[i];
        }
    }

    function _contains(uint16[] calldata list, uint16 wanted) internal pure returns (bool) {
        for (uint256 i = 0; i < list.length; ++i) {
            if (list[i] == wanted) return true;
        }
        return false;
    }
}
