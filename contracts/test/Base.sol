// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {TestBase} from "forge-std/Base.sol";
import {StdAssertions} from "forge-std/StdAssertions.sol";
import {StdInvariant} from "forge-std/StdInvariant.sol";
import {StdUtils} from "forge-std/StdUtils.sol";

import {AnchorRegistry} from "src/AnchorRegistry.sol";

/// @notice The parts of forge-std that are used here. `forge-std/Test.sol` itself brings some 250
/// compiler warnings of its own, and solc stops listing at 256.
abstract contract Base is TestBase, StdAssertions, StdInvariant, StdUtils {
    bool public IS_TEST = true; // by this forge knows a test contract

    address internal immutable owner = _account("owner");
    address internal immutable guardian = _account("guardian");
    address internal immutable operator = _account("operator");
    address internal immutable revoker = _account("revoker");
    address internal immutable stranger = _account("stranger");

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

    function _indexes(uint64 index) internal pure returns (uint64[] memory list) {
        list = new uint64[](1);
        list[0] = index;
    }

    function _anchor(bytes32 commitment) internal {
        vm.prank(operator);
        registry.anchor(commitment);
    }
}
