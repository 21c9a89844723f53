// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {
    ERC721URIStorage
} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721URIStorage.sol";
import {ERC721 as OpenZeppelin} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {ERC721A} from "erc721a/contracts/ERC721A.sol";
import {ERC721 as Solady} from "solady/src/tokens/ERC721.sol";
import {ERC721 as Solmate} from "solmate/src/tokens/ERC721.sol";

/// @notice What `tools/gas-table` measures beside `BadgeToken`: soulbound collections as one would
/// write them on each library, minting a batch in one transaction by one minter. They anchor
/// nothing and send no `Locked`.
abstract contract Peer {
    address private immutable minter = msg.sender;

    error NotMinter();
    error Soulbound();

    /// @notice Token `firstId + i` to `owners[i]`; libraries that count ids themselves ignore it.
    function mint(uint256 firstId, address[] calldata owners) external {
        if (msg.sender != minter) revert NotMinter();
        for (uint256 i = 0; i < owners.length; ++i) {
            _mintOne(owners[i], firstId + i);
        }
    }

    function _mintOne(address to, uint256 id) internal virtual;
}

/// @notice The usual one: ids are counted, each token has a URI of its own.
contract OpenZeppelinURIStorage is Peer, ERC721URIStorage {
    uint256 private _next = 1;

    constructor() OpenZeppelin("Badges", "B") {}

    function _mintOne(address to, uint256) internal override {
        uint256 id = _next++;
        _mint(to, id);
        // a CID of version 1, as pinning services give it
        _setTokenURI(id, "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi");
    }

    function transferFrom(address, address, uint256) public pure override(IERC721, OpenZeppelin) {
        revert Soulbound();
    }
}

/// @notice Ids as in `BadgeToken`, nothing else kept.
contract OpenZeppelinLeaf is Peer, OpenZeppelin("Badges", "B") {
    function _mintOne(address to, uint256 id) internal override {
        _mint(to, id);
    }

    function transferFrom(address, address, uint256) public pure override {
        revert Soulbound();
    }
}

contract ERC721ABadges is Peer, ERC721A("Badges", "B") {
    function _mintOne(address to, uint256) internal override {
        _mint(to, 1);
    }

    function transferFrom(address, address, uint256) public payable override {
        revert Soulbound();
    }
}

contract SoladyBadges is Peer, Solady {
    function _mintOne(address to, uint256 id) internal override {
        _mint(to, id);
    }

    function transferFrom(address, address, uint256) public payable override {
        revert Soulbound();
    }

    function name() public pure override returns (string memory) {
        return "Badges";
    }

    function symbol() public pure override returns (string memory) {
        return "B";
    }

    function tokenURI(uint256) public pure override returns (string memory) {
        return "";
    }
}

contract SolmateBadges is Peer, Solmate("Badges", "B") {
    function _mintOne(address to, uint256 id) internal override {
        _mint(to, id);
    }

    function transferFrom(address, address, uint256) public pure override {
        revert Soulbound();
    }

    function tokenURI(uint256) public pure override returns (string memory) {
        return "";
    }
}
