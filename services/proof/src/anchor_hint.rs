//! Where a commitment is said to be anchored.

use serde::{Deserialize, Deserializer, Serialize};

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
    /// The token minted for the badge.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenHint>,
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
            token: None,
        }
    }
}

/// A token (ERC-721) said to be minted for the badge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenHint {
    /// The collection.
    #[serde(deserialize_with = "lower_address")]
    pub contract: Address,
    /// The token's id, an unsigned 256-bit number in decimal without leading zeros.
    #[serde(deserialize_with = "decimal")]
    pub id: String,
    /// Who holds it.
    #[serde(deserialize_with = "lower_address")]
    pub owner: Address,
}

/// Digits of 2^256 − 1.
const MAX_DECIMALS: usize = 78;

fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits && text.len() <= MAX_DECIMALS && (text == "0" || !text.starts_with('0')) {
        Ok(text)
    } else {
        Err(serde::de::Error::custom("expected a decimal number without leading zeros"))
    }
}
