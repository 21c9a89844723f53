//! Transaction and block hashes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Hash;

/// A Keccak-256 value of a chain, written as `0x` and 64 lower-case hexadecimal digits; the prefix
/// tells it from a [`Hash`](struct@Hash) of ours.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EvmHash(pub [u8; 32]);

/// A text that is no [`EvmHash`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 0x and 64 lower-case hexadecimal digits")]
pub struct EvmHashError;

impl FromStr for EvmHash {
    type Err = EvmHashError;

    fn from_str(text: &str) -> Result<Self, EvmHashError> {
        let digits = text.strip_prefix("0x").ok_or(EvmHashError)?;
        digits.parse().map(|Hash(bytes)| Self(bytes)).map_err(|_| EvmHashError)
    }
}

impl fmt::Display for EvmHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

impl fmt::Debug for EvmHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for EvmHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EvmHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
