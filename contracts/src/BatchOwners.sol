// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @title Where a collection keeps the owners of its batches
/// @notice Everything that depends on how a chain stores and prices state stands behind this
/// contract. What is kept never changes.
abstract contract BatchOwners {
    /// @dev Keeps the batch with this `number`, counted from 1, each once and in order.
    /// @param record `0x00 ‖ commitment ‖ owners`, 20 bytes an owner, ascending. It is used up, and
    /// must be the last that was allocated in memory
    function _store(uint256 number, bytes memory record) internal virtual;

    /// @dev The owner of the leaf at `index` of an existing batch, zero where it has no such leaf.
    function _ownerAt(uint256 number, uint256 index) internal view virtual returns (address);

    /// @dev The leaves of `account` in an existing batch: `count` neighbours from `first` on.
    function _find(uint256 number, address account)
        internal
        view
        virtual
        returns (uint256 first, uint256 count);

    /// @dev Commitment and number of owners of an existing batch.
    function _batch(uint256 number) internal view virtual returns (bytes32 commitment, uint256 size);

    /// @dev keccak256 of the `record` of an existing batch.
    function _recordHash(uint256 number) internal view virtual returns (bytes32);
}
