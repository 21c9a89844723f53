// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {Base} from "./Base.sol";
import {AnchorRegistry} from "src/AnchorRegistry.sol";
import {IAnchorRegistry} from "src/IAnchorRegistry.sol";

contract RolesTest is Base {
    function test_deployment_gives_exactly_the_named_roles() external view {
        assertEq(registry.owner(), owner);
        assertEq(registry.pendingOwner(), address(0));
        assertEq(registry.guardian(), guardian);
        assertEq(registry.operators(), _one(operator));
        _assertState(operator, IAnchorRegistry.OperatorState.Active);
        assertTrue(registry.isRevoker(revoker));
        assertFalse(registry.paused());
        assertEq(registry.version(), "ingam-registry/1");
        assertEq(registry.MAX_OPERATORS(), 16);

        _assertState(address(this), IAnchorRegistry.OperatorState.None); // the deployer
        _assertState(revoker, IAnchorRegistry.OperatorState.None);
        assertFalse(registry.isRevoker(operator));
        assertFalse(registry.isRevoker(address(this)));
    }

    function test_deployment_refuses_zero_addresses_and_too_many_operators() external {
        address[] memory none = new address[](0);
        vm.expectRevert(IAnchorRegistry.ZeroAddress.selector);
        new AnchorRegistry(address(0), guardian, none, none);
        vm.expectRevert(IAnchorRegistry.ZeroAddress.selector);
        new AnchorRegistry(owner, guardian, _one(address(0)), none);
        vm.expectRevert(IAnchorRegistry.ZeroAddress.selector);
        new AnchorRegistry(owner, guardian, none, _one(address(0)));
        vm.expectRevert(IAnchorRegistry.TooManyOperators.selector);
        new AnchorRegistry(owner, guardian, _many(17), none);
        assertEq(new AnchorRegistry(owner, address(0), _many(16), none).operators().length, 16);
    }

    function test_deployment_refuses_a_chain_without_sha256() external {
        address[] memory none = new address[](0);
        vm.mockCall(address(2), bytes(""), abi.encode(bytes32(0)));
        vm.expectRevert(IAnchorRegistry.Sha256Unavailable.selector);
        new AnchorRegistry(owner, guardian, none, none);
    }

    function testFuzz_only_the_owner_gives_and_takes_roles(address by) external {
        vm.assume(by != owner);
        bytes memory notOwner = abi.encodeWithSelector(IAnchorRegistry.NotOwner.selector, by);
        vm.startPrank(by);
        vm.expectRevert(notOwner);
        registry.addOperator(by);
        vm.expectRevert(notOwner);
        registry.removeOperator(operator);
        vm.expectRevert(notOwner);
        registry.addRevoker(by);
        vm.expectRevert(notOwner);
        registry.removeRevoker(revoker);
        vm.expectRevert(notOwner);
        registry.setGuardian(by);
        vm.expectRevert(notOwner);
        registry.unpause();
        vm.expectRevert(notOwner);
        registry.transferOwnership(by);
    }

    function test_operators_come_and_go() external {
        vm.startPrank(owner);
        vm.expectEmit(address(registry));
        emit IAnchorRegistry.OperatorAdded(stranger);
        registry.addOperator(stranger);
        registry.addOperator(stranger); // stays what it is
        assertEq(registry.operators().length, 2);

        vm.expectEmit(address(registry));
        emit IAnchorRegistry.OperatorRemoved(operator);
        registry.removeOperator(operator);
        registry.removeOperator(operator);
        assertEq(registry.operators(), _one(stranger));
        _assertState(operator, IAnchorRegistry.OperatorState.None);
        _assertState(stranger, IAnchorRegistry.OperatorState.Active);

        vm.expectRevert(IAnchorRegistry.ZeroAddress.selector);
        registry.addOperator(address(0));
    }

    function test_at_most_16_operators() external {
        vm.startPrank(owner);
        address[] memory more = _many(16);
        for (uint256 i = 0; i < 15; ++i) {
            registry.addOperator(more[i]);
        }
        vm.expectRevert(IAnchorRegistry.TooManyOperators.selector);
        registry.addOperator(more[15]);
        registry.removeOperator(more[7]);
        registry.addOperator(more[15]);
        assertEq(registry.operators().length, 16);
    }

    function test_revokers_come_and_go() external {
        vm.startPrank(owner);
        vm.expectEmit(address(registry));
        emit IAnchorRegistry.RevokerAdded(stranger);
        registry.addRevoker(stranger);
        registry.addRevoker(stranger);
        assertTrue(registry.isRevoker(stranger));

        vm.expectEmit(address(registry));
        emit IAnchorRegistry.RevokerRemoved(stranger);
        registry.removeRevoker(stranger);
        registry.removeRevoker(stranger);
        assertFalse(registry.isRevoker(stranger));

        vm.expectRevert(IAnchorRegistry.ZeroAddress.selector);
        registry.addRevoker(address(0));
    }

    // ------------------------------------------------------------------------------- pause

    function test_the_guardian_pauses_and_only_the_owner_unpauses() external {
        vm.prank(owner);
        registry.addOperator(stranger);

        vm.expectEmit(address(registry));
        emit IAnchorRegistry.Paused(guardian);
        _pause();
        assertTrue(registry.paused());
        _assertState(operator, IAnchorRegistry.OperatorState.Paused);
        _assertState(stranger, IAnchorRegistry.OperatorState.Paused);

        vm.expectRevert(abi.encodeWithSelector(IAnchorRegistry.NotOwner.selector, guardian));
        vm.prank(guardian);
        registry.unpause();

        vm.expectEmit(address(registry));
        emit IAnchorRegistry.Unpaused();
        vm.prank(owner);
        registry.unpause();
        assertFalse(registry.paused());
        _assertState(operator, IAnchorRegistry.OperatorState.Active);
        _assertState(stranger, IAnchorRegistry.OperatorState.Active);
    }

    function testFuzz_nobody_else_pauses(address by) external {
        vm.assume(by != owner && by != guardian);
        vm.expectRevert(abi.encodeWithSelector(IAnchorRegistry.NotGuardian.selector, by));
        vm.prank(by);
        registry.pause();
    }

    function test_pausing_twice_and_unpausing_twice_do_nothing() external {
        vm.startPrank(owner);
        registry.pause();
        vm.recordLogs();
        registry.pause();
        assertEq(vm.getRecordedLogs().length, 0);
        registry.unpause();
        vm.recordLogs();
        registry.unpause();
        assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_an_operator_added_in_a_pause_is_paused() external {
        _pause();
        vm.startPrank(owner);
        registry.addOperator(stranger);
        registry.removeOperator(operator);
        _assertState(stranger, IAnchorRegistry.OperatorState.Paused);
        registry.unpause();
        _assertState(stranger, IAnchorRegistry.OperatorState.Active);
        _assertState(operator, IAnchorRegistry.OperatorState.None);
    }

    function test_the_guardian_can_be_replaced_and_left_out() external {
        vm.expectEmit(address(registry));
        emit IAnchorRegistry.GuardianChanged(address(0));
        vm.prank(owner);
        registry.setGuardian(address(0));
        vm.expectRevert(abi.encodeWithSelector(IAnchorRegistry.NotGuardian.selector, guardian));
        _pause();
    }

    // ------------------------------------------------------------------------------- ownership

    function test_ownership_moves_in_two_steps() external {
        vm.expectEmit(address(registry));
        emit IAnchorRegistry.OwnershipTransferStarted(owner, stranger);
        vm.prank(owner);
        registry.transferOwnership(stranger);
        assertEq(registry.owner(), owner);
        assertEq(registry.pendingOwner(), stranger);

        vm.expectRevert(abi.encodeWithSelector(IAnchorRegistry.NotPendingOwner.selector, owner));
        vm.prank(owner);
        registry.acceptOwnership();

        vm.expectEmit(address(registry));
        emit IAnchorRegistry.OwnershipTransferred(owner, stranger);
        vm.prank(stranger);
        registry.acceptOwnership();
        assertEq(registry.owner(), stranger);
        assertEq(registry.pendingOwner(), address(0));
    }

    function test_an_offer_can_be_withdrawn() external {
        vm.startPrank(owner);
        registry.transferOwnership(stranger);
        registry.transferOwnership(address(0));
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IAnchorRegistry.NotPendingOwner.selector, stranger));
        vm.prank(stranger);
        registry.acceptOwnership();
    }

    function test_ownership_cannot_be_renounced() external {
        vm.expectRevert(IAnchorRegistry.OwnershipNotRenounceable.selector);
        vm.prank(owner);
        registry.renounceOwnership();
    }

    function _many(uint160 count) internal pure returns (address[] memory list) {
        list = new address[](count);
        for (uint160 i = 0; i < count; ++i) {
            list[i] = address(i + 0x1000);
        }
    }

    function _assertState(address account, IAnchorRegistry.OperatorState expected) internal view {
        assertEq(uint256(registry.operatorState(account)), uint256(expected));
    }
}
