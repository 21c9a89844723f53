//! What a verification says.

use std::fmt;

use proof::{Address, Hash, IssuerIdentifier, Rule, Timestamp, TokenId};
use serde::{Deserialize, Serialize};

/// The whole answer. Its JSON form is what `ingam verify --json` prints and the service answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The outcome in one word.
    pub verdict: Verdict,
    /// The sentence behind it.
    pub reason: String,
    /// Every check, always all of them and in the same order; [`CheckName::Token`] only for a
    /// document with a token.
    pub checks: Vec<Check>,
    /// Id of the service whose trust file judged.
    pub service: String,
    /// The issuer in whose account the badge was anchored; attested by the service, not by the
    /// chain.
    pub issuer: IssuerIdentifier,
    /// How `digest` is made.
    pub rule: Rule,
    /// The document's digest.
    pub digest: Hash,
    /// Computed from the document.
    pub leaf: Hash,
    /// Computed from the document; `None` without a valid inclusion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<Hash>,
    /// Computed from the document; `None` without a valid inclusion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commitment: Option<Hash>,
    /// Each anchor of the document and what its chain says. Chain data are from answers only.
    pub anchors: Vec<AnchorReport>,
    /// The document's token and what its chain says; `None` without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenReport>,
    /// Each signature that the badge carries, and what it is worth; the check `issuer-signature`
    /// says what follows. Empty without any, or without a badge.
    #[serde(default)]
    pub signatures: Vec<SignatureReport>,
    /// Three times that say different things.
    pub times: Times,
}

/// The outcome in one word. See [`Verdict::exit_code`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything that makes a badge verified passed, at a final block.
    Verified,
    /// Something is wrong.
    NotVerified,
    /// Right so far, but not final yet.
    Provisional,
    /// Nothing is known to be wrong, but something needed could not be checked.
    CouldNotBeChecked,
    /// Authentic, and revoked on chain.
    Revoked,
    /// Authentic, and past the end that its issuer gave it.
    Expired,
}

impl Verdict {
    /// The exit code of `ingam verify`: 0 verified and final, 1 not verified, 3 provisional,
    /// 4 could not be checked, 5 authentic but revoked or expired. (2 is wrong usage.)
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Verified => 0,
            Self::NotVerified => 1,
            Self::Provisional => 3,
            Self::CouldNotBeChecked => 4,
            Self::Revoked | Self::Expired => 5,
        }
    }

    /// The word in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::NotVerified => "not-verified",
            Self::Provisional => "provisional",
            Self::CouldNotBeChecked => "could-not-be-checked",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One named check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Which.
    pub name: CheckName,
    /// How it went.
    pub outcome: Outcome,
    /// One sentence.
    pub detail: String,
}

/// The checks, in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckName {
    /// The presented badge has the document's digest.
    Digest,
    /// The leaf is made of rule, issuer, digest and salt.
    Leaf,
    /// The path fits index and size and leads to a root.
    Inclusion,
    /// Size and root make the commitment.
    Commitment,
    /// The trust file lists the registry.
    Service,
    /// The registry knows the commitment.
    Anchored,
    /// The registry's block time is at or before the finalized header's.
    Final,
    /// The operator who anchored is trusted.
    Operator,
    /// Anchored within the blocks for which the registry is trusted.
    Blocks,
    /// The badge names the issuer in whose account it was anchored.
    IssuerMatch,
    /// The registry's revocation bit is not set.
    NotRevoked,
    /// The document's token is the badge's, minted by a trusted collection, and held.
    Token,
    /// The receipt belongs to this badge.
    ReceiptMatch,
    /// The receipt is signed by a trusted key.
    ReceiptSignature,
    /// The badge has not reached the end that its issuer gave it.
    NotExpired,
    /// The issuer's own status list.
    CredentialStatus,
    /// The issuer's own signature on the badge.
    IssuerSignature,
    /// The badge was given to the person whom the verifier entered.
    Recipient,
}

impl CheckName {
    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Leaf => "leaf",
            Self::Inclusion => "inclusion",
            Self::Commitment => "commitment",
            Self::Service => "service",
            Self::Anchored => "anchored",
            Self::Final => "final",
            Self::Operator => "operator",
            Self::Blocks => "blocks",
            Self::IssuerMatch => "issuer-match",
            Self::NotRevoked => "not-revoked",
            Self::Token => "token",
            Self::ReceiptMatch => "receipt-match",
            Self::ReceiptSignature => "receipt-signature",
            Self::NotExpired => "not-expired",
            Self::CredentialStatus => "credential-status",
            Self::IssuerSignature => "issuer-signature",
            Self::Recipient => "recipient",
        }
    }
}

