// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IBadgeToken} from "./IBadgeToken.sol";

/// @title The events of a mint
library MintLog {
    /// @dev keccak256 of "Transfer(address,address,uint256)"; assembly takes literals only.
    uint256 private constant TRANSFER =
        0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef;
    /// @dev keccak256 of "Locked(uint256)".
    uint256 private constant LOCKED =
        0x032bc66be43dbccb7487781d168eb7bda224628a3b2c3388bdf69b532a3a1611;

    /// @notice Checks the owners and sends `Transfer` and `Locked` for each. Every gas counts a
    /// thousand times here: one loop does both, and there are two of it.
    function announce(bytes32 commitment, bytes calldata owners, bool locks) internal {
        bool descends;
        // where they ascend, only the first can be zero
        // forge-lint: disable-next-line(unsafe-typecast)
        if (bytes20(owners) == 0) revert IBadgeToken.ZeroOwner();
        assembly ("memory-safe") {
            let last := 0
            let id := shl(32, shr(32, commitment))
            let next := owners.offset
            let end := add(next, owners.length)
            switch locks
            case 1 {
                for {} lt(next, end) { next := add(next, 20) } {
                    let account := shr(96, calldataload(next))
                    descends := or(descends, lt(account, last))
                    last := account
                    log4(0x00, 0x00, TRANSFER, 0, account, id)
                    mstore(0x00, id)
                    log1(0x00, 0x20, LOCKED)
                    id := add(id, 1)
                }
            }
            default {
                for {} lt(next, end) { next := add(next, 20) } {
                    let account := shr(96, calldataload(next))
                    descends := or(descends, lt(account, last))
                    last := account
                    log4(0x00, 0x00, TRANSFER, 0, account, id)
                    id := add(id, 1)
                }
            }
        }
        if (descends) revert IBadgeToken.OwnersNotAscending();
    }
}
