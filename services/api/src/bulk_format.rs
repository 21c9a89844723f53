//! The answer of `POST /v1/badges/bulk`, and how its reader makes receipts from it.
//!
//! NDJSON: a [`BulkHeader`]; for each submission, in the order sent, a [`BulkBadge`] or a
//! [`ProblemDocument`] with its `line`; a [`BulkFooter`]. One signature covers all promises: the
//! reader rebuilds each promise from header and line, the tree over their receipt leaves (RFC 9162,
//! badges in the order of the answer, problems left out), and from the tree each receipt's path.

use proof::{
    Address, ChunkError, Entry, Hash, IssuerIdentifier, Promise, Receipt, Rule, Signature,
    SignedChunk, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::ProblemDocument;

/// First line: what holds for every line that does not say otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkHeader {
    /// The service's id.
    pub service: String,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Where the badges will be anchored.
    pub registry: Address,
    /// Length of the promise in milliseconds, from `windowStartedAt` or else `receivedAt`.
    pub promise_ms: i64,
    /// How the digests were made.
    pub rule: Rule,
    /// In whose name; `None` when no badge was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<IssuerIdentifier>,
}

/// An accepted badge. Members of the header stand here again only where they differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkBadge {
    /// The badge's id.
    pub id: String,
    /// Its digest.
    pub digest: Hash,
    /// The salt drawn for it.
    pub salt: Hash,
    /// When the service had it.
    pub received_at: Timestamp,
    /// Gives the proof.
    pub proof_token: String,
    /// When the learner accepted, as sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_started_at: Option<Timestamp>,
    /// As sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// It was accepted before; the promise is that one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeat: bool,
    /// See [`BulkHeader::issuer`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<IssuerIdentifier>,
    /// See [`BulkHeader::rule`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// The stream's facts, for a badge accepted when they were others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<BulkStream>,
    /// What the digest does not cover: codes, places and sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<BulkWarning>,
}

/// The facts of an earlier stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkStream {
    /// See [`BulkHeader::service`].
    pub service: String,
    /// See [`BulkHeader::chain_id`].
    pub chain_id: u64,
    /// See [`BulkHeader::registry`].
    pub registry: Address,
    /// See [`BulkHeader::promise_ms`].
    pub promise_ms: i64,
}

/// A warning about an accepted badge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkWarning {
    /// Stable.
    pub code: String,
    /// Where in the badge.
    pub place: String,
    /// One sentence.
    pub detail: String,
}

/// Last line. Without it the answer was cut off, and the request is repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkFooter {
    /// Lines between header and footer.
    pub count: u64,
    /// Accepted ones among them: leaves of the signed tree.
    pub size: u64,
    /// The signature; `None` when nothing was accepted.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<BulkSignature>,
}

/// The one signature of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkSignature {
    /// Root of the tree over the promises' receipt leaves.
    pub root: Hash,
    /// Whose signature.
    pub key_id: Hash,
    /// Ed25519 over [`proof::signed_text`] of size and root.
    pub signature: Signature,
}

/// One line of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkLine {
    /// Accepted, with the promise that follows from header and line.
    Accepted(Box<(BulkBadge, Promise)>),
    /// Not accepted.
    Refused(ProblemDocument),
}

/// An answer as read.
#[derive(Debug, Clone)]
pub struct BulkAnswer {
    /// One per submission, in the order sent.
    pub lines: Vec<BulkLine>,
    chunk: Option<SignedChunk>,
}