impl fmt::Display for CheckName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// As it should be.
    Passed,
    /// Not as it should be.
    Failed,
    /// Nobody looked, or nobody could.
    NotChecked,
}

/// An anchor of the document and what its chain says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnchorReport {
    /// As the document selects.
    pub chain_id: u64,
    /// As the document selects.
    pub registry: Address,
    /// What it is worth.
    pub status: AnchorStatus,
    /// The sentence behind `status`.
    pub detail: String,
    /// Who anchored, as the registry answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<Address>,
    /// The registry's block number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_number: Option<u64>,
    /// The registry's block time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_time: Option<Timestamp>,
    /// The registry's revocation bit for the leaf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked: Option<bool>,
    /// Members of the document's anchor that say otherwise than the chain, which goes.
    pub stale_hints: Vec<String>,
}

/// A signature that the badge carries: not the chain's word, nor the service's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureReport {
    /// `jws`, or the JSON pointer of the proof entry.
    pub place: String,
    /// `alg` of the JWS, cryptosuite or type of the proof.
    pub algorithm: String,
    /// The key as the signature names it; a key that is only embedded has no name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Passed only for the issuer's own key.
    pub outcome: Outcome,
    /// Why, with a stable name; those of `issuer_signature::Code`.
    pub code: String,
    /// The sentence behind `code`.
    pub detail: String,
}

/// What an anchor is worth, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnchorStatus {
    /// Anchored, trusted, at a final block.
    Final,
    /// Anchored and trusted, at a block that may still be undone.
    Provisional,
    /// The chain gave no answer.
    Unreachable,
    /// Anchored, but outside the blocks for which the registry is trusted.
    OutsideBlocks,
    /// Anchored by an operator who is not trusted.
    Distrusted,
    /// The registry does not know the commitment.
    Absent,
    /// The trust file does not list the registry; it was not called.
    UnknownService,
}

/// The document's token and what its chain says. Nothing of it but [`TokenStatus::Foreign`] and
/// [`TokenStatus::UnknownCollection`] touches the verdict, which is on the badge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenReport {
    /// As the document selects.
    pub chain_id: u64,
    /// As the document selects.
    pub contract: Address,
    /// As the document says; it follows from the badge and the token's inclusion, unless `status` is
    /// [`TokenStatus::Foreign`].
    pub id: TokenId,
    /// What became of it.
    pub status: TokenStatus,
    /// The sentence behind `status`.
    pub detail: String,
    /// Where the collection anchors and revokes, by the trust file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<Address>,
    /// Who holds it, as the collection answered; of a revoked token, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Address>,
    /// The registry's block number for the mint batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_number: Option<u64>,
    /// The registry's block time for the mint batch. It proves nothing about the badge's own date,
    /// which is [`Times::existed_no_later_than`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_time: Option<Timestamp>,
    /// Members of the document's token that say otherwise than the chain, which goes.
    pub stale_hints: Vec<String>,
}

/// What became of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenStatus {
    /// It exists, is not revoked, and its batch is anchored at a final block.
    Held,
    /// The same at a block that may still be undone.
    Provisional,
    /// The collection has not minted its batch, or no longer after a reorganisation.
    NotMinted,
    /// Revoked, for example because the owner lost the wallet. The badge may be good.
    Revoked,
    /// Given up by its owner. The badge may be good.
    Burned,
    /// Minted outside the blocks for which the registry is trusted, or by a collection that no longer
    /// is.
    Distrusted,
    /// The chain gave no answer.
    Unreachable,
    /// The trust file does not list the collection; it was not called.
    UnknownCollection,
    /// It is not this badge's token.
    Foreign,
}

/// What is known about time. The three are different claims and must never be shown as one date.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Times {
    /// Proven: the badge existed no later. The earliest block time over final, trusted anchors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub existed_no_later_than: Option<Timestamp>,
    /// The service's promise, from a receipt that passed: its word, not the chain's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promise: Option<PromiseReport>,
    /// When the badge begins to hold: the issuer's word, as written in the badge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// When it ends: the issuer's word, as written in the badge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
}

/// The times of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PromiseReport {
    /// When the service had the badge, as it says.
    pub received_at: Timestamp,
    /// Latest block time promised.
    pub deadline_at: Timestamp,
    /// Whether the proven time is in time; `None` until there is one in the promised registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<bool>,
}
