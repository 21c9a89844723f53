//! What the service promises when it accepts a badge.

use serde::{Deserialize, Serialize};

use crate::spelling::{lower_address, present, safe_integer};
use crate::{Address, Entry, Hash, IssuerIdentifier, Rule, Timestamp};

/// The prefix of a leaf (RFC 9162 section 2.1.1); receipts have a tree of their own.
const LEAF_PREFIX: [u8; 1] = [0x00];

/// "A commitment that contains `leaf` will be anchored in `registry` by `deadline_at`."
///
/// In JSON it has two more members, `type` = `ingam-receipt` and `version` = 1. Unknown members
/// are refused: they would not be signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub struct Promise {
    /// The service's id, as in the trust file.
    pub service: String,
    /// Who issued the badge.
    pub issuer: IssuerIdentifier,
    /// How `digest` was made.
    pub rule: Rule,
    /// The badge's digest.
    pub digest: Hash,
    /// The salt drawn for it.
    pub salt: Hash,
    /// The leaf of the entry of these.
    pub leaf: Hash,
    /// The platform's own name for the badge.
    pub external_id: Option<String>,
    /// When the service had stored it durably.
    pub received_at: Timestamp,
    /// When the learner accepted, if the platform said so. Never after `received_at`.
    pub window_started_at: Option<Timestamp>,
    /// Latest time of the block that anchors it.
    pub deadline_at: Timestamp,
    /// The chain (EIP-155), at most [`crate::MAX_SAFE_INTEGER`].
    pub chain_id: u64,
    /// The registry on it.
    pub registry: Address,
}

/// Why a promise contradicts itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PromiseError {
    /// `leaf` is not the leaf of issuer, rule, digest and salt.
    #[error("the promise's leaf is not the leaf of its own entry")]
    Leaf,
    /// Not `windowStartedAt` ≤ `receivedAt` < `deadlineAt`.
    #[error("the promise's times are out of order")]
    Times,
}

impl Promise {
    /// The entry that the leaf is made of.
    #[must_use]
    pub fn entry(&self) -> Entry {
        let Self { rule, digest, salt, .. } = *self;
        Entry { rule, issuer: self.issuer.hash(), digest, salt }
    }

    /// RFC 8785 form.
    #[must_use]
    pub fn to_jcs(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self)
            .expect("a struct of texts and integers has a JCS form, and a Vec takes every byte")
    }

    /// `SHA-256(0x00 ‖ JCS(promise))`: its leaf in the tree that a receipt signs. Not
    /// [`Promise::leaf`], which is the badge's.
    #[must_use]
    pub fn receipt_leaf(&self) -> Hash {
        Hash::of(&[&LEAF_PREFIX, &self.to_jcs()])
    }

    /// Whether the promise agrees with itself.
    ///
    /// # Errors
    /// Each [`PromiseError`].
    pub fn check(&self) -> Result<(), PromiseError> {
        if self.entry().leaf() != self.leaf {
            return Err(PromiseError::Leaf);
        }
        let window = self.window_started_at.unwrap_or(self.received_at);
        if window <= self.received_at && self.received_at < self.deadline_at {
            Ok(())
        } else {
            Err(PromiseError::Times)
        }
    }
}

#[derive(Serialize, Deserialize)]
enum Type {
    #[serde(rename = "ingam-receipt")]
    Receipt,
}

/// [`Promise`] with the members that never vary.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a promise")]
struct Written {
    #[serde(rename = "type")]
    kind: Type,
    version: u64,
    service: String,
    issuer: IssuerIdentifier,
    rule: Rule,
    digest: Hash,
    salt: Hash,
    leaf: Hash,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    received_at: Timestamp,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    window_started_at: Option<Timestamp>,
    deadline_at: Timestamp,
    #[serde(with = "safe_integer")]
    chain_id: u64,
    #[serde(deserialize_with = "lower_address")]
    registry: Address,
}

const VERSION: u64 = 1;

impl From<Promise> for Written {
    fn from(promise: Promise) -> Self {
        Self {
            kind: Type::Receipt,
            version: VERSION,
            service: promise.service,
            issuer: promise.issuer,
            rule: promise.rule,
            digest: promise.digest,
            salt: promise.salt,
            leaf: promise.leaf,
            external_id: promise.external_id,
            received_at: promise.received_at,
            window_started_at: promise.window_started_at,
            deadline_at: promise.deadline_at,
            chain_id: promise.chain_id,
            registry: promise.registry,
        }
    }
}

impl TryFrom<Written> for Promise {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Type::Receipt = written.kind;
        if written.version != VERSION {
            return Err("this version of the format has promises of version 1 only");
        }
        Ok(Self {
            service: written.service,
            issuer: written.issuer,
            rule: written.rule,
            digest: written.digest,
            salt: written.salt,
            leaf: written.leaf,
            external_id: written.external_id,
            received_at: written.received_at,
            window_started_at: written.window_started_at,
            deadline_at: written.deadline_at,
            chain_id: written.chain_id,
            registry: written.registry,
        })
    }
}
