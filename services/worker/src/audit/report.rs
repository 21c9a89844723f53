//! What the auditor has to say.

use std::fmt;

use domain::{BatchId, Position, SignerId, TransactionId};
use proof::TileId;
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

    pub(super) fn find(&mut self, subject: Subject, detail: impl Into<String>) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(Finding { subject, detail: detail.into() });
        } else {
            self.unlisted += 1;
        }
    }
}
