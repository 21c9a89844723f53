//! Where a commitment is said to be anchored.

use serde::{Deserialize, Serialize};

use crate::spelling::{lower_address, present, present_integer, safe_integer};
use crate::{Address, EvmHash, Timestamp};

/// `chain_id` and `registry` select an entry of the trust file. Everything else is a hint: well
/// formed, but never believed. Members that this version does not know are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnchorHint {
    /// The chain (EIP-155), at most [`crate::MAX_SAFE_INTEGER`].
    #[serde(with = "safe_integer")]
    pub chain_id: u64,
    /// The registry on it.
    #[serde(deserialize_with = "lower_address")]
    pub registry: Address,
    /// The transaction that anchored.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub transaction: Option<EvmHash>,
    /// Its block's number.
    #[serde(
        default,
        deserialize_with = "present_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub block_number: Option<u64>,
    /// Its block's hash.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub block_hash: Option<EvmHash>,
    /// Its block's time.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub block_time: Option<Timestamp>,
}

impl AnchorHint {
    /// A selection without hints.
    #[must_use]
    pub const fn new(chain_id: u64, registry: Address) -> Self {
        Self {
            chain_id,
            registry,
            transaction: None,
            block_number: None,
            block_hash: None,
            block_time: None,
        }
    }
}
