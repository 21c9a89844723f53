// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {TestBase} from "forge-std/Base.sol";
import {StdAssertions} from "forge-std/StdAssertions.sol";
import {StdInvariant} from "forge-std/StdInvariant.sol";
import {StdUtils} from "forge-std/StdUtils.sol";

import {AnchorRegistry} from "src/AnchorRegistry.sol";

/// @notice The parts of forge-std that are used here, and one registry with one account per role.
/// `forge-std/Test.sol` itself brings some 250 compiler warnings, and solc stops listing at 256.
abstract contract Base is TestBase, StdAssertions, StdInvariant, StdUtils {
    bool public IS_TEST = true; // by this forge knows a test contract

    bytes32 internal constant COMMITMENT = keccak256("a commitment");

    address internal owner = _account("owner");
    address internal guardian = _account("guardian");
    address internal operator = _account("operator");
    address internal revoker = _account("revoker");
    address internal stranger = _account("stranger");

    AnchorRegistry internal registry;

    function setUp() public virtual {
        vm.warp(1_790_000_000);
        vm.roll(25_000_000);
        registry = new AnchorRegistry(owner, guardian, _one(operator), _one(revoker));
        vm.label(address(registry), "registry");
    }

    function _account(string memory name) internal returns (address account) {
        account = address(uint160(uint256(keccak256(bytes(name)))));
        vm.label(account, name);
    }

    function _one(address account) internal pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = account;
    }

    function _one(uint64 index) internal pure returns (uint64[] memory list) {
        list = new uint64[](1);
        list[0] = index;
    }

    function _anchor(bytes32 commitment) internal {
        vm.prank(operator);
        registry.anchor(commitment);
    }

    function _pause() internal {
        vm.prank(guardian);
        registry.pause();
    }

    function _isAnchored(bytes32 commitment) internal view returns (bool) {
        (address by,,) = registry.anchored(commitment);
        return by != address(0);
    }

    function _commitment(uint64 treeSize, bytes32 root, bytes32 blockcertsRoot)
        internal
        pure
        returns (bytes32)
    {
        return sha256(abi.encodePacked(hex"02", treeSize, root, blockcertsRoot));
    }
}
