// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {TokenBase, WithCode, WithStorage} from "./TokenBase.sol";
import {IBadgeToken} from "src/IBadgeToken.sol";

abstract contract BalancesTest is TokenBase {
    /// @dev Few accounts in a batch of any size, crowded or spread by `shape`: the search must not
    /// depend on an even distribution.
    function testFuzz_balances_are_exact(uint256 size, uint256 accounts, uint256 shape, bytes32 x)
        external
    {
        size = bound(size, 1, 200);
        accounts = bound(accounts, 1, size);
        shape = bound(shape, 0, 159);
        address[] memory owners = new address[](size);
        for (uint256 i = 0; i < size; ++i) {
            uint256 which = uint256(keccak256(abi.encode(x, i))) % accounts;
            owners[i] = _crowded(x, which, shape);
        }
        _sort(owners);
        Batch memory batch = _batch("balances", owners);
        _mint(batch);

        uint256 sum = 0;
        for (uint256 i = 0; i < size;) {
            uint256 count = 1;
            while (i + count < size && owners[i + count] == owners[i]) ++count;
            assertEq(token.balanceOf(owners[i]), count);
            sum += count;
            i += count;
        }
        assertEq(sum, token.totalSupply());
        address nobody = _crowded(x, accounts, shape);
        for (uint256 i = 0; i < size; ++i) {
            if (owners[i] == nobody) return;
        }
        assertEq(token.balanceOf(nobody), 0);
    }

    /// @dev Addresses that differ in their low `shape + 1` bits only.
    function _crowded(bytes32 x, uint256 which, uint256 shape) private pure returns (address) {
        uint256 mask = (uint256(2) << shape) - 1;
        uint256 high = uint256(keccak256(abi.encode(x))) & ~mask;
        return address(uint160(high | (uint256(keccak256(abi.encode(x, "who", which))) & mask) | 1));
    }

    function test_every_owner_of_the_largest_batch_is_found() external {
        Batch memory batch = _batch("1024", _wallets("1024", 1_024));
        _mint(batch);
        for (uint256 i = 0; i < 1_024; i += 7) {
            assertEq(token.balanceOf(batch.owners[i]), 1);
            assertEq(token.balanceOf(address(uint160(batch.owners[i]) + 1)), 0);
            assertEq(token.balanceOf(address(uint160(batch.owners[i]) - 1)), 0);
        }
    }

    function test_one_owner_of_a_whole_batch() external {
        Batch memory batch = _batch("same", _times(stranger, 1_024));
        _mint(batch);
        assertEq(token.balanceOf(stranger), 1_024);
        assertEq(token.ownerOf(_id(batch, 1_023)), stranger);
        (uint256[] memory ids, uint256 next) = token.tokensOf(stranger, 0, type(uint256).max, 1);
        assertEq(ids.length, 1_024);
        assertEq(ids[1_023], _id(batch, 1_023));
        assertEq(next, 0);
    }

    /// @dev All at one end, where an even distribution would have nobody, and one at the other.
    function test_an_owner_far_from_where_it_is_expected() external {
        address[] memory owners = new address[](200);
        for (uint256 i = 0; i < 199; ++i) {
            owners[i] = address(uint160(1 + i / 2)); // in pairs
        }
        owners[199] = address(type(uint160).max);
        _mint(_batch("far", owners));
        assertEq(token.balanceOf(address(1)), 2);
        assertEq(token.balanceOf(address(50)), 2);
        assertEq(token.balanceOf(address(99)), 2);
        assertEq(token.balanceOf(address(100)), 1);
        assertEq(token.balanceOf(address(101)), 0);
        assertEq(token.balanceOf(address(type(uint160).max)), 1);
    }

    function test_nobody_has_no_balance() external {
        vm.expectRevert(IBadgeToken.ZeroAddress.selector);
        token.balanceOf(address(0));
        vm.expectRevert(IBadgeToken.ZeroAddress.selector);
        token.balanceIn(address(0), 1, 1);
        vm.expectRevert(IBadgeToken.ZeroAddress.selector);
        token.tokensOf(address(0), 0, 1, 1);
        assertEq(token.balanceOf(stranger), 0); // an empty collection
        (uint256[] memory ids, uint256 next) = token.tokensOf(stranger, 0, 1, 1);
        assertEq(ids.length + next, 0);
    }

    // ------------------------------------------------------------------------------- several batches

    /// @dev 1, 2 and 3 tokens of `stranger` in batches 1, 3 and 4, the second of batch 4 burned.
    function _several() internal returns (uint256[] memory all) {
        Batch[5] memory batches;
        all = new uint256[](5);
        uint256 found = 0;
        for (uint256 i = 0; i < 5; ++i) {
            address[] memory owners = _wallets(vm.toString(i), 9);
            uint256 count = i == 0 ? 1 : i == 2 ? 2 : i == 3 ? 3 : 0;
            for (uint256 j = 0; j < count; ++j) {
                owners[j] = stranger;
            }
            _sort(owners);
            batches[i] = _batch(vm.toString(i), owners);
            _mint(batches[i]);
            uint256 nth = 0;
            for (uint256 j = 0; j < 9; ++j) {
                if (owners[j] != stranger) continue;
                if (i == 3 && ++nth == 2) {
                    vm.prank(stranger);
                    token.burn(_id(batches[i], j));
                } else {
                    all[found++] = _id(batches[i], j);
                }
            }
        }
    }

    function test_balances_in_a_range_of_batches() external {
        _several();
        assertEq(token.balanceOf(stranger), 5);
        uint8[6] memory each = [0, 1, 0, 2, 2, 0];
        for (uint256 from = 0; from <= 6; ++from) {
            for (uint256 to = 0; to <= 6; ++to) {
                uint256 expected = 0;
                for (uint256 i = from; i <= to && i < 6; ++i) {
                    expected += each[i];
                }
                assertEq(token.balanceIn(stranger, from, to), expected);
                assertEq(token.balanceIn(minter, from, to), 0);
            }
        }
        assertEq(token.balanceIn(stranger, 0, type(uint256).max), 5);
        assertEq(token.balanceIn(stranger, type(uint256).max, type(uint256).max), 0);
        address other = token.ownerOf(_id(_batch("1", _wallets("1", 9)), 0)); // without a burn
        assertEq(token.balanceIn(other, 0, type(uint256).max), 1);
        assertEq(token.balanceIn(other, 3, 5), 0);
    }

    function testFuzz_pages(uint256 limit, uint256 maxBatches) external {
        uint256[] memory all = _several();
        limit = limit % 3 == 0 ? limit : bound(limit, 1, 6);
        maxBatches = maxBatches % 3 == 0 ? maxBatches : bound(maxBatches, 1, 6);
        vm.assume(limit != 0 && maxBatches != 0);

        uint256 cursor = 0;
        uint256 found = 0;
        uint256 pages = 0;
        do {
            uint256[] memory ids;
            (ids, cursor) = token.tokensOf(stranger, cursor, limit, maxBatches);
            assertLe(ids.length, limit);
            for (uint256 i = 0; i < ids.length; ++i) {
                assertEq(ids[i], all[found++]);
            }
            assertLt(pages++, 11);
        } while (cursor != 0);
        assertEq(found, 5);
    }

    function test_pages_of_nothing_are_refused() external {
        vm.expectRevert(IBadgeToken.EmptyPage.selector);
        token.tokensOf(stranger, 0, 0, 1);
        vm.expectRevert(IBadgeToken.EmptyPage.selector);
        token.tokensOf(stranger, 0, 1, 0);
    }

    /// @dev No cursor makes it revert or answer wrongly: a foreign one only starts elsewhere.
    function testFuzz_any_cursor_is_answered(uint256 cursor) external {
        uint256[] memory all = _several();
        if (cursor % 2 == 0) cursor = bound(cursor, 0, 6 << 32);
        (uint256[] memory ids, uint256 next) = token.tokensOf(stranger, cursor, 100, 100);
        assertEq(next, 0);
        assertLe(ids.length, 5);
        for (uint256 i = 0; i < ids.length; ++i) {
            assertEq(ids[i], all[5 - ids.length + i]);
        }
    }
}

contract BalancesAsCodeTest is BalancesTest, WithCode {}

contract BalancesInStorageTest is BalancesTest, WithStorage {}
