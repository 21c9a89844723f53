// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {Base} from "./Base.sol";
import {ReferenceTree} from "./ReferenceTree.sol";
import {BadgeToken} from "src/BadgeToken.sol";
import {BadgeTokenStorage} from "src/BadgeTokenStorage.sol";
import {IBadgeToken} from "src/IBadgeToken.sol";

/// @notice A collection beside the registry, an operator of it. Every test of a collection is
/// abstract and is run twice: with owners as code and with owners in storage.
abstract contract TokenBase is Base {
    /// @dev What a batch is made of; `owners` as many as `treeSize`.
    struct Batch {
        uint64 treeSize;
        bytes32 root;
        bytes32 commitment;
        address[] owners;
    }

    address internal minter = _account("minter");

    IBadgeToken internal token;

    function setUp() public virtual override {
        super.setUp();
        token = _deploy(_setup());
        vm.label(address(token), "token");
        vm.prank(owner);
        registry.addOperator(address(token));
    }

    function _deploy(IBadgeToken.Setup memory setup) internal virtual returns (IBadgeToken);

    function _setup() internal view returns (IBadgeToken.Setup memory) {
        return IBadgeToken.Setup({
            registry: registry,
            owner: owner,
            guardian: guardian,
            minters: _one(minter),
            name: "University of Somewhere",
            symbol: "UOS",
            baseURI: "https://badges.example/v1/tokens/1/0x00/",
            locksAnnounced: true
        });
    }

    /// @dev A batch with these owners; `seed` makes its root.
    function _batch(string memory seed, address[] memory owners)
        internal
        pure
        returns (Batch memory batch)
    {
        batch.treeSize = uint64(owners.length);
        batch.root = keccak256(bytes(seed));
        batch.commitment = _commitment(batch.treeSize, batch.root, 0);
        batch.owners = owners;
    }

    function _mint(Batch memory batch) internal {
        _mint(batch, minter);
    }

    function _mint(Batch memory batch, address by) internal {
        vm.prank(by);
        token.mint(batch.treeSize, batch.root, _pack(batch.owners));
    }

    function _id(Batch memory batch, uint256 index) internal pure returns (uint256) {
        return (uint256(batch.commitment) & ~uint256(type(uint32).max)) | index;
    }

    function _ids(Batch memory batch, uint256 index) internal pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = _id(batch, index);
    }

    /// @dev Different, evenly distributed and ascending, as wallets are.
    function _wallets(string memory seed, uint256 count)
        internal
        pure
        returns (address[] memory list)
    {
        list = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = address(uint160(uint256(keccak256(abi.encode(seed, i)))));
        }
        _sort(list);
    }

    function _times(address account, uint256 count) internal pure returns (address[] memory list) {
        list = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = account;
        }
    }

    function _sort(address[] memory list) internal pure {
        if (list.length > 1) _sort(list, 0, list.length - 1);
    }

    /// @dev Quicksort of the places from `low` to `high`, both included.
    function _sort(address[] memory list, uint256 low, uint256 high) private pure {
        (uint256 i, uint256 j) = (low, high);
        address pivot = list[(low + high) / 2];
        while (i <= j) {
            while (list[i] < pivot) ++i;
            while (list[j] > pivot) --j;
            if (i <= j) {
                (list[i], list[j]) = (list[j], list[i]);
                ++i;
                if (j == 0) break;
                --j;
            }
        }
        if (low < j) _sort(list, low, j);
        if (i < high) _sort(list, i, high);
    }

    /// @dev 20 bytes each.
    function _pack(address[] memory owners) internal pure returns (bytes memory packed) {
        packed = new bytes(20 * owners.length);
        for (uint256 i = 0; i < packed.length; ++i) {
            packed[i] = bytes20(owners[i / 20])[i % 20];
        }
    }

    function _ownersHash(Batch memory batch) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"00", batch.commitment, _pack(batch.owners)));
    }

    /// @dev The low bits of slot 3: guardian (160), paused (8), batches (16), minted, burned (32).
    function _setBatchCount(uint256 count) internal {
        uint256 word = uint256(vm.load(address(token), bytes32(uint256(3))));
        word = (word & ~(uint256(type(uint16).max) << 168)) | (count << 168);
        vm.store(address(token), bytes32(uint256(3)), bytes32(word));
    }

    function _assertUnknown(uint256 id) internal {
        bytes memory unknown = abi.encodeWithSelector(IBadgeToken.UnknownToken.selector, id);
        vm.expectRevert(unknown);
        token.ownerOf(id);
        vm.expectRevert(unknown);
        token.locked(id);
        vm.expectRevert(unknown);
        token.getApproved(id);
        vm.expectRevert(unknown);
        token.tokenURI(id);
        vm.expectRevert(unknown);
        token.burn(id);
        assertFalse(token.isValid(id));
    }
}

/// @notice Owners as code.
abstract contract WithCode is TokenBase {
    function _deploy(IBadgeToken.Setup memory setup) internal override returns (IBadgeToken) {
        return new BadgeToken(setup);
    }
}

/// @notice Owners in storage.
abstract contract WithStorage is TokenBase {
    function _deploy(IBadgeToken.Setup memory setup) internal override returns (IBadgeToken) {
        return new BadgeTokenStorage(setup);
    }
}
