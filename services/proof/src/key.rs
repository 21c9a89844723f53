//! Ed25519 public keys and signatures as documents carry them.

use std::fmt;
use std::str::FromStr;

use crate::Hash;
use crate::text_form::text_form;

/// A text that is no [`PublicKey`] or [`Signature`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected exactly {0} lower-case hexadecimal digits")]
pub struct KeyTextError(usize);

/// An Ed25519 public key (RFC 8032): 32 bytes, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey(pub [u8; 32]);

/// An Ed25519 signature (RFC 8032): 64 bytes, written as 128 lower-case hexadecimal digits. Not
/// base64url, whose last character has several spellings.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature(pub [u8; 64]);

impl PublicKey {
    /// SHA-256 of the key: its name in receipts and trust files.
    #[must_use]
    pub fn id(&self) -> Hash {
        Hash::of(&[&self.0])
    }
}

fn read_lower<const N: usize>(text: &str) -> Result<[u8; N], KeyTextError> {
    let mut bytes = [0; N];
    let lower = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    match hex::decode_to_slice(text, &mut bytes) {
        Ok(()) if lower => Ok(bytes),
        _ => Err(KeyTextError(2 * N)),
    }
}

impl FromStr for PublicKey {
    type Err = KeyTextError;

    fn from_str(text: &str) -> Result<Self, KeyTextError> {
        read_lower(text).map(Self)
    }
}

impl FromStr for Signature {
    type Err = KeyTextError;

    fn from_str(text: &str) -> Result<Self, KeyTextError> {
        read_lower(text).map(Self)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

text_form!(PublicKey);

text_form!(Signature);
