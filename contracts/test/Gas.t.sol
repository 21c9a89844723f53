// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {Base} from "./Base.sol";
import {InclusionProof} from "src/InclusionProof.sol";

/// @notice Writes and compares `snapshots/*.json`. Every call from here is a transaction of its
/// own (`isolate` in foundry.toml), so the figures of writing calls are what a receipt says:
/// base fee of 21,000 and call data included. Those of reading calls are execution alone.
contract GasTest is Base {
    string internal constant REGISTRY = "AnchorRegistry";
    bytes32 internal constant NO_ZERO_BYTES = bytes32(type(uint256).max);

    /// @dev External, so that the path is calldata as in the registry.
    function verify(
        bytes32 leaf,
        uint256 index,
        uint256 size,
        bytes32 root,
        bytes32[] calldata path
    ) external view returns (uint256 used) {
        uint256 before = gasleft();
        bool found = InclusionProof.verify(leaf, index, size, root, path);
        used = before - gasleft();
        require(found, "the proof is right");
    }

    function test_anchor_and_replay() external {
        vm.prank(operator);
        registry.anchor(NO_ZERO_BYTES);
        assertLe(vm.snapshotGasLastCall(REGISTRY, "anchor"), 48_000);

        vm.prank(operator);
        registry.anchor(NO_ZERO_BYTES);
        assertLe(vm.snapshotGasLastCall(REGISTRY, "anchor, replayed"), 26_400);
    }

    function test_short_form() external {
        vm.prank(operator);
        (bool ok,) = address(registry).call(abi.encodePacked(NO_ZERO_BYTES));
        assertTrue(ok);
        assertLe(vm.snapshotGasLastCall(REGISTRY, "anchor, short form"), 48_000);
    }

    function test_revoke() external {
        _anchor(NO_ZERO_BYTES);
        vm.prank(revoker);
        registry.revoke(NO_ZERO_BYTES, _one(300), 1);
        vm.snapshotGasLastCall(REGISTRY, "revoke, the first badge of a slot");
        vm.prank(revoker);
        registry.revoke(NO_ZERO_BYTES, _one(301), 1);
        vm.snapshotGasLastCall(REGISTRY, "revoke, one more of that slot");

        uint64[] memory neighbours = new uint64[](256);
        for (uint64 i = 0; i < 256; ++i) {
            neighbours[i] = 512 + i;
        }
        vm.prank(revoker);
        registry.revoke(NO_ZERO_BYTES, neighbours, 1);
        vm.snapshotGasLastCall(REGISTRY, "revoke, 256 neighbours");
    }

    function test_pause_with_the_most_operators() external {
        for (uint160 i = 1; i < 16; ++i) {
            vm.prank(owner);
            registry.addOperator(address(i));
        }
        vm.prank(guardian);
        registry.pause();
        vm.snapshotGasLastCall(REGISTRY, "pause, 16 operators");
    }

    function test_verification() external {
        _verification(10);
        _verification(20);
    }

    function _verification(uint256 depth) internal {
        bytes32 leaf = sha256(
            abi.encodePacked(hex"000101", bytes32("issuer"), bytes32("digest"), bytes32("salt"))
        );
        uint64 size = uint64(1) << uint64(depth);
        uint64 index = 0xaaaaaaaa % size;
        bytes32 root = leaf;
        bytes32[] memory path = new bytes32[](depth);
        for (uint256 i = 0; i < depth; ++i) {
            path[i] = keccak256(abi.encode(i));
            root = (index >> i) & 1 == 1
                ? sha256(abi.encodePacked(hex"01", path[i], root))
                : sha256(abi.encodePacked(hex"01", root, path[i]));
        }
        string memory label = string.concat("depth ", vm.toString(depth));
        vm.snapshotValue(
            "InclusionProof",
            string.concat("verify, ", label),
            this.verify(leaf, index, size, root, path)
        );

        bytes32 commitment = _commitment(size, root, 0);
        _anchor(commitment);
        bool found = registry.verifyEntry(
            commitment, size, root, 0, 1, "issuer", "digest", "salt", index, path
        );
        vm.snapshotGasLastCall(REGISTRY, string.concat("verifyEntry, ", label));
        assertTrue(found);
    }
}
