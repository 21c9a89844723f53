// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {BatchOwners} from "./BatchOwners.sol";
import {IBadgeToken} from "./IBadgeToken.sol";

/// @title Owners as the code of a contract
/// @notice A byte of code costs 200 gas, a byte of storage 690. The record of a batch is the code
/// of a contract of its own; it begins with 0x00, STOP, so calling it does nothing. The contract's
/// address follows from this one's nonce, so that no pointer needs to be kept: nonce 1 is the test
/// at deployment, the batch with number n has nonce n + 1.
abstract contract OwnersAsCode is BatchOwners {
    /// @dev Copies what follows these 11 bytes and returns it as the new contract's code:
    /// PUSH1 11, CODESIZE, SUB, DUP1, PUSH1 11, PUSH0, CODECOPY, PUSH0, RETURN.
    uint256 private constant INIT_CODE = 0x600b380380600b5f395ff3;
    uint256 private constant INIT_SIZE = 11;
    /// @dev 0x00 and the commitment.
    uint256 private constant HEADER_SIZE = 33;
    /// @dev Owners are looked for among 64 neighbours around the place where an even distribution
    /// would have them: 3 standard deviations in a batch of 400, 2 in one of 1,024.
    uint256 private constant WINDOW = 64;

    /// @dev Not every EVM keeps code as this contract needs it.
    constructor() {
        bytes memory probe = new bytes(HEADER_SIZE);
        for (uint256 i = 1; i < HEADER_SIZE; ++i) {
            // 1 to 32
            // forge-lint: disable-next-line(unsafe-typecast)
            probe[i] = bytes1(uint8(i));
        }
        bytes32 expected = keccak256(probe);
        _store(0, probe);
        if (_recordHash(0) != expected || keccak256(_recordAddress(0).code) != expected) {
            revert IBadgeToken.CodeCannotCarryData();
        }
    }

    /// @inheritdoc BatchOwners
    function _store(uint256 number, bytes memory record) internal override {
        address created;
        assembly ("memory-safe") {
            let size := mload(record)
            mstore(record, INIT_CODE) // in the place of the length
            created := create(0, add(record, sub(0x20, INIT_SIZE)), add(size, INIT_SIZE))
        }
        if (created == address(0) || created != _recordAddress(number)) {
            revert IBadgeToken.CodeCannotCarryData();
        }
    }

    /// @inheritdoc BatchOwners
    function _ownerAt(uint256 number, uint256 index)
        internal
        view
        override
        returns (address account)
    {
        address record = _recordAddress(number);
        assembly ("memory-safe") {
            mstore(0x00, 0)
            // zeros are read beyond the end of the code
            extcodecopy(record, 0x0c, add(HEADER_SIZE, mul(index, 20)), 20)
            account := mload(0x00)
        }
    }

    /// @inheritdoc BatchOwners
    function _find(uint256 number, address account)
        internal
        view
        override
        returns (uint256 first, uint256 count)
    {
        address record = _recordAddress(number);
        bool missed;
        assembly ("memory-safe") {
            let size := div(sub(extcodesize(record), HEADER_SIZE), 20)
            missed := lt(size, WINDOW)
            if iszero(missed) {
                first := shr(160, mul(account, size)) // below size
                first := mul(gt(first, 32), sub(first, 32))
                let beyond := sub(size, WINDOW) // the last window begins here
                if gt(first, beyond) { first := beyond }

                let window := mload(0x40)
                extcodecopy(record, window, add(HEADER_SIZE, mul(first, 20)), mul(WINDOW, 20))
                // owner ‖ whatever follows is less than account ‖ zeros where owner < account
                let key := shl(96, account)
                // all leaves of the account are inside where smaller and larger ones, or nothing,
                // stand around them
                let smaller := or(iszero(first), lt(mload(window), key))
                let larger := or(eq(first, beyond), gt(shr(96, mload(add(window, 1260))), account))
                missed := iszero(and(smaller, larger))
                if iszero(missed) {
                    // behind 32, 16, 8, 4, 2, 1 and 1 entries, where those are smaller
                    let place := window
                    place := add(place, mul(640, lt(mload(add(place, 620)), key)))
                    place := add(place, mul(320, lt(mload(add(place, 300)), key)))
                    place := add(place, mul(160, lt(mload(add(place, 140)), key)))
                    place := add(place, mul(80, lt(mload(add(place, 60)), key)))
                    place := add(place, mul(40, lt(mload(add(place, 20)), key)))
                    place := add(place, mul(20, lt(mload(place), key)))
                    place := add(place, mul(20, lt(mload(place), key)))
                    let skipped := sub(place, window)
                    if lt(skipped, 1280) {
                        count := eq(shr(96, mload(place)), account)
                        if and(count, lt(skipped, 1260)) {
                            // more than one is rare, and left to the search through all
                            missed := eq(shr(96, mload(add(place, 20))), account)
                        }
                    }
                    first := add(first, div(skipped, 20))
                }
            }
        }
        if (missed) return _findInAll(record, account);
    }

    /// @dev What `_find` does, with the whole code in memory.
    function _findInAll(address record, address account)
        private
        view
        returns (uint256 first, uint256 count)
    {
        uint256 entries;
        uint256 size;
        assembly ("memory-safe") {
            entries := mload(0x40) // free memory
            size := div(sub(extcodesize(record), HEADER_SIZE), 20)
            extcodecopy(record, entries, HEADER_SIZE, mul(size, 20))
        }
        first = _lowerBound(entries, 0, size, uint160(account));
        count = _lowerBound(entries, first, size, uint256(uint160(account)) + 1) - first;
    }

    /// @inheritdoc BatchOwners
    function _batch(uint256 number)
        internal
        view
        override
        returns (bytes32 commitment, uint256 size)
    {
        address record = _recordAddress(number);
        assembly ("memory-safe") {
            extcodecopy(record, 0x00, 1, 0x20)
            commitment := mload(0x00)
            size := div(sub(extcodesize(record), HEADER_SIZE), 20)
        }
    }

    /// @inheritdoc BatchOwners
    function _recordHash(uint256 number) internal view override returns (bytes32) {
        return _recordAddress(number).codehash;
    }

    /// @dev The first of the `entries` from `from` to (not including) `to` that is not less than
    /// `value`; `to` where there is none.
    function _lowerBound(uint256 entries, uint256 from, uint256 to, uint256 value)
        private
        pure
        returns (uint256 first)
    {
        assembly ("memory-safe") {
            first := from
            for {} lt(first, to) {} {
                let middle := shr(1, add(first, to))
                switch lt(shr(96, mload(add(entries, mul(middle, 20)))), value)
                case 1 { first := add(middle, 1) }
                default { to := middle }
            }
        }
    }

    /// @dev The low 160 bits of keccak256(RLP([this address, nonce])), as CREATE has it.
    function _recordAddress(uint256 number) private view returns (address record) {
        uint256 nonce;
        unchecked {
            nonce = number + 1;
        }
        assembly ("memory-safe") {
            let list := shl(80, address())
            let size := 23
            switch lt(nonce, 0x80)
            case 1 { list := or(list, or(shl(240, 0xd694), shl(72, nonce))) }
            default {
                switch lt(nonce, 0x100)
                case 1 {
                    list := or(list, or(shl(240, 0xd794), shl(64, or(nonce, 0x8100))))
                    size := 24
                }
                default {
                    list := or(list, or(shl(240, 0xd894), shl(56, or(nonce, 0x820000))))
                    size := 25
                }
            }
            mstore(0x00, list)
            record := shr(96, shl(96, keccak256(0x00, size)))
        }
    }
}
