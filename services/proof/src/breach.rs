//! The service's own word that a promise is overdue: signed, numbered, checkable without it.

use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

use crate::spelling::{lower_address, present, safe_integer};
use crate::strict_json::{self, DocumentError};
use crate::trust_entry::ReceiptKeyEntry;
use crate::{Address, Hash, Signature, Timestamp};

/// What every signed text of a breach begins with; no receipt's text does.
pub const BREACH_CONTEXT: &[u8] = b"ingam-breach-v1\n";
/// Largest breach file, in bytes.
pub const MAX_BREACH_BYTES: usize = 16 * 1024;

/// "The deadline of badges of one batch passed, and their anchor was not known."
///
/// In JSON it has two more members, `type` = `ingam-breach` and `version` = 1. Unknown members are
/// refused: they would not be signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub struct BreachStatement {
    /// The service's id, as in the trust file.
    pub service: String,
    /// 1, 2, 3, … without gaps in one service, so that a missing one shows; at most
    /// [`crate::MAX_SAFE_INTEGER`].
    pub number: u64,
    /// The chain (EIP-155) where they were to be anchored, at most [`crate::MAX_SAFE_INTEGER`].
    pub chain_id: u64,
    /// The registry on it.
    pub registry: Address,
    /// Badges of the batch whose deadline had passed when it was noticed, at least 1.
    pub badges: u64,
    /// Of the batch, if it was sealed by then.
    pub commitment: Option<Hash>,
    /// The earliest deadline among them.
    pub deadline_at: Timestamp,
    /// When the service noticed, by the earliest of the clocks that it compares. After
    /// `deadline_at`.
    pub noticed_at: Timestamp,
}

/// A statement under the service's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Breach {
    /// What is stated.
    pub statement: BreachStatement,
    /// By whom.
    pub proof: BreachProof,
}

/// The signature of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BreachProof {
    /// [`crate::PublicKey::id`] of the signing key, one of those that sign receipts.
    pub key_id: Hash,
    /// Ed25519 over [`BreachStatement::signed_text`].
    pub signature: Signature,
}

/// Why a breach is not the service's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BreachError {
    /// The trust file names another service.
    #[error("the statement is of another service than the trust file's")]
    UnknownService,
    /// The trust file does not list the registry.
    #[error("the statement names a registry that the trust file does not list")]
    UnknownRegistry,
    /// The key given is another, or the trust file has none of this id.
    #[error("the statement's key is not trusted")]
    UnknownKey,
    /// No number, no badge, or noticed before the deadline.
    #[error("the statement contradicts itself")]
    Contradiction,
    /// The signature does not hold for the statement.
    #[error("the statement's signature is wrong")]
    Signature,
    /// Noticed after the key had been retired or revoked.
    #[error("the statement's key was no longer valid when the breach was noticed")]
    KeyExpired,
}

impl BreachStatement {
    /// RFC 8785 form.
    #[must_use]
    pub fn to_jcs(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self)
            .expect("a struct of texts and integers has a JCS form, and a Vec takes every byte")
    }

    /// `ingam-breach-v1\n ‖ SHA-256(JCS(statement))`.
    #[must_use]
    pub fn signed_text(&self) -> Vec<u8> {
        [BREACH_CONTEXT, Hash::of(&[&self.to_jcs()]).as_bytes()].concat()
    }

    /// Whether the statement agrees with itself.
    ///
    /// # Errors
    /// [`BreachError::Contradiction`].
    pub fn check(&self) -> Result<(), BreachError> {
        if self.number >= 1 && self.badges >= 1 && self.deadline_at < self.noticed_at {
            Ok(())
        } else {
            Err(BreachError::Contradiction)
        }
    }
}

impl Breach {
    /// Reads a breach that stands alone.
    ///
    /// # Errors
    /// [`DocumentError`], for all that [`crate::ProofDocument::parse`] refuses too.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        strict_json::read(bytes, MAX_BREACH_BYTES)
    }
}

/// Checks a breach against one trusted key: the statement agrees with itself, the signature holds by
/// the strict rules of [`crate::verify_receipt`], and the key was neither retired nor revoked when
/// it was noticed. `not_before` is not compared, as there.
///
/// Whether service and registry are trusted is [`crate::TrustFile::check_breach`]'s.
///
/// # Errors
/// Each [`BreachError`] but [`BreachError::UnknownService`] and [`BreachError::UnknownRegistry`].
pub fn verify_breach(breach: &Breach, key: &ReceiptKeyEntry) -> Result<(), BreachError> {
    let Breach { statement, proof } = breach;
    if proof.key_id != key.key_id || key.public_key.id() != key.key_id {
        return Err(BreachError::UnknownKey);
    }
    statement.check()?;
    let signature = ed25519_dalek::Signature::from_bytes(&proof.signature.0);
    VerifyingKey::from_bytes(&key.public_key.0)
        .and_then(|public| public.verify_strict(&statement.signed_text(), &signature))
        .map_err(|_| BreachError::Signature)?;
    if key.accepts(statement.noticed_at) { Ok(()) } else { Err(BreachError::KeyExpired) }
}

#[derive(Serialize, Deserialize)]
enum Type {
    #[serde(rename = "ingam-breach")]
    Breach,
}

/// [`BreachStatement`] with the members that never vary.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a statement of a breach")]
struct Written {
    #[serde(rename = "type")]
    kind: Type,
    version: u64,
    service: String,
    #[serde(with = "safe_integer")]
    number: u64,
    #[serde(with = "safe_integer")]
    chain_id: u64,
    #[serde(deserialize_with = "lower_address")]
    registry: Address,
    #[serde(with = "safe_integer")]
    badges: u64,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    commitment: Option<Hash>,
    deadline_at: Timestamp,
    noticed_at: Timestamp,
}

const VERSION: u64 = 1;

impl From<BreachStatement> for Written {
    fn from(statement: BreachStatement) -> Self {
        Self {
            kind: Type::Breach,
            version: VERSION,
            service: statement.service,
            number: statement.number,
            chain_id: statement.chain_id,
            registry: statement.registry,
            badges: statement.badges,
            commitment: statement.commitment,
            deadline_at: statement.deadline_at,
            noticed_at: statement.noticed_at,
        }
    }
}

impl TryFrom<Written> for BreachStatement {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Type::Breach = written.kind;
        if written.version != VERSION {
            return Err("this version of the format has statements of version 1 only");
        }
        Ok(Self {
            service: written.service,
            number: written.number,
            chain_id: written.chain_id,
            registry: written.registry,
            badges: written.badges,
            commitment: written.commitment,
            deadline_at: written.deadline_at,
            noticed_at: written.noticed_at,
        })
    }
}
