// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {TokenBase, WithCode, WithStorage} from "./TokenBase.sol";
import {IAnchorRegistry} from "src/IAnchorRegistry.sol";
import {IBadgeToken} from "src/IBadgeToken.sol";

abstract contract MintingTest is TokenBase {
    bytes32 internal constant TRANSFER = keccak256("Transfer(address,address,uint256)");

    /// @dev 1 and 1,024 owners are among the sizes of the fuzzer's edge cases.
    function testFuzz_a_batch_is_minted_as_a_whole(uint256 size, string calldata seed) external {
        _mintAndCheck(bound(size, 1, 60), seed);
    }

    function test_the_smallest_batch() external {
        _mintAndCheck(1, "one");
    }

    function test_the_largest_batch() external {
        _mintAndCheck(1_024, "largest");
    }

    function _mintAndCheck(uint256 size, string memory seed) internal {
        Batch memory batch = _batch(seed, _wallets(seed, size));
        _mint(batch);

        (uint256 number, uint256 count) = token.batchOf(batch.commitment);
        assertEq(number, 1);
        assertEq(count, size);
        (bytes32 commitment, uint256 again) = token.batchAt(1);
        assertEq(commitment, batch.commitment);
        assertEq(again, size);
        assertEq(token.ownersHash(batch.commitment), _ownersHash(batch));
        assertEq(token.batchCount(), 1);
        assertEq(token.totalSupply(), size);
        assertTrue(_isAnchored(batch.commitment));
        for (uint256 i = 0; i < size; i += 1 + size / 40) {
            uint256 id = _id(batch, i);
            assertEq(token.ownerOf(id), batch.owners[i]);
            assertEq(token.balanceOf(batch.owners[i]), 1);
            assertTrue(token.isValid(id));
        }
        assertEq(token.ownerOf(_id(batch, size - 1)), batch.owners[size - 1]);
        _assertUnknown(_id(batch, size));
        _assertUnknown(_id(batch, type(uint32).max));
    }

    function test_events_of_a_mint() external {
        Batch memory batch = _batch("events", _wallets("events", 3));
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectEmit(address(token));
            emit IBadgeToken.Transfer(address(0), batch.owners[i], _id(batch, i));
            vm.expectEmit(address(token));
            emit IBadgeToken.Locked(_id(batch, i));
        }
        vm.expectEmit(address(registry));
        emit IAnchorRegistry.Anchored(batch.commitment, address(token));
        _mint(batch);
    }

    function test_locks_need_not_be_announced() external {
        IBadgeToken.Setup memory setup = _setup();
        setup.locksAnnounced = false;
        token = _deploy(setup);
        assertFalse(token.locksAnnounced());
        vm.prank(owner);
        registry.addOperator(address(token));

        address[] memory owners = _wallets("descending", 2);
        (owners[0], owners[1]) = (owners[1], owners[0]);
        _assertRefused(owners, IBadgeToken.OwnersNotAscending.selector);

        Batch memory batch = _batch("quiet", _wallets("quiet", 3));
        vm.recordLogs();
        _mint(batch);
        assertEq(vm.getRecordedLogs().length, 3 + 1); // transfers, Anchored
        assertTrue(token.locked(_id(batch, 2)));
        assertEq(token.ownerOf(_id(batch, 2)), batch.owners[2]);
    }

    function test_the_token_is_the_leaf() external {
        Batch memory batch = _batch("leaf", _wallets("leaf", 2));
        _mint(batch);
        uint256 id = _id(batch, 1);
        assertEq(bytes28(bytes32(id)), bytes28(batch.commitment));
        assertEq(uint32(id), 1);
        // the commitment itself is an id only where its low bits are a leaf's index
        _assertUnknown(uint256(batch.commitment));
    }

    function test_unknown_tokens() external {
        _assertUnknown(0);
        _assertUnknown(type(uint256).max);
        _mint(_batch("something", _wallets("something", 1)));
        _assertUnknown(0);
        assertEq(token.ownersHash("unknown"), 0);
        (uint256 number, uint256 size) = token.batchOf("unknown");
        assertEq(number + size, 0);
        (bytes32 commitment,) = token.batchAt(0);
        assertEq(commitment, 0);
        (commitment, size) = token.batchAt(2);
        assertEq(commitment, 0);
        assertEq(size, 0);
    }

    /// @dev By anybody, paused or not, also after a burn: no revert, no change, no event.
    function testFuzz_replay_is_harmless(address by, bool whilePaused, bool burned) external {
        Batch memory batch = _batch("replay", _wallets("replay", 5));
        _mint(batch);
        if (burned) {
            vm.prank(batch.owners[2]);
            token.burn(_id(batch, 2));
        }
        if (whilePaused) {
            vm.prank(guardian);
            token.pause();
            _pause(); // the registry too
        }
        vm.recordLogs();
        _mint(batch, by);
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(token.batchCount(), 1);
        assertEq(token.totalSupply(), burned ? 4 : 5);
        if (burned) _assertUnknown(_id(batch, 2));
    }

    function testFuzz_other_owners_are_refused(address by, uint256 which, address other) external {
        Batch memory batch = _batch("owners", _wallets("owners", 5));
        _mint(batch);
        which = bound(which, 0, 4);
        vm.assume(other != batch.owners[which]);
        address[] memory owners = _wallets("owners", 5);
        owners[which] = other; // sorted or not, zero or not
        bytes memory packed = _pack(owners);
        vm.expectRevert(abi.encodeWithSelector(IBadgeToken.OwnersDiffer.selector, batch.commitment));
        vm.prank(by);
        token.mint(batch.treeSize, batch.root, packed);
        assertEq(token.ownersHash(batch.commitment), _ownersHash(batch));
    }

    /// @dev 2^112 hashes would be needed to find one; here storage is written instead.
    function test_a_batch_with_the_prefix_of_another_is_refused() external {
        Batch memory batch = _batch("first", _wallets("first", 2));
        _mint(batch);
        Batch memory other = _batch("other", _wallets("first", 2));
        bytes32 slot = keccak256(abi.encode(uint256(batch.commitment) >> 32, 4));
        bytes32 entry = vm.load(address(token), slot);
        assertEq(uint256(entry), 1);
        vm.store(address(token), keccak256(abi.encode(uint256(other.commitment) >> 32, 4)), entry);
        (uint256 number,) = token.batchOf(other.commitment);
        assertEq(number, 0);
        assertEq(token.ownersHash(other.commitment), 0);
        vm.expectRevert(abi.encodeWithSelector(IBadgeToken.OwnersDiffer.selector, other.commitment));
        _mint(other);
    }

    /// @dev As after a reorg: the registry's part came from another transaction.
    function test_anchored_but_not_minted_is_mintable() external {
        Batch memory batch = _batch("anchored", _wallets("anchored", 3));
        _anchor(batch.commitment);
        assertEq(token.ownersHash(batch.commitment), 0);
        _assertUnknown(_id(batch, 0));
        _mint(batch);
        assertEq(token.ownerOf(_id(batch, 0)), batch.owners[0]);
        (address by,,) = registry.anchored(batch.commitment);
        assertEq(by, operator); // the first one stays

        // also while the registry is paused: nothing needs to be written there
        Batch memory later = _batch("later", _wallets("later", 3));
        _anchor(later.commitment);
        _pause();
        _mint(later);
        assertEq(token.batchCount(), 2);
    }

    /// @dev The chain forgets two mints; the same transactions come back in another order.
    function test_reorg() external {
        Batch memory a = _batch("a", _wallets("a", 7));
        Batch memory b = _batch("b", _wallets("b", 3));
        uint256 state = vm.snapshotState();
        _mint(a);
        _mint(b);
        vm.revertToState(state);
        assertEq(token.batchCount(), 0);
        _mint(b);
        _mint(a);
        _mint(b);
        assertEq(token.batchCount(), 2);
        assertEq(token.totalSupply(), 10);
        for (uint256 i = 0; i < 7; ++i) {
            assertEq(token.ownerOf(_id(a, i)), a.owners[i]);
            if (i < 3) assertEq(token.ownerOf(_id(b, i)), b.owners[i]);
        }
    }

    function test_two_batches_that_differ_in_their_root_only() external {
        address[] memory owners = _wallets("same", 4);
        Batch memory a = _batch("a", owners);
        Batch memory b = _batch("b", owners);
        _mint(a);
        _mint(b);
        for (uint256 i = 0; i < 4; ++i) {
            assertEq(token.balanceOf(owners[i]), 2);
            assertEq(token.balanceIn(owners[i], 2, 2), 1);
        }
    }

    // ------------------------------------------------------------------------------- refusals

    function testFuzz_only_minters_mint(address by) external {
        vm.assume(by != minter);
        Batch memory batch = _batch("x", _wallets("x", 1));
        vm.expectRevert(abi.encodeWithSelector(IBadgeToken.NotMinter.selector, by));
        _mint(batch, by);
    }

    function test_nothing_is_minted_while_paused() external {
        vm.prank(guardian);
        token.pause();
        Batch memory batch = _batch("x", _wallets("x", 1));
        vm.expectRevert(IBadgeToken.WritingPaused.selector);
        _mint(batch);
    }

    function test_without_the_registry_nothing_is_minted() external {
        vm.prank(owner);
        registry.removeOperator(address(token));
        Batch memory batch = _batch("x", _wallets("x", 2));
        vm.expectRevert(
            abi.encodeWithSelector(IAnchorRegistry.NotOperator.selector, address(token))
        );
        _mint(batch);
        _assertUnknown(_id(batch, 0));
        assertEq(token.batchCount(), 0);

        vm.prank(owner);
        registry.addOperator(address(token));
        _mint(batch); // the failed one left nothing behind
        assertEq(token.ownerOf(_id(batch, 1)), batch.owners[1]);
    }

    function testFuzz_as_many_owners_as_leaves(uint64 leaves, uint16 length) external {
        vm.assume(leaves == 0 || leaves > 1_024 || length != 20 * uint256(leaves));
        bytes memory owners = new bytes(length);
        vm.expectRevert(abi.encodeWithSelector(IBadgeToken.WrongBatchSize.selector, leaves, length));
        vm.prank(minter);
        token.mint(leaves, "root", owners);
    }

    function test_no_batch_is_empty_or_too_large() external {
        bytes4 wrongSize = IBadgeToken.WrongBatchSize.selector;
        vm.startPrank(minter);
        vm.expectRevert(abi.encodeWithSelector(wrongSize, 0, 0));
        token.mint(0, "root", "");
        bytes memory owners = _pack(_wallets("many", 1_025));
        vm.expectRevert(abi.encodeWithSelector(wrongSize, 1_025, 20_500));
        token.mint(1_025, "root", owners);
    }

    function testFuzz_owners_ascend(uint256 size, uint256 swapped) external {
        size = bound(size, 2, 30);
        swapped = bound(swapped, 0, size - 2);
        address[] memory owners = _wallets("ascend", size);
        (owners[swapped], owners[swapped + 1]) = (owners[swapped + 1], owners[swapped]);
        _assertRefused(owners, IBadgeToken.OwnersNotAscending.selector);
    }

    function test_nobody_is_no_owner() external {
        address[] memory owners = _wallets("zero", 3);
        owners[0] = address(0);
        _assertRefused(owners, IBadgeToken.ZeroOwner.selector);
        owners = _wallets("zero", 3);
        owners[2] = address(0);
        _assertRefused(owners, IBadgeToken.OwnersNotAscending.selector);
        _assertRefused(_times(address(0), 2), IBadgeToken.ZeroOwner.selector);
    }

    function _assertRefused(address[] memory owners, bytes4 reason) internal {
        Batch memory batch = _batch("refused", owners);
        vm.expectRevert(reason);
        _mint(batch);
        assertFalse(_isAnchored(batch.commitment));
        assertEq(token.batchCount(), 0);
    }

    function test_the_extreme_addresses() external {
        address[] memory owners = new address[](4);
        owners[0] = owners[1] = address(1);
        owners[2] = owners[3] = address(type(uint160).max);
        Batch memory batch = _batch("extreme", owners);
        _mint(batch);
        assertEq(token.ownerOf(_id(batch, 0)), address(1));
        assertEq(token.ownerOf(_id(batch, 3)), address(type(uint160).max));
        assertEq(token.balanceOf(address(1)), 2);
        assertEq(token.balanceOf(address(2)), 0);
        assertEq(token.balanceOf(address(type(uint160).max)), 2);
        assertEq(token.balanceOf(address(type(uint160).max - 1)), 0);
    }

    /// @dev `_mint`, never `_safeMint`: owners are not called.
    function test_owners_that_are_contracts_are_not_called() external {
        address[] memory owners = _wallets("contracts", 3);
        for (uint256 i = 0; i < 3; ++i) {
            vm.etch(owners[i], hex"fe"); // takes all gas, were it called
        }
        Batch memory batch = _batch("contracts", owners);
        _mint(batch);
        assertEq(token.ownerOf(_id(batch, 1)), owners[1]);
    }

    function test_a_full_collection() external {
        Batch memory known = _batch("known", _wallets("known", 2));
        _mint(known);
        _setBatchCount(3_071);
        vm.setNonce(address(token), 3_073); // of the record of batch 3,072, where it is code
        Batch memory last = _batch("last", _wallets("last", 1));
        _mint(last);
        assertEq(token.batchCount(), token.MAX_BATCHES());
        assertEq(token.ownerOf(_id(last, 0)), last.owners[0]);

        Batch memory more = _batch("more", _wallets("more", 1));
        vm.expectRevert(IBadgeToken.CollectionFull.selector);
        _mint(more);
        assertFalse(_isAnchored(more.commitment));
        _mint(known); // a replay needs no room
    }
}

contract MintingAsCodeTest is MintingTest, WithCode {}

contract MintingInStorageTest is MintingTest, WithStorage {}
