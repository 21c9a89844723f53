// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {TokenBase, WithCode, WithStorage} from "./TokenBase.sol";
import {IBadgeToken} from "src/IBadgeToken.sol";
import {TokenMetadata} from "src/TokenMetadata.sol";

abstract contract TokenMetadataTest is TokenBase {
    Batch internal batch;

    function setUp() public virtual override {
        super.setUp();
        batch = _batch("metadata", _wallets("metadata", 12));
        _mint(batch);
    }

    function test_metadata_at_the_base_uri() external view {
        assertEq(token.name(), "University of Somewhere");
        assertEq(token.symbol(), "UOS");
        string memory base = "https://badges.example/v1/tokens/1/0x00/";
        assertEq(token.baseURI(), base);
        uint256 id = _id(batch, 11);
        assertEq(token.tokenURI(id), string.concat(base, vm.toString(id)));
        assertEq(token.contractURI(), string.concat(base, "contract"));
    }

    function test_the_base_uri_moves_until_it_is_frozen() external {
        vm.startPrank(owner);
        vm.expectEmit(address(token));
        emit IBadgeToken.BaseURIChanged("ipfs://x/");
        vm.expectEmit(address(token));
        emit IBadgeToken.BatchMetadataUpdate(0, type(uint256).max);
        vm.expectEmit(address(token));
        emit IBadgeToken.ContractURIUpdated();
        token.setBaseURI("ipfs://x/");
        assertEq(token.contractURI(), "ipfs://x/contract");
        assertFalse(token.baseURIFrozen());

        vm.expectEmit(address(token));
        emit IBadgeToken.BaseURIFrozen();
        token.freezeBaseURI();
        vm.recordLogs();
        token.freezeBaseURI();
        assertEq(vm.getRecordedLogs().length, 0);
        assertTrue(token.baseURIFrozen());
        vm.expectRevert(IBadgeToken.BaseURIIsFrozen.selector);
        token.setBaseURI("ipfs://y/");
        assertEq(token.contractURI(), "ipfs://x/contract");
    }

    /// @dev The documents as a reader sees them, decoded with another library's decoder.
    function test_metadata_on_chain() external {
        vm.prank(owner);
        token.setBaseURI("");
        string memory expected = string.concat(
            '{"name":"University of Somewhere #11","description":"Soulbound badge token, valid.",',
            '"attributes":[{"trait_type":"State","value":"valid"},{"trait_type":"Batch","value":"',
            vm.toString(batch.commitment),
            '"},{"trait_type":"Leaf","value":"11"}]}'
        );
        assertEq(token.tokenURI(_id(batch, 11)), _dataUri(expected));
        vm.parseJson(expected); // is JSON

        vm.prank(revoker);
        registry.revoke(batch.commitment, _one(11), 1);
        expected = vm.replace(expected, "valid", "revoked");
        assertEq(token.tokenURI(_id(batch, 11)), _dataUri(expected));

        assertEq(
            token.contractURI(),
            _dataUri(
                '{"name":"University of Somewhere","symbol":"UOS","description":"Soulbound badge tokens, one per anchored badge."}'
            )
        );
    }

    function test_what_was_revoked_is_announced() external {
        vm.prank(revoker);
        registry.revoke(batch.commitment, _one(3), 1);
        vm.expectEmit(address(token));
        emit IBadgeToken.MetadataUpdate(_id(batch, 3));
        vm.prank(minter);
        token.announceMetadata(_ids(batch, 3));
        vm.expectEmit(address(token));
        emit IBadgeToken.MetadataUpdate(_id(batch, 3));
        vm.prank(owner);
        token.announceMetadata(_ids(batch, 3));

        uint256[] memory unknown = _ids(batch, 12);
        vm.expectRevert(abi.encodeWithSelector(IBadgeToken.UnknownToken.selector, unknown[0]));
        vm.prank(minter);
        token.announceMetadata(unknown);
    }

    function testFuzz_only_minters_and_the_owner_announce(address by) external {
        vm.assume(by != minter && by != owner);
        uint256[] memory ids = _ids(batch, 3);
        vm.expectRevert(abi.encodeWithSelector(IBadgeToken.NotMinterNorOwner.selector, by));
        vm.prank(by);
        token.announceMetadata(ids);
    }

    function _dataUri(string memory json) internal pure returns (string memory) {
        return string.concat("data:application/json;base64,", vm.toBase64(json));
    }
}

contract TokenMetadataAsCodeTest is TokenMetadataTest, WithCode {
    function setUp() public override(TokenMetadataTest, TokenBase) {
        super.setUp();
    }

    function testFuzz_base64(bytes calldata raw) external pure {
        assertEq(TokenMetadata.base64(raw), vm.toBase64(raw));
    }

    function testFuzz_decimal(uint256 value) external pure {
        assertEq(TokenMetadata.decimal(value), vm.toString(value));
    }

    /// @dev RFC 8259 section 7, as bytes.
    function testFuzz_printable(bytes1 character) external pure {
        bool plain = character >= 0x20 && character != 0x22 && character != 0x5c;
        assertEq(TokenMetadata.isPrintable(string(abi.encodePacked("a", character))), plain);
    }
}

contract TokenMetadataInStorageTest is TokenMetadataTest, WithStorage {
    function setUp() public override(TokenMetadataTest, TokenBase) {
        super.setUp();
    }
}
