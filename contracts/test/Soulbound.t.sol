// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {TokenBase, WithCode, WithStorage} from "./TokenBase.sol";
import {IBadgeToken} from "src/IBadgeToken.sol";

abstract contract SoulboundTest is TokenBase {
    Batch internal batch;

    function setUp() public virtual override {
        super.setUp();
        batch = _batch("soulbound", _wallets("soulbound", 5));
        _mint(batch);
    }

    function testFuzz_nothing_is_transferred_or_approved(
        address by,
        address from,
        address to,
        uint256 index,
        bytes calldata data,
        bool value
    ) external {
        uint256 id = _id(batch, bound(index, 0, 6)); // two of them do not exist
        if (value) by = batch.owners[0];
        vm.startPrank(by);
        vm.expectRevert(IBadgeToken.Soulbound.selector);
        token.transferFrom(from, to, id);
        vm.expectRevert(IBadgeToken.Soulbound.selector);
        token.safeTransferFrom(from, to, id);
        vm.expectRevert(IBadgeToken.Soulbound.selector);
        token.safeTransferFrom(from, to, id, data);
        vm.expectRevert(IBadgeToken.Soulbound.selector);
        token.approve(to, id);
        vm.expectRevert(IBadgeToken.Soulbound.selector);
        token.setApprovalForAll(to, value);
        assertFalse(token.isApprovedForAll(from, to));
    }

    function test_a_token_is_locked_and_approved_to_nobody() external view {
        assertTrue(token.locked(_id(batch, 1)));
        assertEq(token.getApproved(_id(batch, 1)), address(0));
    }

    function test_interfaces() external view {
        assertTrue(token.supportsInterface(0x01ffc9a7)); // ERC-165
        assertTrue(token.supportsInterface(0x80ac58cd)); // ERC-721
        assertTrue(token.supportsInterface(0x5b5e139f)); // ERC-721 metadata
        assertTrue(token.supportsInterface(0xb45a3c0e)); // ERC-5192
        assertTrue(token.supportsInterface(0x49064906)); // ERC-4906
        assertFalse(token.supportsInterface(0xffffffff)); // as ERC-165 demands
        assertFalse(token.supportsInterface(0x780e9d63)); // enumerable: not without an index
        assertFalse(token.supportsInterface(0x0489b56f)); // ERC-5484: not claimed
        assertEq(IBadgeToken.locked.selector, bytes4(0xb45a3c0e));
    }

    function test_both_contracts_have_the_same_functions() external view {
        string memory code = vm.readFile("out/BadgeToken.sol/BadgeToken.json");
        string memory words = vm.readFile("out/BadgeTokenStorage.sol/BadgeTokenStorage.json");
        string[] memory functions = vm.parseJsonKeys(code, ".methodIdentifiers");
        assertEq(functions.length, 49);
        assertEq(functions, vm.parseJsonKeys(words, ".methodIdentifiers"));
    }

    // ------------------------------------------------------------------------------- burning

    function test_burn() external {
        uint256 id = _id(batch, 3);
        vm.expectEmit(address(token));
        emit IBadgeToken.Transfer(batch.owners[3], address(0), id);
        vm.prank(batch.owners[3]);
        token.burn(id);

        _assertUnknown(id);
        assertEq(token.balanceOf(batch.owners[3]), 0);
        assertEq(token.totalSupply(), 4);
        assertEq(token.ownerOf(_id(batch, 2)), batch.owners[2]);
        assertEq(token.balanceOf(batch.owners[2]), 1);
        // what was minted stays on record
        assertEq(token.ownersHash(batch.commitment), _ownersHash(batch));
        (, uint256 size) = token.batchOf(batch.commitment);
        assertEq(size, 5);

        vm.expectRevert(abi.encodeWithSelector(IBadgeToken.UnknownToken.selector, id));
        vm.prank(batch.owners[3]);
        token.burn(id);
    }

    function testFuzz_only_its_owner_burns_a_token(address by) external {
        uint256 id = _id(batch, 2);
        vm.assume(by != batch.owners[2]);
        vm.expectRevert(abi.encodeWithSelector(IBadgeToken.NotTokenOwner.selector, by, id));
        vm.prank(by);
        token.burn(id);
    }

    function test_a_pause_stops_no_burning_and_no_reading() external {
        vm.prank(guardian);
        token.pause();
        vm.prank(batch.owners[0]);
        token.burn(_id(batch, 0));
        _assertUnknown(_id(batch, 0));
        assertEq(token.ownerOf(_id(batch, 1)), batch.owners[1]);
        assertEq(token.balanceOf(batch.owners[1]), 1);
        assertTrue(token.isValid(_id(batch, 1)));
    }

    function test_a_whole_batch_is_burned() external {
        Batch memory more = _batch("all", _times(stranger, 300));
        _mint(more);
        vm.startPrank(stranger);
        for (uint256 i = 0; i < 300; ++i) {
            token.burn(_id(more, i));
        }
        vm.stopPrank();
        assertEq(token.balanceOf(stranger), 0);
        assertEq(token.balanceIn(stranger, 1, 2), 0);
        assertEq(token.totalSupply(), 5);
        _assertUnknown(_id(more, 0));
        _assertUnknown(_id(more, 299));
        (uint256[] memory ids, uint256 next) = token.tokensOf(stranger, 0, 10, 10);
        assertEq(ids.length + next, 0);
    }
}

contract SoulboundAsCodeTest is SoulboundTest, WithCode {
    function setUp() public override(SoulboundTest, TokenBase) {
        super.setUp();
    }
}

contract SoulboundInStorageTest is SoulboundTest, WithStorage {
    function setUp() public override(SoulboundTest, TokenBase) {
        super.setUp();
    }
}
