// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {TokenBase, WithCode, WithStorage} from "./TokenBase.sol";
import {IAnchorRegistry} from "src/IAnchorRegistry.sol";
import {IBadgeToken} from "src/IBadgeToken.sol";

abstract contract CollectionRolesTest is TokenBase {
    function test_deployment_gives_exactly_the_named_roles() external view {
        assertEq(token.owner(), owner);
        assertEq(token.pendingOwner(), address(0));
        assertEq(token.guardian(), guardian);
        assertTrue(token.isMinter(minter));
        assertFalse(token.isMinter(owner));
        assertFalse(token.isMinter(address(this))); // the deployer
        assertFalse(token.paused());
        assertEq(address(token.registry()), address(registry));
        assertTrue(token.locksAnnounced());
        assertEq(token.version(), "ingam-token/1");
        assertEq(token.MAX_BATCHES(), 3_072);
        assertEq(token.MAX_BATCH_SIZE(), 1_024);
        assertEq(token.totalSupply(), 0);
    }

    function test_deployment_refuses_what_could_not_work() external {
        IBadgeToken.Setup memory setup = _setup();
        setup.owner = address(0);
        vm.expectRevert(IBadgeToken.ZeroAddress.selector);
        _deploy(setup);

        setup = _setup();
        setup.minters = _one(address(0));
        vm.expectRevert(IBadgeToken.ZeroAddress.selector);
        _deploy(setup);

        setup = _setup();
        setup.registry = IAnchorRegistry(stranger);
        vm.expectRevert(abi.encodeWithSelector(IBadgeToken.NoRegistry.selector, stranger));
        _deploy(setup);

        string[4] memory names = ['"', "a\\", "\n", "\x1f"];
        for (uint256 i = 0; i < 4; ++i) {
            setup = _setup();
            setup.name = names[i];
            vm.expectRevert(IBadgeToken.UnprintableName.selector);
            _deploy(setup);
            setup = _setup();
            setup.symbol = names[i];
            vm.expectRevert(IBadgeToken.UnprintableName.selector);
            _deploy(setup);
        }

        setup = _setup();
        vm.mockCall(address(2), bytes(""), abi.encode(bytes32(0)));
        vm.expectRevert(IBadgeToken.Sha256Unavailable.selector);
        _deploy(setup);
        vm.clearMockedCalls();

        setup.guardian = address(0);
        setup.minters = new address[](0);
        assertEq(_deploy(setup).guardian(), address(0));
    }

    function testFuzz_only_the_owner_administers(address by) external {
        vm.assume(by != owner);
        bytes memory notOwner = abi.encodeWithSelector(IBadgeToken.NotOwner.selector, by);
        vm.startPrank(by);
        vm.expectRevert(notOwner);
        token.addMinter(by);
        vm.expectRevert(notOwner);
        token.removeMinter(minter);
        vm.expectRevert(notOwner);
        token.setGuardian(by);
        vm.expectRevert(notOwner);
        token.unpause();
        vm.expectRevert(notOwner);
        token.transferOwnership(by);
        vm.expectRevert(notOwner);
        token.setBaseURI("https://phish.example/");
        vm.expectRevert(notOwner);
        token.freezeBaseURI();
    }

    function test_minters_come_and_go() external {
        vm.startPrank(owner);
        vm.expectEmit(address(token));
        emit IBadgeToken.MinterAdded(stranger);
        token.addMinter(stranger);
        token.addMinter(stranger);
        vm.expectEmit(address(token));
        emit IBadgeToken.MinterRemoved(minter);
        token.removeMinter(minter);
        vm.recordLogs();
        token.removeMinter(minter);
        token.addMinter(stranger);
        assertEq(vm.getRecordedLogs().length, 0);
        vm.expectRevert(IBadgeToken.ZeroAddress.selector);
        token.addMinter(address(0));
        vm.stopPrank();

        Batch memory batch = _batch("x", _wallets("x", 1));
        vm.expectRevert(abi.encodeWithSelector(IBadgeToken.NotMinter.selector, minter));
        _mint(batch);
        _mint(batch, stranger);
        assertEq(token.totalSupply(), 1);
    }

    function test_the_guardian_pauses_and_only_the_owner_unpauses() external {
        vm.expectRevert(abi.encodeWithSelector(IBadgeToken.NotGuardian.selector, minter));
        vm.prank(minter);
        token.pause();

        vm.startPrank(guardian);
        vm.expectEmit(address(token));
        emit IBadgeToken.Paused(guardian);
        token.pause();
        token.pause();
        assertTrue(token.paused());
        vm.expectRevert(abi.encodeWithSelector(IBadgeToken.NotOwner.selector, guardian));
        token.unpause();
        vm.stopPrank();

        vm.startPrank(owner);
        vm.expectEmit(address(token));
        emit IBadgeToken.Unpaused();
        token.unpause();
        vm.recordLogs();
        token.unpause();
        assertEq(vm.getRecordedLogs().length, 0);
        vm.expectEmit(address(token));
        emit IBadgeToken.Paused(owner);
        token.pause();
        token.unpause();
        vm.expectEmit(address(token));
        emit IBadgeToken.GuardianChanged(address(0));
        token.setGuardian(address(0));
        vm.stopPrank();

        vm.expectRevert(abi.encodeWithSelector(IBadgeToken.NotGuardian.selector, guardian));
        vm.prank(guardian);
        token.pause();
        _mint(_batch("after", _wallets("after", 2)));
        assertEq(token.totalSupply(), 2);
    }

    function test_the_ownership_moves_in_two_steps() external {
        vm.expectEmit(address(token));
        emit IBadgeToken.OwnershipTransferStarted(owner, stranger);
        vm.prank(owner);
        token.transferOwnership(stranger);
        assertEq(token.owner(), owner);
        assertEq(token.pendingOwner(), stranger);

        vm.expectRevert(abi.encodeWithSelector(IBadgeToken.NotPendingOwner.selector, minter));
        vm.prank(minter);
        token.acceptOwnership();

        vm.expectEmit(address(token));
        emit IBadgeToken.OwnershipTransferred(owner, stranger);
        vm.prank(stranger);
        token.acceptOwnership();
        assertEq(token.owner(), stranger);
        assertEq(token.pendingOwner(), address(0));

        vm.expectRevert(IBadgeToken.OwnershipNotRenounceable.selector);
        vm.prank(stranger);
        token.renounceOwnership();

        vm.startPrank(stranger);
        token.transferOwnership(owner);
        token.transferOwnership(address(0)); // withdrawn
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IBadgeToken.NotPendingOwner.selector, owner));
        vm.prank(owner);
        token.acceptOwnership();
    }
}

contract CollectionRolesAsCodeTest is CollectionRolesTest, WithCode {}

contract CollectionRolesInStorageTest is CollectionRolesTest, WithStorage {}
