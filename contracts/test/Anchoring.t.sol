// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {Base} from "./Base.sol";
import {IAnchorRegistry} from "src/IAnchorRegistry.sol";

contract AnchoringTest is Base {
    /// @dev All of them, by value. The service must not use the short form for a commitment that
    /// begins with one: a change here is a change there.
    bytes internal constant SELECTORS = hex"2b78c9f7" // MAX_OPERATORS()
        hex"311f02f3" // operatorState(address)
        hex"3f4ba83a" // unpause()
        hex"452a9320" // guardian()
        hex"54fd4d50" // version()
        hex"5c975abb" // paused()
        hex"715018a6" // renounceOwnership()
        hex"79ba5097" // acceptOwnership()
        hex"8456cb59" // pause()
        hex"8a0dac4a" // setGuardian(address)
        hex"8da5cb5b" // owner()
        hex"961a66f6" // addRevoker(address)
        hex"9870d7fe" // addOperator(address)
        hex"a279add6" // revokeBatch(bytes32,uint8)
        hex"a64b562d" // revoke(bytes32,uint64[],uint8)
        hex"ac8a584a" // removeOperator(address)
        hex"bf25b1ee" // verifyEntry(…)
        hex"c06f8b94" // removeRevoker(address)
        hex"d483d32c" // verifyLeaf(bytes32,uint64,bytes32,bytes32,bytes32,uint64,bytes32[])
        hex"d6ba1fea" // reinstate(bytes32,uint64[])
        hex"dc69ac26" // reinstateBatch(bytes32)
        hex"dd649146" // anchored(bytes32)
        hex"e30c3978" // pendingOwner()
        hex"e673df8a" // operators()
        hex"e9c4e3fe" // revoked(bytes32,uint64)
        hex"eecdf927" // anchor(bytes32)
        hex"f2fde38b" // transferOwnership(address)
        hex"f6c4b01f"; // isRevoker(address)

    function test_anchor_records_who_and_when() external {
        vm.expectEmit(address(registry));
        emit IAnchorRegistry.Anchored(COMMITMENT, operator);
        _anchor(COMMITMENT);

        (address by, uint64 timestamp, uint64 blockNumber) = registry.anchored(COMMITMENT);
        assertEq(by, operator);
        assertEq(timestamp, 1_790_000_000);
        assertEq(blockNumber, 25_000_000);
    }

    function test_one_slot_from_the_high_bits_operator_timestamp_block() external {
        _anchor(COMMITMENT);
        assertEq(
            _word(COMMITMENT),
            bytes32(abi.encodePacked(operator, uint48(1_790_000_000), uint48(25e6)))
        );
    }

    function test_unknown_commitment_reads_as_zeros() external view {
        (address by, uint64 timestamp, uint64 blockNumber) = registry.anchored(COMMITMENT);
        assertEq(by, address(0));
        assertEq(timestamp, 0);
        assertEq(blockNumber, 0);
    }

    function testFuzz_time_and_block_come_back(bytes32 commitment, uint48 time, uint48 number)
        external
    {
        vm.assume(commitment != 0);
        vm.warp(time);
        vm.roll(number);
        _anchor(commitment);
        (address by, uint64 timestamp, uint64 blockNumber) = registry.anchored(commitment);
        assertEq(by, operator);
        assertEq(timestamp, time);
        assertEq(blockNumber, number);
    }

    /// @dev By anybody, paused or not, long after: no revert, no change, no event.
    function testFuzz_replay_is_harmless(address by, uint32 later, bool whilePaused, bool short)
        external
    {
        _anchor(COMMITMENT);
        if (whilePaused) _pause();
        bytes32 before = _word(COMMITMENT);

        vm.warp(block.timestamp + later);
        vm.recordLogs();
        vm.prank(by);
        if (short) {
            (bool ok,) = address(registry).call(abi.encodePacked(COMMITMENT));
            assertTrue(ok);
        } else {
            registry.anchor(COMMITMENT);
        }
        assertEq(_word(COMMITMENT), before);
        assertEq(vm.getRecordedLogs().length, 0);
    }

    function testFuzz_only_operators_anchor(address by) external {
        vm.assume(by != operator);
        vm.expectRevert(abi.encodeWithSelector(IAnchorRegistry.NotOperator.selector, by));
        vm.prank(by);
        registry.anchor(COMMITMENT);
    }

    function test_nothing_is_anchored_while_paused() external {
        _pause();
        vm.expectRevert(IAnchorRegistry.WritingPaused.selector);
        vm.prank(operator);
        registry.anchor(COMMITMENT);
        assertFalse(_isAnchored(COMMITMENT));
    }

    function test_zero_commitment_is_refused() external {
        vm.expectRevert(IAnchorRegistry.ZeroCommitment.selector);
        vm.prank(operator);
        registry.anchor(0);
    }

    // ------------------------------------------------------------------------------- short form

    function test_32_bytes_are_anchored() external {
        vm.expectEmit(address(registry));
        emit IAnchorRegistry.Anchored(COMMITMENT, operator);
        assertTrue(_send(operator, abi.encodePacked(COMMITMENT)));
        assertTrue(_isAnchored(COMMITMENT));
    }

    function test_the_short_form_keeps_the_rules() external {
        assertFalse(_send(stranger, abi.encodePacked(COMMITMENT)));
        assertFalse(_send(operator, abi.encodePacked(bytes32(0))));
        _pause();
        assertFalse(_send(operator, abi.encodePacked(COMMITMENT)));
        assertFalse(_isAnchored(COMMITMENT));
    }

    function testFuzz_any_other_length_is_an_unknown_function(bytes calldata data) external {
        vm.assume(data.length != 32 && !_isSelector(bytes4(data)));
        vm.expectRevert(
            abi.encodeWithSelector(IAnchorRegistry.UnknownFunction.selector, bytes4(data))
        );
        (bool reverted,) = address(registry).call(data);
        assertTrue(reverted); // expectRevert turns the result around
    }

    function test_ether_is_refused() external {
        vm.deal(operator, 3);
        vm.startPrank(operator);
        (bool ok,) = address(registry).call{value: 1}("");
        assertFalse(ok);
        (ok,) = address(registry).call{value: 1}(abi.encodePacked(COMMITMENT));
        assertFalse(ok);
        (ok,) = address(registry).call{value: 1}(abi.encodeCall(registry.anchor, (COMMITMENT)));
        assertFalse(ok);
    }

    /// @dev 32 bytes beginning with a selector never reach the fallback. A function that takes an
    /// argument finds it too short and reverts; one that takes none would run.
    function test_32_bytes_that_begin_with_a_selector_are_dispatched() external {
        bytes32 looksLikePause = bytes32(abi.encodePacked(registry.pause.selector, uint224(7)));
        assertTrue(_send(guardian, abi.encodePacked(looksLikePause)));
        assertTrue(registry.paused());
        assertFalse(_isAnchored(looksLikePause));
    }

    function test_selectors_are_pinned() external view {
        string memory artifact = vm.readFile("out/AnchorRegistry.sol/AnchorRegistry.json");
        string[] memory functions = vm.parseJsonKeys(artifact, ".methodIdentifiers");
        assertEq(functions.length, SELECTORS.length / 4);
        for (uint256 i = 0; i < functions.length; ++i) {
            assertTrue(_isSelector(bytes4(keccak256(bytes(functions[i])))), functions[i]);
        }
    }

    function _isSelector(bytes4 start) internal pure returns (bool found) {
        bytes memory list = SELECTORS;
        for (uint256 i = 0; i < list.length; i += 4) {
            bytes4 selector = bytes4(bytes.concat(list[i], list[i + 1], list[i + 2], list[i + 3]));
            if (selector == start) return true;
        }
    }

    function _send(address by, bytes memory data) internal returns (bool ok) {
        vm.prank(by);
        (ok,) = address(registry).call(data);
    }

    function _word(bytes32 commitment) internal view returns (bytes32) {
        return vm.load(address(registry), keccak256(abi.encode(commitment, 6)));
    }
}
