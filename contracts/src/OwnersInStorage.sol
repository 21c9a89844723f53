// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {BatchOwners} from "./BatchOwners.sol";

/// @title Owners packed in words of storage
/// @notice For chains where code cannot carry data. 8 owners take 5 words.
abstract contract OwnersInStorage is BatchOwners {
    /// @dev A stream of bytes in `words`: the number of owners (2 bytes), then 20 bytes an owner.
    struct Batch {
        bytes32 commitment;
        uint256[641] words; // room for 1,024 owners
    }

    mapping(uint256 number => Batch) private _batches;

    /// @inheritdoc BatchOwners
    function _store(uint256 number, bytes memory record) internal override {
        Batch storage batch = _batches[number];
        bytes32 commitment;
        assembly ("memory-safe") {
            commitment := mload(add(record, 0x21))
        }
        batch.commitment = commitment;
        uint256[641] storage words = batch.words;
        assembly ("memory-safe") {
            let size := div(sub(mload(record), 33), 20)
            let stream := add(record, 0x3f) // over the last two bytes of the commitment
            mstore8(stream, shr(8, size))
            mstore8(add(stream, 1), size)
            let end := add(stream, add(2, mul(size, 20)))
            mstore(end, 0) // free memory, may be dirty
            let slot := words.slot
            for {} lt(stream, end) { stream := add(stream, 0x20) } {
                sstore(slot, mload(stream))
                slot := add(slot, 1)
            }
        }
    }

    /// @inheritdoc BatchOwners
    function _ownerAt(uint256 number, uint256 index) internal view override returns (address) {
        Batch storage batch = _batches[number];
        return index < _size(batch) ? _ownerIn(batch, index) : address(0);
    }

    /// @inheritdoc BatchOwners
    function _find(uint256 number, address account)
        internal
        view
        override
        returns (uint256 first, uint256 count)
    {
        Batch storage batch = _batches[number];
        uint256 size = _size(batch);
        first = _lowerBound(batch, 0, size, uint160(account));
        if (first == size || _ownerIn(batch, first) != account) return (first, 0);
        if (first + 1 == size || _ownerIn(batch, first + 1) != account) return (first, 1);
        count = _lowerBound(batch, first, size, uint256(uint160(account)) + 1) - first;
    }

    /// @inheritdoc BatchOwners
    function _batch(uint256 number)
        internal
        view
        override
        returns (bytes32 commitment, uint256 size)
    {
        Batch storage batch = _batches[number];
        return (batch.commitment, _size(batch));
    }

    /// @inheritdoc BatchOwners
    function _recordHash(uint256 number) internal view override returns (bytes32) {
        Batch storage batch = _batches[number];
        uint256 size = _size(batch);
        bytes memory record = new bytes(33 + 20 * size);
        bytes32 commitment = batch.commitment;
        assembly ("memory-safe") {
            mstore(add(record, 0x21), commitment)
        }
        for (uint256 i = 0; i < size; ++i) {
            address account = _ownerIn(batch, i);
            assembly ("memory-safe") {
                // a word that ends with the owner: nothing behind the record is touched
                let place := add(add(record, 0x35), mul(i, 20))
                mstore(place, or(shl(160, shr(160, mload(place))), account))
            }
        }
        return keccak256(record);
    }

    function _lowerBound(Batch storage batch, uint256 from, uint256 to, uint256 value)
        private
        view
        returns (uint256)
    {
        while (from < to) {
            uint256 middle = (from + to) / 2;
            if (uint160(_ownerIn(batch, middle)) < value) from = middle + 1;
            else to = middle;
        }
        return from;
    }

    function _size(Batch storage batch) private view returns (uint256) {
        return batch.words[0] >> 240;
    }

    /// @dev For `index` below the batch's size. An owner stands in one word or in two.
    function _ownerIn(Batch storage batch, uint256 index) private view returns (address) {
        uint256 start = 2 + 20 * index;
        uint256 offset = start % 32;
        uint256 high = batch.words[start / 32] << (8 * offset);
        if (offset > 12) high |= batch.words[start / 32 + 1] >> (8 * (32 - offset));
        // cuts the owner out
        // forge-lint: disable-next-line(unsafe-typecast)
        return address(uint160(high >> 96));
    }
}
