//! What the auditor has to say.

use std::fmt;

use domain::{BatchId, Position, SignerId, TransactionId};
use proof::{Hash, TileId};
use serde::Serialize;

/// The row that a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Database,
    Badge(Position),
    /// By its place in the mint stream.
    Token(Position),
    Batch(BatchId),
    Tile(BatchId, TileId),
    Signer(SignerId),
    Transaction(TransactionId),
    Attempt(i64),
    AuditLog,
    /// By its number.
    LogRow(u64),
    /// By its sequence.
    Head(u64),
    /// A version of the trust file.
    Trust(i64),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database => f.write_str("database"),
            Self::Badge(position) => write!(f, "badge {position}"),
            Self::Token(position) => write!(f, "token {position}"),
            Self::Batch(batch) => write!(f, "batch {batch}"),
            Self::Tile(batch, tile) => {
                write!(f, "tile {}/{} of batch {batch}", tile.level, tile.index)
            }
            Self::Signer(signer) => write!(f, "signer {signer}"),
            Self::Transaction(transaction) => write!(f, "transaction {transaction}"),
            Self::Attempt(attempt) => write!(f, "attempt {attempt}"),
            Self::AuditLog => f.write_str("audit log"),
            Self::LogRow(number) => write!(f, "row {number} of the audit log"),
            Self::Head(sequence) => write!(f, "head {sequence} of the audit log"),
            Self::Trust(version) => write!(f, "trust file, version {version}"),
        }
    }
}

impl Serialize for Subject {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Two facts that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub subject: Subject,
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.detail)
    }
}

/// What was looked at, and what was found. Clean means no finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Audit {
    pub badges: u64,
    pub leaves: u64,
    /// Tokens of sealed mint batches.
    pub tokens: u64,
    pub tiles: u64,
    pub batches: u64,
    /// Commitments found on chain.
    pub anchored: u64,
    pub transactions: u64,
    pub attempts: u64,
    /// Rows of the audit log.
    pub log_rows: u64,
    /// Those that no head covers.
    pub log_rows_waiting: u64,
    /// Heads of the audit log.
    pub heads: u64,
    /// Digest of the newest one. Kept elsewhere, it tells later whether what it covers was changed.
    pub last_head: Option<Hash>,
    /// What contradicts nothing but should be known; the first 1000.
    pub notes: Vec<Finding>,
    /// The first 1000.
    pub findings: Vec<Finding>,
    /// Findings beyond those listed.
    pub unlisted: u64,
}

/// Longest list of findings; more are counted.
const MAX_FINDINGS: usize = 1000;

impl Audit {
    /// Whether nothing was found.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    pub(super) fn note(&mut self, subject: Subject, detail: impl Into<String>) {
        if self.notes.len() < MAX_FINDINGS {
            self.notes.push(Finding { subject, detail: detail.into() });
        }
    }

    pub(super) fn find(&mut self, subject: Subject, detail: impl Into<String>) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(Finding { subject, detail: detail.into() });
        } else {
            self.unlisted += 1;
        }
    }
}
