// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @title The minimal JSON documents of tokens and collections without a base URI
/// @notice Only read, never part of a transaction: written to be short, not to be cheap.
library TokenMetadata {
    bytes private constant BASE64 =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes private constant HEX = "0123456789abcdef";

    /// @notice A `data:` URI for one token.
    /// @param name as `isPrintable` allows it
    function ofToken(string memory name, bytes32 commitment, uint256 index, bool revoked)
        internal
        pure
        returns (string memory)
    {
        string memory state = revoked ? "revoked" : "valid";
        return dataUri(
            string.concat(
                string.concat('{"name":"', name, " #", decimal(index)),
                string.concat('","description":"Soulbound badge token, ', state),
                '.","attributes":[{"trait_type":"State","value":"',
                state,
                '"},{"trait_type":"Batch","value":"',
                hexadecimal(commitment),
                '"},{"trait_type":"Leaf","value":"',
                decimal(index),
                '"}]}'
            )
        );
    }

    /// @notice A `data:` URI for the collection.
    /// @param name as `isPrintable` allows it
    /// @param symbol as `isPrintable` allows it
    function ofCollection(string memory name, string memory symbol)
        internal
        pure
        returns (string memory)
    {
        return dataUri(
            string.concat(
                '{"name":"',
                name,
                '","symbol":"',
                symbol,
                '","description":"Soulbound badge tokens, one per anchored badge."}'
            )
        );
    }

    /// @notice Whether `text` can stand in a JSON string as it is (RFC 8259 section 7).
    function isPrintable(string memory text) internal pure returns (bool) {
        bytes memory raw = bytes(text);
        for (uint256 i = 0; i < raw.length; ++i) {
            if (raw[i] < 0x20 || raw[i] == '"' || raw[i] == "\\") return false;
        }
        return true;
    }

    function decimal(uint256 value) internal pure returns (string memory) {
        uint256 digits = 1;
        for (uint256 rest = value / 10; rest != 0; rest /= 10) {
            ++digits;
        }
        bytes memory text = new bytes(digits);
        for (uint256 i = digits; i > 0; --i) {
            // forge-lint: disable-next-line(unsafe-typecast)
            text[i - 1] = bytes1(uint8(48 + value % 10));
            value /= 10;
        }
        return string(text);
    }

    function hexadecimal(bytes32 value) private pure returns (string memory) {
        bytes memory text = new bytes(66);
        (text[0], text[1]) = ("0", "x");
        for (uint256 i = 0; i < 32; ++i) {
            text[2 + 2 * i] = HEX[uint8(value[i]) >> 4];
            text[3 + 2 * i] = HEX[uint8(value[i]) & 0x0f];
        }
        return string(text);
    }

    function dataUri(string memory json) private pure returns (string memory) {
        return string.concat("data:application/json;base64,", base64(bytes(json)));
    }

    /// @dev RFC 4648 section 4, with padding.
    function base64(bytes memory raw) internal pure returns (string memory) {
        bytes memory text = new bytes(4 * ((raw.length + 2) / 3));
        for (uint256 i = 0; i < text.length; ++i) {
            uint256 bit = 6 * i;
            uint256 byteIndex = bit / 8;
            if (byteIndex >= raw.length) {
                text[i] = "=";
            } else {
                uint256 pair = uint256(uint8(raw[byteIndex])) << 8;
                if (byteIndex + 1 < raw.length) pair |= uint8(raw[byteIndex + 1]);
                text[i] = BASE64[(pair >> (10 - bit % 8)) & 0x3f];
            }
        }
        return string(text);
    }
}
