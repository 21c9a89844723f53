// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {WithStorage} from "./TokenBase.sol";

contract OwnersInStorageTest is WithStorage {
    function test_a_batch_takes_five_words_for_eight_owners() external {
        uint64 before = vm.getNonce(address(token));
        Batch memory batch = _batch("words", _wallets("words", 8));
        vm.record();
        _mint(batch);
        (, bytes32[] memory writes) = vm.accesses(address(token));
        uint256 slots = 0;
        for (uint256 i = 0; i < writes.length; ++i) {
            bool again = false;
            for (uint256 j = 0; j < i; ++j) {
                again = again || writes[j] == writes[i];
            }
            if (!again) ++slots;
        }
        assertEq(slots, 1 + 6 + 1 + 1); // commitment, 162 bytes, the number, the counters
        assertEq(vm.getNonce(address(token)), before); // nothing is created
    }
}
