// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IBadgeToken} from "./IBadgeToken.sol";

/// @title Who may do what in a collection
/// @dev The last slot is left with room, so that a mint finds `paused` in the word it writes anyway.
abstract contract CollectionRoles is IBadgeToken {
    /// @inheritdoc IBadgeToken
    address public owner;
    /// @inheritdoc IBadgeToken
    address public pendingOwner;
    /// @inheritdoc IBadgeToken
    mapping(address account => bool) public isMinter;
    /// @inheritdoc IBadgeToken
    address public guardian;
    /// @inheritdoc IBadgeToken
    bool public paused;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    /// @dev All roles at once, so that the deployer's key is left without power.
    constructor(address firstOwner, address firstGuardian, address[] memory firstMinters) {
        if (firstOwner == address(0)) revert ZeroAddress();
        _setOwner(firstOwner);
        _setGuardian(firstGuardian);
        for (uint256 i = 0; i < firstMinters.length; ++i) {
            _addMinter(firstMinters[i]);
        }
    }

    /// @inheritdoc IBadgeToken
    function addMinter(address minter) external onlyOwner {
        _addMinter(minter);
    }

    /// @inheritdoc IBadgeToken
    function removeMinter(address minter) external onlyOwner {
        if (!isMinter[minter]) return;
        isMinter[minter] = false;
        emit MinterRemoved(minter);
    }

    /// @inheritdoc IBadgeToken
    function setGuardian(address newGuardian) external onlyOwner {
        _setGuardian(newGuardian);
    }

    /// @inheritdoc IBadgeToken
    function pause() external {
        if (msg.sender != guardian && msg.sender != owner) revert NotGuardian(msg.sender);
        if (paused) return;
        paused = true;
        emit Paused(msg.sender);
    }

    /// @inheritdoc IBadgeToken
    function unpause() external onlyOwner {
        if (!paused) return;
        paused = false;
        emit Unpaused();
    }

    /// @inheritdoc IBadgeToken
    function transferOwnership(address newOwner) external onlyOwner {
        pendingOwner = newOwner;
        emit OwnershipTransferStarted(owner, newOwner);
    }

    /// @inheritdoc IBadgeToken
    function acceptOwnership() external {
        if (msg.sender != pendingOwner) revert NotPendingOwner(msg.sender);
        delete pendingOwner;
        _setOwner(msg.sender);
    }

    /// @inheritdoc IBadgeToken
    function renounceOwnership() external pure {
        revert OwnershipNotRenounceable();
    }

    function _addMinter(address minter) private {
        if (minter == address(0)) revert ZeroAddress();
        if (isMinter[minter]) return;
        isMinter[minter] = true;
        emit MinterAdded(minter);
    }

    function _setGuardian(address newGuardian) private {
        guardian = newGuardian;
        emit GuardianChanged(newGuardian);
    }

    function _setOwner(address newOwner) private {
        emit OwnershipTransferred(owner, newOwner);
        owner = newOwner;
    }
}
