//! The proof document: what a holder keeps beside the badge.

use serde::{Deserialize, Serialize};

use crate::anchor_hint::AnchorHint;
use crate::inclusion::{InclusionError, inclusion_root};
use crate::receipt::Receipt;
use crate::spelling::{at_most, present, safe_integer};
use crate::strict_json::{self, DocumentError};
use crate::token_ref::{TokenError, TokenRef};
use crate::{Entry, Hash, IssuerIdentifier, MAX_PATH_LEN, Rule, Timestamp, commitment};

/// Largest proof document, in bytes.
pub const MAX_PROOF_BYTES: usize = 256 * 1024;
/// Most anchors of a document.
pub const MAX_ANCHORS: usize = 32;

/// A badge's way to a commitment, and where to ask for it. It is read by [`ProofDocument::parse`]
/// and trusted in nothing: leaf, root and commitment are computed, anchors looked up in a trust
/// file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", from = "Written")]
pub struct ProofDocument {
    /// What the leaf is made of.
    pub badge: BadgeRef,
    /// The leaf's place in its tree; `None` until its batch is sealed.
    pub inclusion: Option<Inclusion>,
    /// Where to ask; empty until anchored.
    pub anchors: Vec<AnchorHint>,
    /// The token that was minted for the badge, if one was.
    pub token: Option<TokenRef>,
    /// The service's promise, if the holder has it.
    pub receipt: Option<Receipt>,
    /// When a pending badge will be anchored at the latest: a hint, unless a receipt holds it.
    pub deadline_at: Option<Timestamp>,
}

/// A badge as its entry has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BadgeRef {
    /// How `digest` was made.
    pub rule: Rule,
    /// The badge's digest.
    pub digest: Hash,
    /// The issuer's registered identifier.
    pub issuer: IssuerIdentifier,
    /// The salt drawn at intake.
    pub salt: Hash,
}

/// A leaf's place in its tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Inclusion {
    /// The leaf's place, from 0.
    #[serde(with = "safe_integer")]
    pub index: u64,
    /// Leaves in the tree.
    #[serde(with = "safe_integer")]
    pub tree_size: u64,
    /// Siblings from the leaf's upwards.
    #[serde(deserialize_with = "at_most::<MAX_PATH_LEN, _, _>")]
    pub path: Vec<Hash>,
    /// Root of the batch's Blockcerts tree, where it has one.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub blockcerts_root: Option<Hash>,
}

/// What follows from a document's own values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Computed {
    /// Of the badge's entry.
    pub leaf: Hash,
    /// Where the path leads.
    pub root: Hash,
    /// What to ask a registry for.
    pub commitment: Hash,
}

/// Why nothing follows from a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ComputeError {
    /// The badge is not in a sealed batch yet.
    #[error("the proof has no inclusion yet")]
    Pending,
    /// The path does not fit its place.
    #[error(transparent)]
    Inclusion(#[from] InclusionError),
}

/// A receipt that belongs to another badge than the document's; the member that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the receipt's {0} is not the document's")]
pub struct ReceiptMismatch(pub &'static str);

impl BadgeRef {
    /// The entry.
    #[must_use]
    pub fn entry(&self) -> Entry {
        let Self { rule, digest, salt, .. } = *self;
        Entry { rule, issuer: self.issuer.hash(), digest, salt }
    }
}

impl ProofDocument {
    /// Reads a document strictly: at most [`MAX_PROOF_BYTES`], no duplicate names, no unknown
    /// members in `badge`, `inclusion`, `token.inclusion` and `receipt`, no `null`, each value in its one spelling.
    /// Whether it proves anything is not judged here.
    ///
    /// # Errors
    /// [`DocumentError`] names the place as a JSON pointer.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        strict_json::read(bytes, MAX_PROOF_BYTES)
    }

    /// The document in JSON, without white space.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts, integers and lists of them are JSON")
    }

    /// The badge's entry.
    #[must_use]
    pub fn entry(&self) -> Entry {
        self.badge.entry()
    }

    /// The badge's leaf.
    #[must_use]
    pub fn leaf(&self) -> Hash {
        self.entry().leaf()
    }

    /// Leaf, root and commitment, by strict inclusion.
    ///
    /// # Errors
    /// Each [`ComputeError`].
    pub fn computed(&self) -> Result<Computed, ComputeError> {
        let inclusion = self.inclusion.as_ref().ok_or(ComputeError::Pending)?;
        let Inclusion { index, tree_size, path, blockcerts_root } = inclusion;
        let leaf = self.leaf();
        let root = inclusion_root(leaf, *index, *tree_size, path)?;
        let commitment = commitment(*tree_size, root, blockcerts_root.unwrap_or(Hash::ZERO));
        Ok(Computed { leaf, root, commitment })
    }

    /// Leaf, root and commitment of the token's mint batch; `None` without a token.
    ///
    /// # Errors
    /// Each [`TokenError`]: the token is not this badge's.
    #[must_use]
    pub fn computed_token(&self) -> Option<Result<Computed, TokenError>> {
        Some(self.token.as_ref()?.computed(self.entry()))
    }

    /// Whether the receipt, if there is one, is this badge's. Its signature is
    /// [`crate::TrustFile::check_receipt`]'s.
    ///
    /// # Errors
    /// [`ReceiptMismatch`].
    pub fn receipt_matches(&self) -> Result<(), ReceiptMismatch> {
        let Some(Receipt { promise, .. }) = &self.receipt else { return Ok(()) };
        let same = [
            ("rule", promise.rule == self.badge.rule),
            ("digest", promise.digest == self.badge.digest),
            ("issuer", promise.issuer == self.badge.issuer),
            ("salt", promise.salt == self.badge.salt),
            ("leaf", promise.leaf == self.leaf()),
            ("deadlineAt", self.deadline_at.is_none_or(|at| at == promise.deadline_at)),
        ];
        match same.iter().find(|(_, same)| !same) {
            None => Ok(()),
            Some((member, _)) => Err(ReceiptMismatch(member)),
        }
    }
}

#[derive(Serialize, Deserialize)]
enum Format {
    #[serde(rename = "ingam-proof/1")]
    V1,
}

/// [`ProofDocument`] with its `format`. Unknown members beside these are ignored: a later version
/// may add hints.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a proof document")]
struct Written {
    format: Format,
    badge: BadgeRef,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    inclusion: Option<Inclusion>,
    #[serde(deserialize_with = "at_most::<MAX_ANCHORS, _, _>")]
    anchors: Vec<AnchorHint>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    token: Option<TokenRef>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    deadline_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
}

impl From<ProofDocument> for Written {
    fn from(document: ProofDocument) -> Self {
        let ProofDocument { badge, inclusion, anchors, token, receipt, deadline_at } = document;
        Self { format: Format::V1, badge, inclusion, anchors, token, deadline_at, receipt }
    }
}

impl From<Written> for ProofDocument {
    fn from(written: Written) -> Self {
        let Written { format: Format::V1, badge, inclusion, anchors, token, deadline_at, receipt } =
            written;
        Self { badge, inclusion, anchors, token, receipt, deadline_at }
    }
}
