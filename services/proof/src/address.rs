//! An EVM account or contract address, as documents carry it.

use std::fmt;
use std::str::FromStr;

use crate::text_form::text_form;

/// 20 bytes, read as `0x` and 40 hexadecimal digits of either case (a mixed-case checksum by
/// EIP-55 is not judged here), written in lower case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Address(pub [u8; 20]);

/// A text that is no [`Address`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 0x and 40 hexadecimal digits")]
pub struct AddressError;

impl Address {
    /// From a slice of exactly 20 bytes.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let mut bytes = [0; 20];
        let digits = text.strip_prefix("0x").ok_or(AddressError)?;
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| AddressError)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

text_form!(Address);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_either_case_and_writes_lower() {
        let text = "0xAbcdef0000000000000000000000000000000001";
        assert_eq!(text.parse::<Address>().unwrap().to_string(), text.to_lowercase());
        for wrong in ["", "0x", "abcdef0000000000000000000000000000000001", "0x0g"] {
            assert_eq!(wrong.parse::<Address>(), Err(AddressError), "{wrong}");
        }
    }
}