/// Why an answer cannot be used; the request is to be repeated.
#[derive(Debug, thiserror::Error)]
pub enum BulkFormatError {
    /// Cut off, or not as many lines as its footer says.
    #[error("the bulk answer is not whole")]
    Incomplete,
    /// A line that is not of this format.
    #[error("line {line} of the bulk answer: {reason}")]
    Line {
        /// From 1.
        line: usize,
        /// What the JSON reader says.
        reason: serde_json::Error,
    },
    /// The promises do not make the tree that was signed.
    #[error("the bulk answer's promises are not those that were signed")]
    Root,
    /// The tree cannot be built.
    #[error(transparent)]
    Chunk(#[from] ChunkError),
}

impl BulkHeader {
    /// The promise of a badge of this answer.
    #[must_use]
    pub fn promise(&self, badge: &BulkBadge) -> Option<Promise> {
        let BulkBadge { digest, salt, received_at, window_started_at, .. } = *badge;
        let own = BulkStream {
            service: self.service.clone(),
            chain_id: self.chain_id,
            registry: self.registry,
            promise_ms: self.promise_ms,
        };
        let stream = badge.stream.clone().unwrap_or(own);
        let rule = badge.rule.unwrap_or(self.rule);
        let issuer = badge.issuer.clone().or_else(|| self.issuer.clone())?;
        let start = window_started_at.unwrap_or(received_at);
        Some(Promise {
            leaf: Entry { rule, issuer: issuer.hash(), digest, salt }.leaf(),
            service: stream.service,
            issuer,
            rule,
            digest,
            salt,
            external_id: badge.external_id.clone(),
            received_at,
            window_started_at,
            deadline_at: start.plus_millis(stream.promise_ms),
            chain_id: stream.chain_id,
            registry: stream.registry,
        })
    }
}

impl BulkAnswer {
    /// Reads a whole answer and checks that the promises are those under the signature. The
    /// signature itself is [`proof::verify_receipt`]'s.
    ///
    /// # Errors
    /// [`BulkFormatError`].
    pub fn parse(text: &str) -> Result<Self, BulkFormatError> {
        let mut rows: Vec<&str> = text.lines().filter(|row| !row.is_empty()).collect();
        let at = |line: usize| move |reason| BulkFormatError::Line { line, reason };
        let last = rows.len();
        let footer = rows.pop().ok_or(BulkFormatError::Incomplete)?;
        let footer: BulkFooter = serde_json::from_str(footer).map_err(at(last))?;
        let mut rows = rows.into_iter().enumerate();
        let (_, header) = rows.next().ok_or(BulkFormatError::Incomplete)?;
        let header: BulkHeader = serde_json::from_str(header).map_err(at(1))?;

        let mut lines = Vec::new();
        let mut leaves = Vec::new();
        for (before, row) in rows {
            let line = line(&header, row).map_err(at(before + 1))?;
            if let BulkLine::Accepted(accepted) = &line {
                leaves.push(accepted.1.receipt_leaf());
            }
            lines.push(line);
        }
        let whole = footer.count == lines.len() as u64 && footer.size == leaves.len() as u64;
        if !whole || footer.signed.is_some() != (footer.size > 0) {
            return Err(BulkFormatError::Incomplete);
        }
        let Some(signed) = footer.signed else { return Ok(Self { lines, chunk: None }) };
        let chunk = SignedChunk::of_answer(&leaves, signed.key_id, signed.signature)?;
        if chunk.root != signed.root {
            return Err(BulkFormatError::Root);
        }
        Ok(Self { lines, chunk: Some(chunk) })
    }

    /// The receipts of the accepted badges, in order, each made when it is asked for.
    pub fn receipts(&self) -> impl Iterator<Item = Result<Receipt, ChunkError>> {
        let promises = self.lines.iter().filter_map(|line| match line {
            BulkLine::Accepted(accepted) => Some(&accepted.1),
            BulkLine::Refused(_) => None,
        });
        let chunk = self.chunk.iter().cycle();
        let numbered = (0_u64..).zip(promises);
        numbered.zip(chunk).map(|((at, promise), chunk)| chunk.receipt(promise.clone(), at))
    }
}

fn line(header: &BulkHeader, row: &str) -> Result<BulkLine, serde_json::Error> {
    /// Tells an accepted badge from a problem.
    #[derive(Deserialize)]
    struct Kind<'a> {
        #[serde(borrow)]
        id: Option<&'a RawValue>,
    }

    if serde_json::from_str::<Kind<'_>>(row)?.id.is_none() {
        return serde_json::from_str(row).map(BulkLine::Refused);
    }
    let badge: BulkBadge = serde_json::from_str(row)?;
    let missing = || serde::de::Error::custom("no issuer, neither here nor in the header");
    let promise = header.promise(&badge).ok_or_else(missing)?;
    Ok(BulkLine::Accepted(Box::new((badge, promise))))
}
