//! Badge tokens: how id and owners follow from a mint batch, as `BadgeToken` has them.

use std::fmt;
use std::str::FromStr;

use ruint::aliases::U256;
use sha3::{Digest as _, Keccak256};

use crate::text_form::text_form;
use crate::{Address, EvmHash, Hash};

/// An ERC-721 token id: the commitment with its low 32 bits replaced by the leaf index, so that an
/// inclusion proof ties the token to its badge. In text an unsigned 256-bit number in decimal
/// without leading zeros.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(pub [u8; 32]);

/// A text that is no [`TokenId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a decimal number below 2^256 without leading zeros")]
pub struct TokenIdError;

impl TokenId {
    /// The token of a leaf.
    #[must_use]
    pub fn of(commitment: Hash, index: u32) -> Self {
        let mut id = commitment.0;
        id[28..].copy_from_slice(&index.to_be_bytes());
        Self(id)
    }

    /// The leaf index in its low 32 bits.
    #[must_use]
    pub const fn index(&self) -> u32 {
        let [.., a, b, c, d] = self.0;
        u32::from_be_bytes([a, b, c, d])
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        U256::from_be_bytes(self.0).fmt(f)
    }
}

impl FromStr for TokenId {
    type Err = TokenIdError;

    fn from_str(text: &str) -> Result<Self, TokenIdError> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || (text.len() > 1 && text.starts_with('0')) {
            return Err(TokenIdError);
        }
        let number = U256::from_str_radix(text, 10).map_err(|_| TokenIdError)?;
        Ok(Self(number.to_be_bytes()))
    }
}

text_form!(TokenId);

/// `keccak256(00 ‖ commitment ‖ owners)`, each owner 20 bytes in the order of the leaves: the hash
/// of the code in which a collection keeps a batch's owners.
#[must_use]
pub fn owners_hash(commitment: Hash, owners: &[Address]) -> EvmHash {
    let mut keccak = Keccak256::new_with_prefix([0]);
    keccak.update(commitment.0);
    for owner in owners {
        keccak.update(owner.0);
    }
    EvmHash(keccak.finalize().into())
}

/// Why a text names no owner of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OwnerError {
    /// Not an address at all.
    #[error("expected 0x and 40 hexadecimal digits")]
    Form,
    /// Mixed case that is not its EIP-55 checksum: a digit was probably mistyped.
    #[error("the upper and lower case letters are not the address's EIP-55 checksum")]
    Checksum,
    /// Nobody's address; a token given to it would be lost.
    #[error("the zero address owns nothing")]
    Zero,
}

/// Reads the address of an owner as people give it: of one case, or of mixed case with the right
/// checksum (EIP-55).
///
/// # Errors
/// Each [`OwnerError`].
pub fn read_owner(text: &str) -> Result<Address, OwnerError> {
    let address: Address = text.parse().map_err(|_| OwnerError::Form)?;
    if address == Address::default() {
        return Err(OwnerError::Zero);
    }
    let digits = text.trim_start_matches("0x");
    let mixed = digits.bytes().any(|byte| byte.is_ascii_lowercase())
        && digits.bytes().any(|byte| byte.is_ascii_uppercase());
    if mixed && text != checksummed(&address) {
        return Err(OwnerError::Checksum);
    }
    Ok(address)
}

/// The address with the case of its letters as checksum (EIP-55), as wallets show it.
#[must_use]
pub fn checksummed(address: &Address) -> String {
    let digits = hex::encode(address.0);
    let hash = Keccak256::digest(&digits);
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let cased = digits.chars().zip(nibbles).map(|(digit, nibble)| match nibble {
        0..=7 => digit,
        _ => digit.to_ascii_uppercase(),
    });
    "0x".chars().chain(cased).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_commitment_and_index() {
        let id = TokenId::of(Hash([0xab; 32]), 7);
        assert_eq!((id.0[27], &id.0[28..], id.index()), (0xab, &[0, 0, 0, 7][..], 7));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(TokenId::of(Hash::ZERO, 12).to_string(), "12");
        assert_eq!("0".parse(), Ok(TokenId([0; 32])));
        let above = format!("{}0", TokenId([0xff; 32]));
        for wrong in ["", "01", "-1", "0x1", "1_0", " 1", above.as_str()] {
            assert_eq!(wrong.parse::<TokenId>(), Err(TokenIdError), "{wrong}");
        }
    }

    #[test]
    fn owners_are_read_as_eip_55_says() {
        // the EIP's own test cases
        for text in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ] {
            let address = read_owner(text).unwrap();
            assert_eq!(checksummed(&address), text);
            assert_eq!(read_owner(&text.to_lowercase()), Ok(address));
            let swapped = text.replacen('a', "A", 1);
            let wrong = if swapped == text { text.replacen('b', "B", 1) } else { swapped };
            assert_eq!(read_owner(&wrong), Err(OwnerError::Checksum), "{wrong}");
        }
        assert_eq!(read_owner(&Address::default().to_string()), Err(OwnerError::Zero));
        assert_eq!(read_owner("0x12"), Err(OwnerError::Form));
    }
}
