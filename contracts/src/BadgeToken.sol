// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {BadgeCollection} from "./BadgeCollection.sol";
import {OwnersAsCode} from "./OwnersAsCode.sol";

/// @title A collection of soulbound badge tokens, owners kept as code
/// @notice See `IBadgeToken`. The constructor reverts on chains where code cannot carry data.
contract BadgeToken is BadgeCollection, OwnersAsCode {
    /// @param setup see `IBadgeToken.Setup`
    constructor(Setup memory setup) BadgeCollection(setup) {}
}
