//! A promise under the service's signature, and its verification.

use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

use crate::inclusion::{InclusionError, inclusion_root};
use crate::promise::{Promise, PromiseError};
use crate::spelling::{at_most, safe_integer};
use crate::strict_json::{self, DocumentError};
use crate::trust_entry::ReceiptKeyEntry;
use crate::{Hash, MAX_PATH_LEN, Signature};

/// What every signed text begins with, so that the key's signatures mean nothing elsewhere.
pub const RECEIPT_CONTEXT: &[u8] = b"ingam-receipts-v1\n";
/// Largest receipt file, in bytes.
pub const MAX_RECEIPT_BYTES: usize = 64 * 1024;

/// The promise, to be kept by whoever posted the badge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// What is promised.
    pub promise: Promise,
    /// Where the signed tree has it.
    pub proof: ReceiptProof,
}

/// The signature over a tree of promises, and the promise's place in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptProof {
    /// [`crate::PublicKey::id`] of the signing key.
    pub key_id: Hash,
    /// The promise's place, from 0.
    #[serde(with = "safe_integer")]
    pub index: u64,
    /// Promises under the signature; 1 for a single submission.
    #[serde(with = "safe_integer")]
    pub size: u64,
    /// Siblings from the leaf's upwards; empty for size 1.
    #[serde(deserialize_with = "at_most::<MAX_PATH_LEN, _, _>")]
    pub path: Vec<Hash>,
    /// Ed25519 over [`signed_text`].
    pub signature: Signature,
}

/// Why a receipt is not the service's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The trust file names another service.
    #[error("the receipt is of another service than the trust file's")]
    UnknownService,
    /// The trust file does not list the promised registry.
    #[error("the receipt promises a registry that the trust file does not list")]
    UnknownRegistry,
    /// The key given is another, or the trust file has none of this id.
    #[error("the receipt's key is not trusted")]
    UnknownKey,
    /// The promise contradicts itself.
    #[error(transparent)]
    Promise(#[from] PromiseError),
    /// The path does not fit index and size.
    #[error(transparent)]
    Inclusion(#[from] InclusionError),
    /// The signature does not hold for the tree that the path leads to.
    #[error("the receipt's signature is wrong")]
    Signature,
    /// Received after the key had been retired or revoked.
    #[error("the receipt's key was no longer valid when the badge was received")]
    KeyExpired,
}

impl Receipt {
    /// Reads a receipt that stands alone.
    ///
    /// # Errors
    /// [`DocumentError`], for all that [`crate::ProofDocument::parse`] refuses too.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        strict_json::read(bytes, MAX_RECEIPT_BYTES)
    }
}

/// `ingam-receipts-v1\n ‖ size (8 bytes, big-endian) ‖ root`.
#[must_use]
pub fn signed_text(size: u64, root: Hash) -> Vec<u8> {
    [RECEIPT_CONTEXT, &size.to_be_bytes(), root.as_bytes()].concat()
}

/// Checks a receipt against one trusted key: the promise agrees with itself, is in the signed
/// tree, the signature holds by the strict rules (RFC 8032 section 5.1.7 without cofactor, no
/// small-order key), and the key was neither retired nor revoked when the badge was received.
///
/// `not_before` is not compared: a repeated submission gets the old promise under today's key.
/// Whether the service and the registry are trusted is [`crate::TrustFile::check_receipt`]'s.
///
/// # Errors
/// Each [`ReceiptError`] but [`ReceiptError::UnknownService`] and
/// [`ReceiptError::UnknownRegistry`].
pub fn verify_receipt(receipt: &Receipt, key: &ReceiptKeyEntry) -> Result<(), ReceiptError> {
    let Receipt { promise, proof } = receipt;
    if proof.key_id != key.key_id || key.public_key.id() != key.key_id {
        return Err(ReceiptError::UnknownKey);
    }
    promise.check()?;
    let root = inclusion_root(promise.receipt_leaf(), proof.index, proof.size, &proof.path)?;
    let signature = ed25519_dalek::Signature::from_bytes(&proof.signature.0);
    VerifyingKey::from_bytes(&key.public_key.0)
        .and_then(|public| public.verify_strict(&signed_text(proof.size, root), &signature))
        .map_err(|_| ReceiptError::Signature)?;
    if key.accepts(promise.received_at) { Ok(()) } else { Err(ReceiptError::KeyExpired) }
}
