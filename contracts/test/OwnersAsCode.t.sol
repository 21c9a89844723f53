// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {WithCode} from "./TokenBase.sol";
import {IBadgeToken} from "src/IBadgeToken.sol";

contract OwnersAsCodeTest is WithCode {
    /// @dev All three forms of RLP that a nonce up to 3,073 has.
    function test_the_records_addresses() external {
        uint16[9] memory numbers = [1, 2, 126, 127, 128, 254, 255, 256, 3_072];
        for (uint256 i = 0; i < numbers.length; ++i) {
            _setBatchCount(numbers[i] - 1);
            uint64 nonce = uint64(numbers[i]) + 1;
            vm.setNonceUnsafe(address(token), nonce);
            string memory seed = vm.toString(nonce);
            Batch memory batch = _batch(seed, _wallets(seed, 3));
            _mint(batch);
            address record = vm.computeCreateAddress(address(token), nonce);
            assertEq(record.code, abi.encodePacked(hex"00", batch.commitment, _pack(batch.owners)));
            assertEq(token.ownerOf(_id(batch, 2)), batch.owners[2]);
        }
    }

    function test_a_record_cannot_be_run() external {
        Batch memory batch = _batch("x", _wallets("x", 3));
        _mint(batch);
        address record = vm.computeCreateAddress(address(token), 2);
        (bool ok, bytes memory answer) = record.call("anything");
        assertTrue(ok);
        assertEq(answer.length, 0);
        assertTrue(record.code.length > 0);
    }

    function test_a_record_at_another_address_is_refused() external {
        vm.setNonce(address(token), 7);
        Batch memory batch = _batch("x", _wallets("x", 3));
        vm.expectRevert(IBadgeToken.CodeCannotCarryData.selector);
        _mint(batch);
    }

    function test_a_record_that_cannot_be_made_is_refused() external {
        vm.etch(vm.computeCreateAddress(address(token), 2), hex"00");
        Batch memory batch = _batch("x", _wallets("x", 3));
        vm.expectRevert(IBadgeToken.CodeCannotCarryData.selector);
        _mint(batch);
    }

    function test_deployment_refuses_a_chain_whose_code_is_elsewhere() external {
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        vm.etch(vm.computeCreateAddress(next, 1), hex"00");
        IBadgeToken.Setup memory setup = _setup();
        vm.expectRevert(IBadgeToken.CodeCannotCarryData.selector);
        _deploy(setup);
    }
}
