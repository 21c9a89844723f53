//! A SHA-256 value: digest, salt, leaf, node, root or commitment.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::text_form::text_form;

/// 32 bytes, written as exactly 64 lower-case hexadecimal digits without a prefix.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash(pub [u8; 32]);

/// Why a text is no [`Hash`](struct@Hash).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HexError {
    /// Not 64 characters.
    #[error("expected 64 hexadecimal digits, found {0} characters")]
    Length(usize),
    /// A character other than `0-9a-f`, at this offset.
    #[error("expected a lower-case hexadecimal digit at offset {0}")]
    Digit(usize),
}

impl Hash {
    /// 32 zero bytes: "none" where a format has a place for a second root.
    pub const ZERO: Self = Self([0; 32]);

    /// SHA-256 over the concatenation of `parts`.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut sha = Sha256::new();
        for part in parts {
            sha.update(part);
        }
        Self(sha.finalize().into())
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// From a slice of exactly 32 bytes.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl FromStr for Hash {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        if let Some(offset) = text.bytes().position(|b| !matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(HexError::Digit(offset));
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| HexError::Length(text.len()))?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

text_form!(Hash);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_strict() {
        let text = "00".repeat(31) + "ff";
        assert_eq!(text.parse::<Hash>().unwrap().to_string(), text);
        assert_eq!("ab".parse::<Hash>(), Err(HexError::Length(2)));
        assert_eq!("FF".repeat(32).parse::<Hash>(), Err(HexError::Digit(0)));
        assert_eq!(("00".repeat(31) + "0g").parse::<Hash>(), Err(HexError::Digit(63)));
    }

    #[test]
    fn hash_of_nothing_is_the_published_value() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Hash::of(&[]).to_string(), empty);
    }
}
