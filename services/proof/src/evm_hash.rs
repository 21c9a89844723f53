//! Transaction and block hashes.

use std::fmt;
use std::str::FromStr;

use crate::Hash;
use crate::text_form::text_form;

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

text_form!(EvmHash);
