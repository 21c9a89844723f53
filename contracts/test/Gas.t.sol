// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {Base} from "./Base.sol";

contract GasTest is Base {
    bytes32 internal constant COMMITMENT = keccak256("a batch");

    function test_anchor() external {
        vm.prank(operator);
        registry.anchor(COMMITMENT);
        vm.snapshotGasLastCall("AnchorRegistry", "anchor");
        vm.prank(stranger);
        registry.anchor(COMMITMENT);
        vm.snapshotGasLastCall("AnchorRegistry", "replay");
    }

    function _v(uint256 depth) internal {
        bytes32[] memory path = new bytes32[](depth);
        bytes32 leaf = keccak256("leaf");
        uint64 size = uint64(1) << uint64(depth);
        bytes32 node = leaf;
        for (uint256 i; i < depth; i++) {
            path[i] = keccak256(abi.encode(i));
            node = i & 1 == 1
                ? sha256(abi.encodePacked(hex"01", path[i], node))
                : sha256(abi.encodePacked(hex"01", node, path[i]));
        }
        bytes32 c = sha256(abi.encodePacked(hex"02", size, node, bytes32(0)));
        _anchor(c);
        assertTrue(
            registry.verifyLeaf(c, size, node, 0, leaf, uint64(0xaaaaaaaa) & (size - 1), path)
        );
        vm.snapshotGasLastCall("AnchorRegistry", string.concat("verify ", vm.toString(depth)));
    }

    function test_verify() external {
        _v(10);
        _v(20);
    }
}
