//! The audit log as a tree: rows get places, and the tree's heads are anchored like badges.

use domain::{BatchId, BatchState, BlockedReason, Position, Signer, Stream};
use proof::{AuditHead, AuditRow, Frontier, Hash, InclusionError, Timestamp};

use crate::StoreError;

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// What was done.
    pub row: AuditRow,
    /// Where it stands in the tree, and its leaf as stored; `None` while it waits for a place.
    pub place: Option<(u64, Hash)>,
}

/// A head and its entry among the badges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadRecord {
    /// What was anchored.
    pub head: AuditHead,
    /// Of its entry.
    pub position: Position,
}

/// Rows that no head covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WaitingLog {
    /// How many.
    pub rows: u64,
    /// The earliest of their times.
    pub since: Option<Timestamp>,
}

/// Places, heads, and pages over both.
#[async_trait::async_trait]
pub trait AuditLog: Send + Sync {
    /// The newest head.
    async fn last_head(&self) -> Result<Option<HeadRecord>, StoreError>;

    /// Rows that no head of `covered` rows covers, those about the batch `besides` left out.
    async fn waiting_log(
        &self,
        covered: u64,
        besides: Option<BatchId>,
    ) -> Result<WaitingLog, StoreError>;

    /// Gives up to `limit` rows without a place the next ones, in the order of their numbers; how
    /// many. A row that is committed late comes after those that have one already.
    async fn place_log(&self, limit: u32) -> Result<u64, StoreError>;

    /// Makes a head over all rows that have a place, and stores its entry with this salt as a badge of
    /// the stream, in one transaction. `None`, and nothing happens, where the newest head is another
    /// than number `after` (0: there is none), or covers them all.
    ///
    /// # Errors
    /// `NotFound` for a stream that takes no badges.
    async fn seal_log(
        &self,
        stream: &Stream,
        after: u64,
        salt: Hash,
        now: Timestamp,
    ) -> Result<Option<HeadRecord>, StoreError>;

    /// Heads above a number, by number.
    async fn heads(&self, after: u64, limit: u32) -> Result<Vec<HeadRecord>, StoreError>;

    /// The first head that covers a place.
    async fn head_covering(&self, index: u64) -> Result<Option<HeadRecord>, StoreError>;

    /// Rows with a place from `index` on, by place.
    async fn placed_log(&self, index: u64, limit: u32) -> Result<Vec<LogRow>, StoreError>;

    /// Rows without a place above a number, by number.
    async fn unplaced_log(&self, after: u64, limit: u32) -> Result<Vec<LogRow>, StoreError>;

    /// The edge at which rows get places.
    async fn log_tree(&self) -> Result<Frontier, StoreError>;

    /// The row of this number.
    async fn log_row(&self, number: u64) -> Result<Option<LogRow>, StoreError>;

    /// The first row of this action and subject; it may read the whole log.
    async fn log_row_of(&self, action: &str, subject: &str) -> Result<Option<LogRow>, StoreError>;

    /// Entries of heads after a position (exclusive), by position: those that are stored, whether or
    /// not their heads are.
    async fn head_entries(
        &self,
        after: Option<Position>,
        limit: u32,
    ) -> Result<Vec<Position>, StoreError>;
}

/// Number, place and leaf of a row that gets a place.
pub type NewPlace = (u64, u64, Hash);

/// Gives rows the places at the tree's edge, which moves on.
///
/// # Errors
/// `Limit` for a tree that is full.
pub fn place_rows(tree: &mut Frontier, rows: &[LogRow]) -> Result<Vec<NewPlace>, StoreError> {
    let mut places = Vec::with_capacity(rows.len());
    for LogRow { row, .. } in rows {
        let (index, leaf) = (tree.size(), row.leaf());
        let full = |error: InclusionError| StoreError::Limit(error.to_string());
        tree.push(leaf).map_err(full)?;
        places.push((row.number, index, leaf));
    }
    Ok(places)
}

/// The head over a tree, unless the last one is another than number `after` or covers it all.
#[must_use]
pub fn next_head(
    tree: &Frontier,
    last: Option<&HeadRecord>,
    after: u64,
    service: &str,
    now: Timestamp,
) -> Option<AuditHead> {
    let (sequence, covered) = last.map_or((0, 0), |last| (last.head.sequence, last.head.size));
    if sequence != after || tree.size() <= covered {
        return None;
    }
    Some(AuditHead {
        service: service.to_owned(),
        sequence: sequence + 1,
        size: tree.size(),
        root: tree.root()?,
        previous: last.map(|last| last.head.digest()),
        made_at: now,
    })
}

/// What the log says of a signer that is registered.
#[must_use]
pub fn signer_subject(signer: &Signer) -> String {
    let Signer { id, chain_id, address, base_nonce, .. } = signer;
    format!("signer {id} of chain {chain_id}: {address}, from nonce {base_nonce}")
}

/// What the log says of a stream that takes badges.
#[must_use]
pub fn stream_subject(stream: &Stream) -> String {
    let Stream { id, chain_id, registry, service, promise_ms, .. } = stream;
    format!("stream {id} of {service}: registry {registry} of chain {chain_id}, {promise_ms} ms")
}

/// What the log says of a batch that is blocked; `None` where it is said already.
#[must_use]
pub fn blocked_action(before: &BatchState, reason: BlockedReason) -> Option<String> {
    let known = matches!(before, BatchState::Blocked { reason: known, .. } if *known == reason);
    (!known).then(|| format!("batch.blocked.{}", reason.name()))
}
