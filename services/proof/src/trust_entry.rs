//! The entries of a trust file.

use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

use crate::spelling::{lower_address, present, present_addresses, present_integer, safe_integer};
use crate::{Address, Hash, IssuerIdentifier, PublicKey, Timestamp};

/// Most collections of one registry.
pub const MAX_TOKEN_CONTRACTS: usize = 16_384;

/// A registry whose answers count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegistryEntry {
    /// The chain (EIP-155), at most [`crate::MAX_SAFE_INTEGER`].
    #[serde(with = "safe_integer")]
    pub chain_id: u64,
    /// The contract.
    #[serde(deserialize_with = "lower_address")]
    pub registry: Address,
    /// The collections of badge tokens that anchor and revoke in it, on the same chain; at most
    /// [`MAX_TOKEN_CONTRACTS`].
    #[serde(
        default,
        deserialize_with = "present_addresses::<MAX_TOKEN_CONTRACTS, _>",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub token_contracts: Vec<Address>,
    /// First block whose anchors count, by the block number that the registry itself recorded.
    #[serde(with = "safe_integer")]
    pub from_block: u64,
    /// Last block whose anchors count, once the registry has been left.
    #[serde(
        default,
        deserialize_with = "present_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub until_block: Option<u64>,
    /// Operators whose key was lost or misused.
    pub distrusted_operators: Vec<DistrustedOperator>,
}

/// An operator whose anchors no longer count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DistrustedOperator {
    /// Who.
    #[serde(deserialize_with = "lower_address")]
    pub operator: Address,
    /// First block whose anchors by this operator do not count.
    #[serde(with = "safe_integer")]
    pub from_block: u64,
}

/// Why an anchor in a listed registry does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnchorDistrust {
    /// Before `from_block` or after `until_block`.
    #[error("anchored outside the blocks for which the registry is trusted")]
    Block,
    /// By an operator who was distrusted by then.
    #[error("anchored by an operator who is no longer trusted")]
    Operator,
}

impl RegistryEntry {
    /// Judges an anchor by what `anchored` answered.
    ///
    /// # Errors
    /// [`AnchorDistrust`].
    pub fn judge(&self, operator: &Address, block_number: u64) -> Result<(), AnchorDistrust> {
        if block_number < self.from_block || self.until_block.is_some_and(|end| block_number > end)
        {
            return Err(AnchorDistrust::Block);
        }
        let distrusted = |entry: &DistrustedOperator| {
            entry.operator == *operator && block_number >= entry.from_block
        };
        if self.distrusted_operators.iter().any(distrusted) {
            return Err(AnchorDistrust::Operator);
        }
        Ok(())
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.until_block.is_some_and(|end| end < self.from_block) {
            return Err("untilBlock is before fromBlock");
        }
        let operators = &self.distrusted_operators;
        let twice = |(at, one): (usize, &DistrustedOperator)| {
            operators[..at].iter().any(|other| other.operator == one.operator)
        };
        if operators.iter().enumerate().any(twice) {
            return Err("an operator is distrusted twice");
        }
        if self.token_contracts.len() > MAX_TOKEN_CONTRACTS {
            return Err("too many tokenContracts");
        }
        Ok(())
    }
}

/// A key that signs receipts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptKeyEntry {
    /// [`PublicKey::id`] of `public_key`.
    pub key_id: Hash,
    /// The key.
    pub public_key: PublicKey,
    /// When it came into use.
    pub not_before: Timestamp,
    /// When it was retired. Promises made until then stay good.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub not_after: Option<Timestamp>,
    /// When it stopped being trustworthy. Receipts of badges received from then on are refused.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

impl ReceiptKeyEntry {
    /// An entry without an end.
    #[must_use]
    pub fn new(public_key: PublicKey, not_before: Timestamp) -> Self {
        let key_id = public_key.id();
        Self { key_id, public_key, not_before, not_after: None, revoked_at: None }
    }

    /// Whether a promise received then can be under this key. Earlier than `not_before` it can: a
    /// repeat of a submission gets the same promise under the key of the day.
    #[must_use]
    pub fn accepts(&self, received_at: Timestamp) -> bool {
        self.not_after.is_none_or(|end| received_at <= end)
            && self.revoked_at.is_none_or(|end| received_at < end)
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.public_key.id() != self.key_id {
            return Err("keyId is not the SHA-256 of publicKey");
        }
        if VerifyingKey::from_bytes(&self.public_key.0).map_or(true, |key| key.is_weak()) {
            return Err("publicKey is no Ed25519 key");
        }
        let ended = [self.not_after, self.revoked_at];
        if ended.into_iter().flatten().any(|end| end < self.not_before) {
            return Err("the key ends before notBefore");
        }
        Ok(())
    }
}

/// How an issuer showed that an identifier is theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Control {
    /// A file under the identifier's host.
    WellKnown,
    /// A signature by a key of the DID.
    DidAuth,
    /// The operator looked at documents.
    Manual,
}

/// A registered issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IssuerEntry {
    /// What leaves are made with; never changes.
    pub identifier: IssuerIdentifier,
    /// Other names under which the issuer's badges name it, compared byte for byte.
    #[serde(rename = "alsoKnownAs")]
    pub aliases: Vec<String>,
    /// How control over the identifier was shown.
    pub control: Control,
    /// When.
    pub control_shown_at: Timestamp,
}

impl IssuerEntry {
    /// Whether a badge that names this issuer is of this entry.
    #[must_use]
    pub fn is_named(&self, issuer: &str) -> bool {
        self.identifier.as_str() == issuer || self.aliases.iter().any(|alias| alias == issuer)
    }
}
