// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @notice A plain soulbound ERC-721 on OpenZeppelin's, one slot per token and owner: what the
/// collections are held to.
contract ReferenceToken is ERC721("University of Somewhere", "UOS") {
    uint256 public totalSupply;

    error Soulbound();

    function mint(address to, uint256 id) external {
        _mint(to, id);
        ++totalSupply;
    }

    function burn(uint256 id) external {
        if (ownerOf(id) != msg.sender) revert Soulbound();
        _burn(id);
        --totalSupply;
    }

    function approve(address, uint256) public pure override {
        revert Soulbound();
    }

    function setApprovalForAll(address, bool) public pure override {
        revert Soulbound();
    }

    function transferFrom(address, address, uint256) public pure override {
        revert Soulbound();
    }
}
