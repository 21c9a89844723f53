// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {VmSafe} from "forge-std/Vm.sol";

import {Base} from "./Base.sol";
import {InclusionProof} from "src/InclusionProof.sol";

/// @notice The inclusion vectors in `tests/vectors/merkle`, which the Rust verifier reads too.
contract InclusionVectorsTest is Base {
    string internal constant FOLDER = "../tests/vectors/merkle";

    struct Vector {
        uint256 index;
        uint256 size;
        bytes root;
        bytes leaf;
        bytes[] path;
        bool wrong;
    }

    /// @dev External, so that the path is calldata as in the registry.
    function verify(Vector calldata v, bytes32[] calldata path) external view returns (bool) {
        return InclusionProof.verify(bytes32(v.leaf), v.index, v.size, bytes32(v.root), path);
    }

    function test_inclusion_vectors() external view {
        uint256 right = 0;
        uint256 wrong = 0;
        uint256 untyped = 0;
        VmSafe.DirEntry[] memory files = vm.readDir(FOLDER);
        for (uint256 i = 0; i < files.length; ++i) {
            if (!_contains(files[i].path, "/inclusion_")) continue;
            Vector memory v = _read(files[i].path);
            if (v.wrong) ++wrong;
            else ++right;
            // A root or leaf of another length is no bytes32: a caller cannot even express it.
            // A path's component that is none is padded here, so that its count decides.
            if (v.root.length != 32 || v.leaf.length != 32) {
                assertTrue(v.wrong, files[i].path);
                ++untyped;
                continue;
            }
            bytes32[] memory path = new bytes32[](v.path.length);
            for (uint256 j = 0; j < path.length; ++j) {
                path[j] = bytes32(v.path[j]);
            }
            assertEq(this.verify(v, path), !v.wrong, files[i].path);
        }
        assertEq(right, 4);
        assertEq(wrong, 53);
        assertEq(untyped, 11);
    }

    function _read(string memory file) internal view returns (Vector memory v) {
        string memory json = vm.readFile(file);
        v.index = vm.parseJsonUint(json, ".leafIdx");
        v.size = vm.parseJsonUint(json, ".treeSize");
        v.root = _base64(vm.parseJsonString(json, ".root"));
        v.leaf = _base64(vm.parseJsonString(json, ".leafHash"));
        v.wrong = vm.parseJsonBool(json, ".wantErr");
        if (_contains(json, "\"proof\": null")) return v;
        string[] memory path = vm.parseJsonStringArray(json, ".proof");
        v.path = new bytes[](path.length);
        for (uint256 i = 0; i < path.length; ++i) {
            v.path[i] = _base64(path[i]);
        }
    }

    function _contains(string memory text, string memory part) internal pure returns (bool) {
        return vm.indexOf(text, part) != type(uint256).max;
    }

    /// @dev RFC 4648 section 4, with padding; the vectors hold nothing else.
    function _base64(string memory text) internal pure returns (bytes memory decoded) {
        bytes memory input = bytes(text);
        require(input.length % 4 == 0, "base64 comes in fours");
        uint256 bits = 0;
        for (uint256 i = 0; i < input.length && input[i] != "="; ++i) {
            bits = (bits << 6) | _sextet(input[i]);
            if (i % 4 != 0) {
                uint256 spare = 6 - 2 * (i % 4);
                decoded = bytes.concat(decoded, bytes1(uint8(bits >> spare)));
                bits &= (1 << spare) - 1;
            }
        }
    }

    function _sextet(bytes1 c) internal pure returns (uint256) {
        if (c >= "A" && c <= "Z") return uint8(c) - 65;
        if (c >= "a" && c <= "z") return uint8(c) - 71;
        if (c >= "0" && c <= "9") return uint8(c) + 4;
        if (c == "+") return 62;
        require(c == "/", "not base64");
        return 63;
    }
}
