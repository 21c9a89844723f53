// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {TokenBase, WithCode, WithStorage} from "./TokenBase.sol";
import {IBadgeToken} from "src/IBadgeToken.sol";

/// @notice As `GasTest`: whole transactions, the registry's part included, to owners who have
/// nothing yet. Per batch; the names say how many tokens.
abstract contract TokenGas is TokenBase {
    function _snapshot() internal pure virtual returns (string memory);

    function _measureMint(uint256 count, string memory suffix) internal returns (uint256 used) {
        string memory label = string.concat("mint ", vm.toString(count), suffix);
        Batch memory batch = _batch(label, _wallets(label, count));
        bytes memory owners = _pack(batch.owners);
        vm.prank(minter);
        token.mint(batch.treeSize, batch.root, owners);
        used = vm.snapshotGasLastCall(_snapshot(), label);
    }

    /// @dev A collection that is used already: the counter of batches is not zero.
    function _begin() internal {
        _mint(_batch("the first", _wallets("the first", 1)));
    }

    function _read(uint256 count) internal {
        Batch memory batch = _batch("read", _wallets("read", count));
        _mint(batch);
        string memory label = string.concat(" of ", vm.toString(count));
        token.ownerOf(_id(batch, count / 3));
        vm.snapshotGasLastCall(_snapshot(), string.concat("ownerOf, batch", label));
        token.balanceIn(batch.owners[count / 3], 2, 2);
        vm.snapshotGasLastCall(_snapshot(), string.concat("balanceIn, one batch", label));
        token.isValid(_id(batch, count / 3));
        vm.snapshotGasLastCall(_snapshot(), string.concat("isValid, batch", label));
        vm.prank(batch.owners[0]);
        token.burn(_id(batch, 0));
        vm.snapshotGasLastCall(_snapshot(), string.concat("burn, batch", label));
    }
}

contract BadgeTokenGasTest is TokenGas, WithCode {
    function _snapshot() internal pure override returns (string memory) {
        return "BadgeToken";
    }

    function test_mint() external {
        _begin();
        assertLe(_measureMint(1, ""), 133_000);
        assertLe(_measureMint(10, ""), 10 * 19_950);
        assertLe(_measureMint(100, ""), 100 * 8_630);
        assertLe(_measureMint(400, ""), 400 * 7_680);
        assertLe(_measureMint(1_024, ""), 1_024 * 7_490);
    }

    function test_mint_without_locked() external {
        IBadgeToken.Setup memory setup = _setup();
        setup.locksAnnounced = false;
        token = _deploy(setup);
        vm.prank(owner);
        registry.addOperator(address(token));
        _begin();
        assertLe(_measureMint(400, ", without Locked"), 400 * 6_660);
    }

    function test_replay() external {
        Batch memory batch = _batch("replay", _wallets("replay", 400));
        _mint(batch);
        _mint(batch, stranger);
        vm.snapshotGasLastCall(_snapshot(), "mint 400, replayed");
    }

    function test_read() external {
        _begin();
        _read(400);
    }

    /// @dev 3,072 batches of 400, or of 1,024. The records are put where mints would have put them,
    /// all with the same owners: only their places cost anything.
    function test_a_full_collection() external {
        assertLe(_fullCollection(400), 3_072 * 4_450);
        assertLe(_fullCollection(1_024), 14_000_000);
    }

    function _fullCollection(uint256 size) internal returns (uint256 used) {
        address[] memory owners = _wallets("full", size);
        bytes memory record = abi.encodePacked(hex"00", COMMITMENT, _pack(owners));
        for (uint64 number = 1; number <= 3_072; ++number) {
            vm.etch(vm.computeCreateAddress(address(token), number + 1), record);
        }
        _setBatchCount(3_072);

        string memory label = string.concat("balanceOf, 3072 batches of ", vm.toString(size));
        assertEq(token.balanceOf(stranger), 0);
        used = vm.snapshotGasLastCall(_snapshot(), label);
        assertEq(token.balanceOf(owners[size / 2]), 3_072);
        uint256 more =
            vm.snapshotGasLastCall(_snapshot(), string.concat(label, ", a token in each"));
        if (more > used) used = more;
    }
}

contract BadgeTokenStorageGasTest is TokenGas, WithStorage {
    function _snapshot() internal pure override returns (string memory) {
        return "BadgeTokenStorage";
    }

    function test_mint() external {
        _begin();
        _measureMint(1, "");
        assertLe(_measureMint(400, ""), 400 * 17_550);
    }

    function test_read() external {
        _begin();
        _read(400);
    }
}
