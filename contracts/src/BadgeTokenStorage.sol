// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {BadgeCollection} from "./BadgeCollection.sol";
import {OwnersInStorage} from "./OwnersInStorage.sol";

/// @title A collection of soulbound badge tokens, owners kept in storage
/// @notice See `IBadgeToken`: the same functions, events and ids as `BadgeToken` at more than twice
/// the gas, for chains where code cannot carry data.
contract BadgeTokenStorage is BadgeCollection, OwnersInStorage {
    /// @param setup see `IBadgeToken.Setup`
    constructor(Setup memory setup) BadgeCollection(setup) {}
}
