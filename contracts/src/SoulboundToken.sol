// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IBadgeToken} from "./IBadgeToken.sol";

/// @title The part of ERC-721 that a token which never moves refuses
abstract contract SoulboundToken is IBadgeToken {
    /// @inheritdoc IBadgeToken
    function isApprovedForAll(address, address) external pure returns (bool) {
        return false;
    }

    /// @inheritdoc IBadgeToken
    function approve(address, uint256) external pure {
        revert Soulbound();
    }

    /// @inheritdoc IBadgeToken
    function setApprovalForAll(address, bool) external pure {
        revert Soulbound();
    }

    /// @inheritdoc IBadgeToken
    function transferFrom(address, address, uint256) external pure {
        revert Soulbound();
    }

    /// @inheritdoc IBadgeToken
    function safeTransferFrom(address, address, uint256) external pure {
        revert Soulbound();
    }

    /// @inheritdoc IBadgeToken
    function safeTransferFrom(address, address, uint256, bytes calldata) external pure {
        revert Soulbound();
    }

    /// @inheritdoc IBadgeToken
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == 0x01ffc9a7 // ERC-165
            || interfaceId == 0x80ac58cd // ERC-721
            || interfaceId == 0x5b5e139f // its metadata
            || interfaceId == 0xb45a3c0e // ERC-5192
            || interfaceId == 0x49064906; // ERC-4906
    }
}
